//! Refunds: paying money back by the provider or at the counter. How much is refunded: [`super::refund_policy`].

use super::{Decision, LedgerAccount, OrderState, PaymentState, Sale, Subject, Violation};
use crate::effect::Effect;
use crate::fact::{Fact, RefundDue, ReturnReason};
use crate::ids::{OrderNumber, PaymentNumber, RefundNumber};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// A refund to a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The payment that is refunded.
    pub payment: PaymentNumber,
    /// The amount.
    pub amount: Amount,
    /// The reason, if it sends back a payment that came too late. For a cancelled order the order has the reason.
    pub late_payment_reason: Option<ReturnReason>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Its state.
    pub state: RefundState,
}

/// The state of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// The provider has not paid it yet.
    Pending,
    /// It was paid.
    Completed,
    /// The provider refuses it for good; a person must look into it.
    Failed,
    /// The payment could not be captured, so there is nothing to refund.
    Dropped,
    /// Staff must hand it out at the counter, where it was paid.
    AtCounter,
}

/// The age at which a call to the provider is overdue. An attempt is cancelled at the latest 30 minutes after it began
/// ([`crate::limits::MAX_HOLD`] plus [`crate::limits::PAYMENT_GRACE`]). So after an hour it has usually failed for half an hour.
pub const OVERDUE_AFTER: Millis = Millis::from_seconds(3_600);

fn position(refund: RefundNumber) -> usize {
    usize::try_from(refund.0).unwrap_or(usize::MAX)
}

impl Sale {
    pub(super) fn decide_refund_report(
        &self,
        number: RefundNumber,
        completed: bool,
    ) -> Result<Decision, Refusal> {
        let refund = self.refund(number).ok_or(Refusal::NotFound)?;
        let payment = self.payment(refund.payment).ok_or(Refusal::NotFound)?;
        let order = payment.order;
        let facts = match (refund.state, completed) {
            // The provider is asked for a refund only after the capture, so this report is wrong.
            _ if refund.late_payment_reason.is_none() && payment.state != PaymentState::Captured => {
                Vec::new()
            }
            (RefundState::Pending | RefundState::Failed, true) => {
                vec![Fact::RefundCompleted { refund: number }]
            }
            (RefundState::Pending, false) => vec![Fact::RefundFailed { refund: number }],
            // Refunds at the counter are not reported by the provider; see `decide_hand_out`.
            (RefundState::Completed | RefundState::Dropped | RefundState::AtCounter, _)
            | (RefundState::Failed, false) => Vec::new(),
        };
        Ok(Decision::new(Subject::Cancellation(order, Some(number)), facts))
    }

    pub(super) fn decide_hand_out(&self, number: OrderNumber) -> Result<Decision, Refusal> {
        let order = self.order(number).ok_or(Refusal::NotFound)?;
        let OrderState::Cancelled { refund: Some(refund), .. } = order.state else {
            return Err(Refusal::NothingToHandOut);
        };
        let facts = match self.refund(refund).map(|refund| refund.state) {
            Some(RefundState::AtCounter) => vec![Fact::RefundCompleted { refund }],
            Some(RefundState::Completed) if order.counter_payment.is_some() => Vec::new(),
            Some(
                RefundState::Pending | RefundState::Completed | RefundState::Failed | RefundState::Dropped,
            )
            | None => return Err(Refusal::NothingToHandOut),
        };
        Ok(Decision::new(Subject::Cancellation(number, Some(refund)), facts))
    }

    pub(super) fn apply_refund_due(
        &mut self,
        due: &RefundDue,
        payment: PaymentNumber,
    ) -> Result<(), Violation> {
        self.ledger.transfer(LedgerAccount::RefundsOwed, LedgerAccount::Tickets, due.seats)?;
        self.ledger.transfer(LedgerAccount::RefundsOwed, LedgerAccount::Fees, due.fees)?;
        let amount = due.seats.plus(due.fees).map_err(|error| Violation::new(error.to_string()))?;
        self.add_refund(due.refund, payment, amount, None)
    }

    pub(super) fn apply_returned(
        &mut self,
        number: PaymentNumber,
        refund: RefundNumber,
        reason: ReturnReason,
    ) -> Result<(), Violation> {
        let payment = *self.payment_mut(number)?;
        match payment.state {
            PaymentState::Started | PaymentState::NeedsAction | PaymentState::Cancelling => {
                self.apply_payment_ended(number, PaymentState::Returned(refund))?;
            }
            PaymentState::Declined(_) | PaymentState::Cancelled => {
                self.payment_mut(number)?.state = PaymentState::Returned(refund);
            }
            PaymentState::Authorized
            | PaymentState::Captured
            | PaymentState::CaptureFailed
            | PaymentState::Returned(_) => {
                return Err(Violation::new(format!("payment {number} is sent back twice")));
            }
        }
        self.ledger.transfer(LedgerAccount::RefundsOwed, LedgerAccount::Authorized, payment.amount)?;
        self.add_refund(refund, number, payment.amount, Some(reason))
    }

    fn add_refund(
        &mut self,
        number: RefundNumber,
        payment: PaymentNumber,
        amount: Amount,
        late_payment_reason: Option<ReturnReason>,
    ) -> Result<(), Violation> {
        if position(number) != self.refunds.len() {
            return Err(Violation::new(format!("refund {number} is out of order")));
        }
        let decided_at = self.now;
        let at_counter = self.is_at_counter(payment) && !planted(Bug::RefundCounterSaleAtProvider);
        let state = if at_counter { RefundState::AtCounter } else { RefundState::Pending };
        self.refunds.push_back(Refund { payment, amount, late_payment_reason, decided_at, state });
        if !at_counter {
            self.index.unrefunded.insert(number);
        }
        Ok(())
    }

