//! Carries out the effects of all sales: finds the sales that have some, and keeps one worker for each.
//!
//! A crash loses no effect, because effects are not queued: [`Sale::effects`](fairseat_domain::Sale::effects) lists at any
//! time everything that must be done at the payment provider. An unknown outcome is retried with growing pauses; the
//! references make repeats harmless.

use super::effect_worker::EffectWorker;
use super::gateway::{Authorization, PaymentGateway, PaymentRef};
use super::provider_calls::{PaymentProgress, ProviderCalls};
use crate::engine::Engine;
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;

/// How often all awake sales are scanned for effects, also without any new fact.
const SCAN_EVERY: Duration = Duration::from_secs(5);

/// The effects of all sales of one engine.
#[derive(Debug)]
pub struct EffectRunner {
    engine: Engine,
    provider_calls: Arc<ProviderCalls>,
    /// Sales that have an [`EffectWorker`].
    with_worker: Mutex<BTreeSet<EventNumber>>,
    overdue: AtomicUsize,
}

/// Keeps a sale in `with_worker`. Dropping it takes the sale out, also when the worker panics.
struct WorkerGuard<'a> {
    with_worker: &'a Mutex<BTreeSet<EventNumber>>,
    event: EventNumber,
}

impl Drop for WorkerGuard<'_> {
    fn drop(&mut self) {
        self.with_worker.lock().remove(&self.event);
    }
}

impl EffectRunner {
    /// The effects of an engine's sales, carried out at a provider. `alone` says that no other process charges for these
    /// sales: then attempts that began before now are orphaned, and are looked up at once.
    #[must_use]
    pub fn new(engine: Engine, provider: Arc<dyn PaymentGateway>, alone: bool) -> Arc<Self> {
        let provider_calls = Arc::new(ProviderCalls::new(engine.clone(), provider, alone));
        let (with_worker, overdue) = (Mutex::default(), AtomicUsize::new(0));
        Arc::new(Self { engine, provider_calls, with_worker, overdue })
    }

    /// Serves every sale until the engine stops.
    pub async fn run(self: Arc<Self>) {
        let mut feed = self.engine.follow();
        let mut scan = tokio::time::interval(SCAN_EVERY);
        loop {
            tokio::select! {
                biased;
                () = self.engine.stopped() => return,
                _ = scan.tick() => self.scan(),
                committed = feed.recv() => match committed {
                    Ok(committed) => self.ensure_worker(committed.number, &committed.published.state),
                    // The scan finds the sales whose messages the feed dropped.
                    Err(broadcast::error::RecvError::Lagged(_)) => scan.reset_immediately(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            }
        }
    }

    fn scan(self: &Arc<Self>) {
        let now = self.engine.clock().now();
        let mut overdue: usize = 0;
        for (event, handle) in self.engine.handles() {
            let sale = &handle.published().state;
            self.ensure_worker(event, sale);
            overdue = overdue.saturating_add(sale.overdue(now));
        }
        let before = self.overdue.swap(overdue, Ordering::Relaxed);
        if overdue > before {
            tracing::error!(
                overdue,
                "payments or refunds have been pending at the provider for over an hour"
            );
        }
    }

    /// Payments and refunds that have been pending at the provider for over an hour, as of the last scan. A sale with
    /// effects stays awake, so the scan misses none.
    #[must_use]
    pub fn overdue(&self) -> usize {
        self.overdue.load(Ordering::Relaxed)
    }

    /// Starts a worker for a sale that has effects and no worker yet.
    fn ensure_worker(self: &Arc<Self>, event: EventNumber, sale: &Sale) {
        if sale.has_effects() && self.with_worker.lock().insert(event) {
            tokio::spawn(self.clone().work(event));
        }
    }

    async fn work(self: Arc<Self>, event: EventNumber) {
        loop {
            let guard = WorkerGuard { with_worker: &self.with_worker, event };
            // Another node calls the provider for the sales that it serves. The next scan asks again.
            if self.engine.claim(vec![event]).await.is_empty() {
                return;
            }
            let Ok(handle) = self.engine.handle(event).await else { return };
            EffectWorker::new(self.provider_calls.clone(), event, handle.watch()).run().await;
            drop(guard);
            // A fact that came after the worker's last check, but before the drop, started no worker: the sale still had one.
            if !(handle.published().state.has_effects() && self.with_worker.lock().insert(event)) {
                return;
            }
        }
    }

    /// Charges for an attempt that a buyer has just begun, and reports the outcome to the sale; `None` when
    /// another caller reported it. The caller runs this in a task that goes on when the buyer leaves. If the future is dropped
    /// nevertheless, the attempt counts as orphaned and is looked up.
    pub fn pay(&self, authorization: Authorization) -> impl Future<Output = Option<PaymentProgress>> + use<> {
        ProviderCalls::charge(&self.provider_calls, authorization)
    }

    /// Asks the provider about an attempt now, because a webhook or the buyer says that it changed.
    pub async fn query_provider(&self, reference: PaymentRef) -> Option<PaymentProgress> {
        self.provider_calls.query_provider(reference).await
    }

    /// The address at which the buyer must confirm an attempt, if the provider waits for that.
    pub async fn action_url(&self, reference: PaymentRef) -> Option<String> {
        self.provider_calls.action_url(reference).await
    }
}
