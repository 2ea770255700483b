//! Calls to the payment provider, and the commands that report their outcomes to the sale.

use super::gateway::{
    Authorization, Capture, PaymentGateway, PaymentRef, ProviderFault, ProviderState, RefundAnswer, RefundRef,
};
use super::schedule::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::engine::Engine;
use crate::published::Answered;
use fairseat_domain::command::PaymentOutcome;
use fairseat_domain::effect::Effect;
use fairseat_domain::ids::{EventNumber, PaymentNumber, RefundNumber};
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_domain::sale::{PaymentState, RefundState};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Command, Sale};
use fairseat_journal::crash_point;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Calls to the provider in progress, apart from charges that buyers wait for.
const MAX_CALLS: usize = 128;
/// Charges in progress.
const MAX_CHARGES: usize = 256;
/// How long one call may take before its outcome counts as unknown.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// An attempt without a charge in progress counts as orphaned after this time.
const ORPHANED_AFTER: Millis = Millis::from_seconds(60);

/// A provider's report about an attempt, and the sale's answer to it.
#[derive(Debug)]
pub struct PaymentProgress {
    /// The address at which the buyer must confirm, if the provider waits for that.
    pub action_url: Option<String>,
    /// The sale's answer to the provider's report.
    pub answered: Answered,
}

#[derive(Debug)]
pub(crate) struct ProviderCalls {
    engine: Engine,
    provider: Arc<dyn PaymentGateway>,
    /// The start of this process, if no other process charges: attempts that began before are orphaned.
    alone_since: Option<Timestamp>,
    /// Attempts whose charge is in progress in this process.
    charging: Mutex<BTreeSet<PaymentRef>>,
    calls: Semaphore,
    charges: Semaphore,
}

/// Keeps an attempt in `charging`. Dropping it takes the attempt out, also when the charge panics.
struct ChargeGuard {
    calls: Arc<ProviderCalls>,
    reference: PaymentRef,
}

impl Drop for ChargeGuard {
    fn drop(&mut self) {
        self.calls.charging.lock().remove(&self.reference);
    }
}

impl ProviderCalls {
    pub(crate) fn new(engine: Engine, provider: Arc<dyn PaymentGateway>, alone: bool) -> Self {
        let alone_since = alone.then(|| engine.clock().now());
        Self {
            engine,
            provider,
            alone_since,
            charging: Mutex::default(),
            calls: Semaphore::new(MAX_CALLS),
            charges: Semaphore::new(MAX_CHARGES),
        }
    }

    /// Whether the request that began an attempt still waits for its outcome, so that no worker needs to look it up.
    pub(crate) fn has_waiting_request(&self, event: EventNumber, effect: Effect, sale: &Sale) -> bool {
        let Effect::LookUp(payment) = effect else { return false };
        let Some(attempt) = sale.payment(payment) else { return true };
        let young = self.engine.clock().now().since(attempt.started_at) < ORPHANED_AFTER;
        let charging = self.charging.lock().contains(&PaymentRef { event, payment });
        attempt.state == PaymentState::Started
            && (charging || (young && attempt.started_at >= self.orphaned_before(event)))
    }

    /// Attempts that began before this time are orphaned: nobody charged for this sale then who still does. If that is not known, it is the
    /// epoch. Should another process charge nevertheless, the provider cancels the attempt for it as well, and the buyer pays again.
    fn orphaned_before(&self, event: EventNumber) -> Timestamp {
        self.alone_since.or_else(|| self.engine.home_since(event)).unwrap_or(Timestamp::EPOCH)
    }

    /// Tries one effect once and reports its outcome to the sale.
    pub(crate) async fn perform_and_report(&self, event: EventNumber, effect: Effect) {
        let Ok(_permit) = self.calls.acquire().await else { return };
        if !self.wants(event, effect).await {
            return;
        }
        match self.perform(event, effect).await {
            Ok(Some(command)) => {
                if let Err(fault) = self.engine.submit_system(event, command).await {
                    tracing::warn!(event = event.0, ?effect, %fault, "the provider's answer could not be reported, trying again");
                }
            }
            Ok(None) => {}
            Err(fault) => {
                tracing::warn!(event = event.0, ?effect, %fault, "the call to the provider is retried");
            }
        }
    }

    async fn wants(&self, event: EventNumber, effect: Effect) -> bool {
        match self.engine.handle(event).await {
            Ok(sale) => is_wanted(&sale.published().state, effect),
            Err(_) => false,
        }
    }

    /// Calls the provider once; the command that reports the outcome, if the provider has decided.
    async fn perform(&self, event: EventNumber, effect: Effect) -> Result<Option<Command>, ProviderFault> {
        let reference = |payment| PaymentRef { event, payment };
        match effect {
            Effect::LookUp(payment) => {
                let state = within(self.provider.state(reference(payment))).await?;
                // The provider does not know the attempt, but its request may still arrive: cancelling prevents a late charge.
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
                crash_point!("pay.before_capture");
                let capture = within(self.provider.capture(reference(payment), amount)).await?;
                crash_point!("pay.after_capture");
                Ok(Some(Command::ReportCapture { payment, captured: capture == Capture::Captured }))
            }
            Effect::Refund(refund, payment, amount) => {
                let reference = RefundRef { payment: reference(payment), refund };
                if planted(Bug::ReportRefundWithoutAsking) {
                    return Ok(Some(Command::ReportRefund { refund, completed: true }));
                }
                crash_point!("pay.before_refund");
                let answer = within(self.provider.refund(reference, amount)).await?;
                crash_point!("pay.after_refund");
                Ok(Some(Command::ReportRefund { refund, completed: answer == RefundAnswer::Completed }))
            }
            Effect::Void(refund, payment) => self.void(event, payment, refund).await,
        }
    }

