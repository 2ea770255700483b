//! Does at the payment provider what the states of sales ask for, and hands the answers back as commands.
//!
//! Nothing is queued here that a crash could lose: [`Sale::effects`](fairseat_domain::Sale::effects) says at any time what is
//! to be done. A doubtful answer is asked again with growing pauses; the references make repeats harmless.

use crate::engine::{Answered, Engine};
use crate::ports::{
    Authorization, Capture, PaymentProvider, PaymentRef, ProviderFault, ProviderState, RefundAnswer,
    RefundRef,
};
use crate::schedule::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::tender::{Tender, is_wanted};
use fairseat_domain::command::PaymentOutcome;
use fairseat_domain::effect::Effect;
use fairseat_domain::ids::{EventNumber, PaymentNumber, RefundNumber};
use fairseat_domain::planted::{Bug, planted};
use fairseat_domain::sale::PaymentState;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Command, Sale};
use fairseat_journal::crash;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast, oneshot};

/// Calls to the provider under way at once, apart from charges that buyers wait for.
const MAX_CALLS: usize = 128;
/// Charges under way at once.
const MAX_CHARGES: usize = 256;
/// How long one call may take before its outcome counts as unknown.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// An attempt that nobody follows for so long is looked into.
const ORPHANED_AFTER: Millis = Millis::from_seconds(60);
/// How often all awake sales are looked at, whatever was or was not announced.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// How an attempt went, as far as it was followed.
#[derive(Debug)]
pub struct PaymentFollowed {
    /// Where the buyer must go, if the provider waits for that.
    pub action_url: Option<String>,
    /// The sale's answer to what the provider said.
    pub answered: Answered,
}

/// The runner of effects.
#[derive(Debug)]
pub struct Effects {
    engine: Engine,
    provider: Arc<dyn PaymentProvider>,
    /// Attempts begun before this instant have nobody following them: this process alone writes its journal.
    adopt_before: Timestamp,
    /// Sales that have a [`Tender`].
    tended: Mutex<BTreeSet<EventNumber>>,
    in_hand: Mutex<BTreeSet<PaymentRef>>,
    calls: Semaphore,
    charges: Semaphore,
    overdue: AtomicUsize,
}

/// A member of a set for as long as this lives, whatever becomes of the task that holds it.
struct Member<'a, T: Ord> {
    set: &'a Mutex<BTreeSet<T>>,
    key: T,
}

impl<T: Ord> Drop for Member<'_, T> {
    fn drop(&mut self) {
        self.set.lock().remove(&self.key);
    }
}

impl Effects {
    /// A runner. `alone` says that no other process follows attempts of these sales, so that those begun before now are
    /// looked into at once.
    #[must_use]
    pub fn new(engine: Engine, provider: Arc<dyn PaymentProvider>, alone: bool) -> Arc<Self> {
        let adopt_before = if alone { engine.clock().now() } else { Timestamp::EPOCH };
        Arc::new(Self {
            engine,
            provider,
            adopt_before,
            tended: Mutex::default(),
            in_hand: Mutex::default(),
            calls: Semaphore::new(MAX_CALLS),
            charges: Semaphore::new(MAX_CHARGES),
            overdue: AtomicUsize::new(0),
        })
    }

