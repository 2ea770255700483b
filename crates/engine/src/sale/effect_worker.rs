//! The worker of one sale that has effects: it tries them, a bounded number at a time, until none is left.
//!
//! Listing all effects of a sale costs in proportion to their number, so the worker does that a few times a second at
//! most. Whether a single effect is still wanted is looked up by its number.

use super::provider_calls::{ProviderCalls, is_wanted};
use super::schedule::Schedule;
use crate::published::Published;
use fairseat_domain::effect::Effect;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::planted_bugs::{Bug, planted};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Calls to the provider in progress for one sale, so that one sale cannot use up the calls of all.
const MAX_CALLS_PER_SALE: usize = 16;
/// The least time between two lists of all effects.
const LIST_AFTER: Duration = Duration::from_millis(100);
/// The longest time between two lists of all effects: an attempt can become orphaned without a new fact.
const LIST_EVERY: Duration = Duration::from_secs(5);

pub(crate) struct EffectWorker {
    provider_calls: Arc<ProviderCalls>,
    event: EventNumber,
    versions: watch::Receiver<Arc<Published>>,
    schedule: Schedule,
    calls: FuturesUnordered<BoxFuture<'static, Effect>>,
}

/// Why the worker stopped trying effects for the moment.
enum Pause {
    /// It is time to list all effects again.
    List,
    /// The sale's task has ended.
    SaleEnded,
}

impl EffectWorker {
    pub(crate) fn new(
        provider_calls: Arc<ProviderCalls>,
        event: EventNumber,
        versions: watch::Receiver<Arc<Published>>,
    ) -> Self {
        let (schedule, calls) = (Schedule::default(), FuturesUnordered::new());
        Self { provider_calls, event, versions, schedule, calls }
    }

    /// Returns when the sale has no effects left, or its task has ended.
    pub(crate) async fn run(mut self) {
        loop {
            let published = self.versions.borrow_and_update().clone();
            let sale = &published.state;
            if !sale.has_effects() && self.calls.is_empty() {
                return;
            }
            let effects = sale.effects().into_iter();
            let ours =
                effects.filter(|effect| !self.provider_calls.has_waiting_request(self.event, *effect, sale));
            self.schedule.refresh(ours, Instant::now());
            drop(published);
            if let Pause::SaleEnded = self.try_effects().await {
                return;
            }
        }
    }

    /// Tries due effects until it is time to list all again.
    async fn try_effects(&mut self) -> Pause {
        let listed = Instant::now();
        let mut list_at = listed + LIST_EVERY;
        let mut changed = false;
        loop {
            self.begin_calls();
            let has_room = self.calls.len() < MAX_CALLS_PER_SALE;
            let next = self.schedule.next_at().filter(|_| has_room);
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(list_at) => return Pause::List,
                version = self.versions.changed(), if !changed => {
                    if version.is_err() {
                        return Pause::SaleEnded;
                    }
                    changed = true;
                    list_at = listed + LIST_AFTER;
                }
                Some(tried) = self.calls.next() => {
                    if !planted(Bug::NeverRetryEffects) {
                        self.schedule.tried(tried, Instant::now());
                    }
                }
                () = tokio::time::sleep_until(next.unwrap_or(list_at)), if next.is_some() => {}
            }
        }
    }

    fn begin_calls(&mut self) {
        while self.calls.len() < MAX_CALLS_PER_SALE
            && let Some(effect) = self.schedule.take(Instant::now())
        {
            if is_wanted(&self.versions.borrow().state, effect) {
                let (provider_calls, event) = (self.provider_calls.clone(), self.event);
                self.calls.push(Box::pin(async move {
                    provider_calls.perform_and_report(event, effect).await;
                    effect
                }));
            } else {
                self.schedule.forget(effect);
            }
        }
    }
}