    /// Voids an authorization that is no longer wanted. If the money was captured by other means, it is refunded.
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
                let sale =
                    self.engine.handle(event).await.map_err(|fault| ProviderFault(fault.to_string()))?;
                let Some(amount) = sale.published().state.refund(refund).map(|refund| refund.amount) else {
                    return Ok(None);
                };
                let answer =
                    within(self.provider.refund(RefundRef { payment: reference, refund }, amount)).await?;
                answer == RefundAnswer::Completed
            }
            ProviderState::Unknown
            | ProviderState::Processing
            | ProviderState::NeedsAction { .. }
            | ProviderState::Authorized => return Ok(None),
        };
        Ok(Some(Command::ReportRefund { refund, completed }))
    }

    /// Charges for an attempt until the sale knows its outcome; `None` when another caller reported it. From this call on,
    /// not only from the first poll, the attempt counts as one with a waiting request.
    pub(crate) fn charge(
        calls: &Arc<Self>,
        authorization: Authorization,
    ) -> impl Future<Output = Option<PaymentProgress>> + use<> {
        calls.charging.lock().insert(authorization.reference);
        let guard = ChargeGuard { calls: calls.clone(), reference: authorization.reference };
        async move { guard.calls.charge_and_report(&authorization).await }
    }

    async fn charge_and_report(&self, authorization: &Authorization) -> Option<PaymentProgress> {
        let PaymentRef { event, payment } = authorization.reference;
        let mut pause = FIRST_PAUSE;
        while self.wants(event, Effect::LookUp(payment)).await {
            match self.authorize(authorization.clone()).await {
                Ok(state) => {
                    if planted(Bug::CaptureBeforeConfirmation) {
                        drop(self.provider.capture(authorization.reference, authorization.amount).await);
                    }
                    if let Some(progress) = self.report_state(event, payment, state).await {
                        return Some(progress);
                    }
                }
                Err(fault) => {
                    tracing::warn!(event = event.0, payment = payment.0, %fault, "the charge is retried");
                }
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        None
    }

    async fn authorize(&self, mut authorization: Authorization) -> Result<ProviderState, ProviderFault> {
        let permit = self.charges.acquire().await.map_err(|closed| ProviderFault(closed.to_string()))?;
        if planted(Bug::ChargeUnderNewReference) {
            authorization.reference.payment.0 += u32::from(self.charging.lock().len() > 1);
        }
        crash_point!("pay.before_charge");
        let state = within(self.provider.authorize(authorization)).await;
        crash_point!("pay.after_charge");
        drop(permit);
        state
    }

    /// Reports an attempt's state to the sale; `None` when the provider has not decided or the sale cannot answer.
    async fn report_state(
        &self,
        event: EventNumber,
        payment: PaymentNumber,
        state: ProviderState,
    ) -> Option<PaymentProgress> {
        let command = report(payment, &state)?;
        let answered = self.engine.submit_system(event, command).await.ok()?;
        let action_url = if let ProviderState::NeedsAction { url } = state { Some(url) } else { None };
        Some(PaymentProgress { action_url, answered })
    }

    /// Asks the provider about an attempt and reports the answer to the sale.
    pub(crate) async fn query_provider(&self, reference: PaymentRef) -> Option<PaymentProgress> {
        let state = within(self.provider.state(reference)).await.ok()?;
        self.report_state(reference.event, reference.payment, state).await
    }

    /// The address at which the buyer must confirm an attempt, if the provider waits for that.
    pub(crate) async fn action_url(&self, reference: PaymentRef) -> Option<String> {
        match within(self.provider.state(reference)).await {
            Ok(ProviderState::NeedsAction { url }) => Some(url),
            Ok(_) | Err(_) => None,
        }
    }
}

/// The command that reports an attempt's state; `None` while the provider has not decided.
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

/// A call's answer, or a fault when the call takes longer than [`CALL_TIMEOUT`].
async fn within<T>(call: impl Future<Output = Result<T, ProviderFault>>) -> Result<T, ProviderFault> {
    match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(answer) => answer,
        Err(_elapsed) => Err(ProviderFault("no answer in time".to_owned())),
    }
}

/// Whether the sale still has an effect, looked up by its numbers alone.
pub(crate) fn is_wanted(sale: &Sale, effect: Effect) -> bool {
    let state = |payment| sale.payment(payment).map(|payment| payment.state);
    let is_pending =
        |refund: RefundNumber| sale.refund(refund).is_some_and(|refund| refund.state == RefundState::Pending);
    match effect {
        Effect::LookUp(payment) => {
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
