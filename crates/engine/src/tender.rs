//! One task for each sale that wants something of the provider: it tries the sale's effects, so many at a time, until
//! none is left.
//!
//! Looking at all effects of a sale costs in proportion to their number, so that is done a few times a second at most;
//! whether a single one is still wanted is looked up by its number.

use crate::Published;
use crate::effects::Effects;
use crate::schedule::Schedule;
use fairseat_domain::Sale;
use fairseat_domain::effect::Effect;
use fairseat_domain::ids::{EventNumber, RefundNumber};
use fairseat_domain::planted::{Bug, planted};
use fairseat_domain::sale::{PaymentState, RefundState};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Calls to the provider under way at once for one sale, so that it cannot use up all there may be.
const MAX_CALLS_PER_SALE: usize = 16;
/// Between two looks at all effects of a sale at least.
const LOOK_AFTER: Duration = Duration::from_millis(100);
/// And at most, since an attempt may come to want looking into without any fact.
const LOOK_EVERY: Duration = Duration::from_secs(5);

pub(crate) struct Tender {
    effects: Arc<Effects>,
    event: EventNumber,
    versions: watch::Receiver<Arc<Published>>,
    schedule: Schedule,
    calls: FuturesUnordered<BoxFuture<'static, Effect>>,
}

/// Why a look at everything is taken again.
enum Look {
    Again,
    /// The sale's task has ended.
    NoMore,
}

impl Tender {
    pub(crate) fn new(
        effects: Arc<Effects>,
        event: EventNumber,
        versions: watch::Receiver<Arc<Published>>,
    ) -> Self {
        Self { effects, event, versions, schedule: Schedule::default(), calls: FuturesUnordered::new() }
    }

    /// Returns when the sale wants nothing more, or has stopped.
    pub(crate) async fn run(mut self) {
        loop {
            let published = self.versions.borrow_and_update().clone();
            if !published.sale.has_effects() && self.calls.is_empty() {
                return;
            }
            let effects = published.sale.effects().into_iter();
            let unattended =
                effects.filter(|effect| !self.effects.is_followed(self.event, *effect, &published.sale));
            self.schedule.refresh(unattended, Instant::now());
            drop(published);
            if let Look::NoMore = self.work().await {
                return;
            }
        }
    }

    /// Tries what is due until it is time to look at everything again.
    async fn work(&mut self) -> Look {
        let looked = Instant::now();
        let mut look_at = looked + LOOK_EVERY;
        let mut changed = false;
        loop {
            self.begin_calls();
            let has_room = self.calls.len() < MAX_CALLS_PER_SALE;
            let next = self.schedule.next_at().filter(|_| has_room);
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(look_at) => return Look::Again,
                version = self.versions.changed(), if !changed => {
                    if version.is_err() {
                        return Look::NoMore;
                    }
                    changed = true;
                    look_at = looked + LOOK_AFTER;
                }
                Some(tried) = self.calls.next() => {
                    if !planted(Bug::NeverRetryEffects) {
                        self.schedule.tried(tried, Instant::now());
                    }
                }
                () = tokio::time::sleep_until(next.unwrap_or(look_at)), if next.is_some() => {}
            }
        }
    }

    fn begin_calls(&mut self) {
        while self.calls.len() < MAX_CALLS_PER_SALE
            && let Some(effect) = self.schedule.take(Instant::now())
        {
            if is_wanted(&self.versions.borrow().sale, effect) {
                let (effects, event) = (self.effects.clone(), self.event);
                self.calls.push(Box::pin(async move {
                    effects.attempt(event, effect).await;
                    effect
                }));
            } else {
                self.schedule.forget(effect);
            }
        }
    }
}

/// Whether the sale still asks for an effect, found out by its numbers alone.
pub(crate) fn is_wanted(sale: &Sale, effect: Effect) -> bool {
    let state = |payment| sale.payment(payment).map(|payment| payment.state);
    let is_pending =
        |refund: RefundNumber| sale.refund(refund).is_some_and(|refund| refund.state == RefundState::Pending);
    match effect {
        Effect::Settle(payment) => {
            matches!(state(payment), Some(PaymentState::Started | PaymentState::NeedsAction))
        }
        Effect::Cancel(payment) => state(payment) == Some(PaymentState::Cancelling),
        Effect::Capture(payment, _) => state(payment) == Some(PaymentState::Authorized),
        Effect::Refund(refund, payment, _) => {
            is_pending(refund) && state(payment) == Some(PaymentState::Captured)
        }
        Effect::Void(refund, _) => is_pending(refund),
    }
}