    /// Follows every sale until the engine stops.
    pub async fn run(self: Arc<Self>) {
        let mut feed = self.engine.follow();
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        loop {
            tokio::select! {
                biased;
                () = self.engine.stopped() => return,
                _ = sweep.tick() => self.sweep(),
                committed = feed.recv() => match committed {
                    Ok(committed) => self.consider(committed.event, &committed.published.sale),
                    // The sweep sees what was missed.
                    Err(broadcast::error::RecvError::Lagged(_)) => sweep.reset_immediately(),
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            }
        }
    }

    fn sweep(self: &Arc<Self>) {
        let now = self.engine.clock().now();
        let mut overdue: usize = 0;
        for (event, sale) in self.engine.awake_sales() {
            let sale = &sale.published().sale;
            self.consider(event, sale);
            overdue = overdue.saturating_add(sale.overdue(now));
        }
        let before = self.overdue.swap(overdue, Ordering::Relaxed);
        if overdue > before {
            tracing::error!(overdue, "the provider has not done for an hour what it was asked to do");
        }
    }

    /// Payments and refunds that the provider has not brought to an end for an hour, as of a few seconds ago. A sale that
    /// wants something of the provider does not sleep, so none is left out.
    #[must_use]
    pub fn overdue(&self) -> usize {
        self.overdue.load(Ordering::Relaxed)
    }

    /// Sees to it that somebody tends a sale that wants something.
    fn consider(self: &Arc<Self>, event: EventNumber, sale: &Sale) {
        if sale.has_effects() && self.tended.lock().insert(event) {
            tokio::spawn(self.clone().tend(event));
        }
    }

    async fn tend(self: Arc<Self>, event: EventNumber) {
        let mut wanted = true;
        while wanted {
            let membership = Member { set: &self.tended, key: event };
            let Ok(sale) = self.engine.sale(event).await else { return };
            Tender::new(self.clone(), event, sale.watch()).run().await;
            drop(membership);
            // What was announced since the last look found the sale still tended.
            wanted = sale.published().sale.has_effects() && self.tended.lock().insert(event);
        }
    }

    /// Whether an attempt is in the hands of the request that began it.
    pub(crate) fn is_followed(&self, event: EventNumber, effect: Effect, sale: &Sale) -> bool {
        let Effect::Settle(payment) = effect else { return false };
        let Some(attempt) = sale.payment(payment) else { return true };
        let young = self.engine.clock().now().since(attempt.started_at) < ORPHANED_AFTER;
        let in_hand = self.in_hand.lock().contains(&PaymentRef { event, payment });
        attempt.state == PaymentState::Started
            && (in_hand || (young && attempt.started_at >= self.adopt_before))
    }

    /// Tries one effect once and tells the sale what came of it.
    pub(crate) async fn attempt(&self, event: EventNumber, effect: Effect) {
        let Ok(_permit) = self.calls.acquire().await else { return };
        if !self.wants(event, effect).await {
            return;
        }
        match self.perform(event, effect).await {
            Ok(Some(command)) => {
                if let Err(fault) = self.engine.submit_system(event, command).await {
                    tracing::warn!(event = event.0, ?effect, %fault, "an answer of the provider waits");
                }
            }
            Ok(None) => {}
            Err(fault) => tracing::warn!(event = event.0, ?effect, %fault, "the provider is asked again"),
        }
    }

    async fn wants(&self, event: EventNumber, effect: Effect) -> bool {
        match self.engine.sale(event).await {
            Ok(sale) => is_wanted(&sale.published().sale, effect),
            Err(_) => false,
        }
    }

    /// Asks the provider once; the command its answer leads to, if it settles anything.
    async fn perform(&self, event: EventNumber, effect: Effect) -> Result<Option<Command>, ProviderFault> {
        let reference = |payment| PaymentRef { event, payment };
        match effect {
            Effect::Settle(payment) => {
                let state = within(self.provider.state(reference(payment))).await?;
                // An attempt the provider never saw must not reach it later.
                let state = if state == ProviderState::Unknown {
                    within(self.provider.cancel(reference(payment), false)).await?
                } else {
                    state
                };
                Ok(report(payment, &state))
            }
            Effect::Cancel(payment) => {
                let state = within(self.provider.cancel(reference(payment), false)).await?;
                Ok(report(payment, &state))
            }
            Effect::Capture(payment, amount) => {
                crash::point("pay.before_capture");
                let capture = within(self.provider.capture(reference(payment), amount)).await?;
                crash::point("pay.after_capture");
                Ok(Some(Command::ReportCapture { payment, captured: capture == Capture::Captured }))
            }
            Effect::Refund(refund, payment, amount) => {
                let reference = RefundRef { payment: reference(payment), refund };
                if planted(Bug::ReportRefundWithoutAsking) {
                    return Ok(Some(Command::ReportRefund { refund, completed: true }));
                }
                crash::point("pay.before_refund");
                let answer = within(self.provider.refund(reference, amount)).await?;
                crash::point("pay.after_refund");
                Ok(Some(Command::ReportRefund { refund, completed: answer == RefundAnswer::Completed }))
            }
            Effect::Void(refund, payment) => self.void(event, payment, refund).await,
        }
    }

    /// Lets go of money that nobody wants; gives it back should it have been taken by whatever way.
    async fn void(
        &self,
        event: EventNumber,
        payment: PaymentNumber,
        refund: RefundNumber,
    ) -> Result<Option<Command>, ProviderFault> {
        let reference = PaymentRef { event, payment };
        let completed = match within(self.provider.cancel(reference, true)).await? {
            ProviderState::Cancelled | ProviderState::Declined(_) => true,
            ProviderState::Captured if planted(Bug::ReportRefundWithoutAsking) => true,
            ProviderState::Captured => {
                let sale = self.engine.sale(event).await.map_err(|fault| ProviderFault(fault.to_string()))?;
                let Some(amount) = sale.published().sale.refund(refund).map(|refund| refund.amount) else {
                    return Ok(None);
                };
                let back =
                    within(self.provider.refund(RefundRef { payment: reference, refund }, amount)).await?;
                back == RefundAnswer::Completed
            }
            ProviderState::Unknown
            | ProviderState::Processing
            | ProviderState::NeedsAction { .. }
            | ProviderState::Authorized => return Ok(None),
        };
        Ok(Some(Command::ReportRefund { refund, completed }))
    }

    /// Follows an attempt that a buyer has just begun: charges, and reports what the provider says. It goes on whether or
    /// not anybody waits for the answer; `None` when the attempt was settled another way.
    pub fn pay(self: &Arc<Self>, authorization: Authorization) -> oneshot::Receiver<Option<PaymentFollowed>> {
        let (done, followed) = oneshot::channel();
        // In hand before anything else can see that it is not.
        self.in_hand.lock().insert(authorization.reference);
        let runner = self.clone();
        tokio::spawn(async move {
            let in_hand = Member { set: &runner.in_hand, key: authorization.reference };
            let outcome = runner.charge(&authorization).await;
            drop(in_hand);
            // The buyer may have gone.
            drop(done.send(outcome));
        });
        followed
    }

    async fn charge(&self, authorization: &Authorization) -> Option<PaymentFollowed> {
        let PaymentRef { event, payment } = authorization.reference;
        let mut pause = FIRST_PAUSE;
        while self.wants(event, Effect::Settle(payment)).await {
            match self.authorize(authorization.clone()).await {
                Ok(state) => {
                    if planted(Bug::CaptureBeforeConfirmation) {
                        drop(self.provider.capture(authorization.reference, authorization.amount).await);
                    }
                    if let Some(followed) = self.hand_in(event, payment, state).await {
                        return Some(followed);
                    }
                }
                Err(fault) => tracing::warn!(event = event.0, payment = payment.0, %fault, "charging again"),
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        None
    }

    async fn authorize(&self, mut authorization: Authorization) -> Result<ProviderState, ProviderFault> {
        let permit = self.charges.acquire().await.map_err(|closed| ProviderFault(closed.to_string()))?;
        if planted(Bug::ChargeUnderNewReference) {
            authorization.reference.payment.0 += u32::from(self.in_hand.lock().len() > 1);
        }
        crash::point("pay.before_charge");
        let state = within(self.provider.authorize(authorization)).await;
        crash::point("pay.after_charge");
        drop(permit);
        state
    }

    async fn hand_in(
        &self,
        event: EventNumber,
        payment: PaymentNumber,
        state: ProviderState,
    ) -> Option<PaymentFollowed> {
        let command = report(payment, &state)?;
        let answered = self.engine.submit_system(event, command).await.ok()?;
        let action_url = if let ProviderState::NeedsAction { url } = state { Some(url) } else { None };
        Some(PaymentFollowed { action_url, answered })
    }

    /// Asks the provider about an attempt now, because somebody hinted that it changed.
    pub async fn look_into(&self, reference: PaymentRef) -> Option<PaymentFollowed> {
        let state = within(self.provider.state(reference)).await.ok()?;
        self.hand_in(reference.event, reference.payment, state).await
    }

    /// Where the buyer must go for an attempt that waits for that.
    pub async fn action_url(&self, reference: PaymentRef) -> Option<String> {
        match within(self.provider.state(reference)).await {
            Ok(ProviderState::NeedsAction { url }) => Some(url),
            Ok(_) | Err(_) => None,
        }
    }
}

/// What the sale is told of an attempt's state; nothing while it is undecided.
fn report(payment: PaymentNumber, state: &ProviderState) -> Option<Command> {
    let outcome = match state {
        ProviderState::Authorized | ProviderState::Captured => PaymentOutcome::Authorized,
        ProviderState::NeedsAction { .. } => PaymentOutcome::NeedsAction,
        ProviderState::Declined(reason) => PaymentOutcome::Declined(*reason),
        ProviderState::Cancelled => PaymentOutcome::Cancelled,
        ProviderState::Unknown | ProviderState::Processing => return None,
    };
    Some(Command::ReportPayment { payment, outcome })
}

/// A call's answer, or that it took too long for anybody to know.
async fn within<T>(call: impl Future<Output = Result<T, ProviderFault>>) -> Result<T, ProviderFault> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(answer) => answer,
        Err(_elapsed) => Err(ProviderFault("no answer in time".to_owned())),
    }
}