    pub(super) fn apply_refund_ended(
        &mut self,
        number: RefundNumber,
        completed: bool,
    ) -> Result<(), Violation> {
        let refund = self.refund_mut(number)?;
        if matches!(refund.state, RefundState::Completed | RefundState::Dropped) {
            return Err(Violation::new(format!("refund {number} has already ended")));
        }
        refund.state = if completed { RefundState::Completed } else { RefundState::Failed };
        let refund = *refund;
        self.index.unrefunded.remove(&number);
        if !completed {
            return Ok(());
        }
        let from = match refund.late_payment_reason {
            Some(_) => LedgerAccount::Authorized,
            None if self.is_at_counter(refund.payment) => LedgerAccount::Counter,
            None => LedgerAccount::Captured,
        };
        if refund.late_payment_reason.is_none() {
            let sum = self.index.refunded_total.plus(refund.amount);
            self.index.refunded_total = sum.map_err(|error| Violation::new(error.to_string()))?;
        }
        self.ledger.transfer(from, LedgerAccount::RefundsOwed, refund.amount)
    }

    /// Drops a refund whose payment could not be captured.
    pub(super) fn drop_refund(&mut self, number: RefundNumber) -> Result<(), Violation> {
        let refund = self.refund_mut(number)?;
        if refund.state != RefundState::Pending {
            return Err(Violation::new(format!(
                "the payment of refund {number} could not be captured, but the refund is not pending"
            )));
        }
        refund.state = RefundState::Dropped;
        let amount = refund.amount;
        self.index.unrefunded.remove(&number);
        self.ledger.transfer(LedgerAccount::Uncollected, LedgerAccount::RefundsOwed, amount)
    }

    fn refund_mut(&mut self, number: RefundNumber) -> Result<&mut Refund, Violation> {
        self.refunds
            .get_mut(position(number))
            .ok_or_else(|| Violation::new(format!("there is no refund {number}")))
    }

    /// A refund.
    #[must_use]
    pub fn refund(&self, number: RefundNumber) -> Option<&Refund> {
        self.refunds.get(position(number))
    }

    /// All calls to the provider that are due now. They are derived from the state, so a crash loses none, and they are
    /// idempotent.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let look_up = self.index.cancel_deadlines.iter().map(|(_, payment)| Effect::LookUp(*payment));
        let cancel = self.index.cancelling.iter().map(|payment| Effect::Cancel(*payment));
        let stands =
            |order| self.index.confirmed.contains(order) || !planted(Bug::SkipCaptureOfCancelledOrders);
        let capture = self.index.uncaptured.iter().filter_map(|number| {
            let payment = self.payment(*number).filter(|payment| stands(&payment.order))?;
            Some(Effect::Capture(*number, payment.amount))
        });
        let refunds = self.index.unrefunded.iter().filter_map(|number| self.refund_effect(*number));
        look_up.chain(cancel).chain(capture).chain(refunds).collect()
    }

    /// The effect of a refund: none until the payment is captured; a late payment is voided instead.
    fn refund_effect(&self, number: RefundNumber) -> Option<Effect> {
        let refund = self.refund(number)?;
        if refund.late_payment_reason.is_some() {
            return Some(Effect::Void(number, refund.payment));
        }
        let captured = self.payment(refund.payment)?.state == PaymentState::Captured;
        let whole = planted(Bug::RefundWholePayment);
        let amount = if whole { self.payment(refund.payment)?.amount } else { refund.amount };
        captured.then_some(Effect::Refund(number, refund.payment, amount))
    }

    /// Whether calls to the provider are due.
    #[must_use]
    pub fn has_effects(&self) -> bool {
        !(self.index.cancel_deadlines.is_empty()
            && self.index.cancelling.is_empty()
            && self.index.uncaptured.is_empty()
            && self.index.unrefunded.is_empty())
    }

    /// The number of overdue calls to the provider: their attempt or refund began at least [`OVERDUE_AFTER`] ago. The
    /// operator should be alerted, because the provider has failed for a long time.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> usize {
        let late = |since: Timestamp| since.plus(OVERDUE_AFTER) <= now;
        let payments = self.index.cancelling.iter().chain(self.index.uncaptured.iter());
        let payments =
            payments.filter(|number| self.payment(**number).is_some_and(|payment| late(payment.started_at)));
        let refunds = self.index.unrefunded.iter();
        let refunds =
            refunds.filter(|number| self.refund(**number).is_some_and(|refund| late(refund.decided_at)));
        payments.count().saturating_add(refunds.count())
    }

    /// Problems that a person must solve: failed captures, failed refunds, and refunds to hand out at the counter.
    pub fn alerts(&self) -> impl Iterator<Item = Alert> + '_ {
        let captures = self.payments.iter().zip(0_u32..).filter_map(|(payment, number)| {
            let confirmed =
                self.order(payment.order).is_some_and(|o| matches!(o.state, OrderState::Confirmed(_)));
            (payment.state == PaymentState::CaptureFailed && confirmed)
                .then_some(Alert::CaptureFailed(PaymentNumber(number)))
        });
        let refunds = self.refunds().filter_map(|(number, refund)| match refund.state {
            RefundState::Failed => Some(Alert::RefundFailed(number)),
            RefundState::AtCounter => Some(Alert::RefundAtCounter(number)),
            RefundState::Pending | RefundState::Completed | RefundState::Dropped => None,
        });
        captures.chain(refunds)
    }
}

/// A problem that a person must solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// The provider refuses for good to capture a payment; the order's tickets are suspended.
    CaptureFailed(PaymentNumber),
    /// The provider refuses a refund for good.
    RefundFailed(RefundNumber),
    /// A refund must be handed out at the counter.
    RefundAtCounter(RefundNumber),
}
