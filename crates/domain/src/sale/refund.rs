//! Refunds: money on its way back, until the provider says it is done or finally cannot.

use super::{Account, Decision, OrderState, PaymentState, Sale, Subject, Violation};
use crate::command::{Canceller, GiveBack};
use crate::effect::Effect;
use crate::fact::{Fact, RefundDue, ReturnReason};
use crate::ids::{OrderNumber, PaymentNumber, RefundNumber};
use crate::money::Amount;
use crate::planted::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};

/// Money on its way back to a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The attempt that took it.
    pub payment: PaymentNumber,
    /// How much.
    pub amount: Amount,
    /// Why, when it was a payment that came too late; an order's end says why itself.
    pub late: Option<ReturnReason>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// How far it got.
    pub state: RefundState,
}

/// How far a refund got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundState {
    /// To be done.
    Pending,
    /// The buyer has it.
    Completed,
    /// The provider finally refused: somebody must look.
    Failed,
    /// The money was never taken, so there is nothing to give back.
    Dropped,
    /// To be handed out at the counter where it was taken: somebody must.
    AtCounter,
}

/// An attempt is cancelled 45 minutes after it began at the latest, so what is open for longer waits for the provider.
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
            // Money that was not taken cannot have been given back: nobody was asked to.
            _ if refund.late.is_none() && payment.state != PaymentState::Captured => Vec::new(),
            (RefundState::Pending | RefundState::Failed | RefundState::AtCounter, true) => {
                vec![Fact::RefundCompleted { refund: number }]
            }
            (RefundState::Pending, false) => vec![Fact::RefundFailed { refund: number }],
            (RefundState::Completed | RefundState::Dropped, _)
            | (RefundState::Failed | RefundState::AtCounter, false) => Vec::new(),
        };
        Ok(Decision::new(Subject::Cancellation(order, Some(number)), facts))
    }

    pub(super) fn apply_refund_due(
        &mut self,
        due: &RefundDue,
        payment: PaymentNumber,
    ) -> Result<(), Violation> {
        self.ledger.transfer(Account::RefundsOwed, Account::Tickets, due.seats)?;
        self.ledger.transfer(Account::RefundsOwed, Account::Fees, due.fees)?;
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
        self.ledger.transfer(Account::RefundsOwed, Account::Authorized, payment.amount)?;
        self.add_refund(refund, number, payment.amount, Some(reason))
    }

    fn add_refund(
        &mut self,
        number: RefundNumber,
        payment: PaymentNumber,
        amount: Amount,
        late: Option<ReturnReason>,
    ) -> Result<(), Violation> {
        if position(number) != self.refunds.len() {
            return Err(Violation::new(format!("refund {number} is out of order")));
        }
        let decided_at = self.now;
        let at_counter = self.is_at_counter(payment) && !planted(Bug::RefundCounterSaleAtProvider);
        let state = if at_counter { RefundState::AtCounter } else { RefundState::Pending };
        self.refunds.push_back(Refund { payment, amount, late, decided_at, state });
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
            return Err(Violation::new(format!("refund {number} is over")));
        }
        refund.state = if completed { RefundState::Completed } else { RefundState::Failed };
        let refund = *refund;
        self.index.unrefunded.remove(&number);
        if !completed {
            return Ok(());
        }
        let from = match refund.late {
            Some(_) => Account::Authorized,
            None if self.is_at_counter(refund.payment) => Account::Counter,
            None => Account::Captured,
        };
        if refund.late.is_none() {
            let sum = self.index.given_back.plus(refund.amount);
            self.index.given_back = sum.map_err(|error| Violation::new(error.to_string()))?;
        }
        self.ledger.transfer(from, Account::RefundsOwed, refund.amount)
    }

    /// The money a refund would give back was never handed over.
    pub(super) fn drop_refund(&mut self, number: RefundNumber) -> Result<(), Violation> {
        let refund = self.refund_mut(number)?;
        if refund.state != RefundState::Pending {
            return Err(Violation::new(format!("refund {number} of money never taken was done")));
        }
        refund.state = RefundState::Dropped;
        let amount = refund.amount;
        self.index.unrefunded.remove(&number);
        self.ledger.transfer(Account::Uncollected, Account::RefundsOwed, amount)
    }

    fn refund_mut(&mut self, number: RefundNumber) -> Result<&mut Refund, Violation> {
        self.refunds
            .get_mut(position(number))
            .ok_or_else(|| Violation::new(format!("there is no refund {number}")))
    }

    /// What the policy that an order was bought under gives back for cancelling it at `now`: `None` unless it is confirmed.
    #[must_use]
    pub fn refundable(&self, number: OrderNumber, now: Timestamp) -> Option<Amount> {
        let order = self.order(number).filter(|order| matches!(order.state, OrderState::Confirmed(_)))?;
        let decided =
            self.decide_refund(number, order, Canceller::Organizer(GiveBack::ByPolicy), now).ok()?;
        let Some(Fact::OrderCancelled { refund, .. }) = decided.facts.first() else { return None };
        refund.map_or(Some(Amount::ZERO), |due| due.seats.plus(due.fees).ok())
    }

    /// A refund.
    #[must_use]
    pub fn refund(&self, number: RefundNumber) -> Option<&Refund> {
        self.refunds.get(position(number))
    }

    /// Everything the world should be asked to do now. Read from the state, so that a crash forgets nothing; doing one
    /// twice is harmless.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let settle = self.index.ceilings.iter().map(|(_, payment)| Effect::Settle(*payment));
        let cancel = self.index.cancelling.iter().map(|payment| Effect::Cancel(*payment));
        let stands =
            |order| self.index.confirmed.contains(order) || !planted(Bug::SkipCaptureOfCancelledOrders);
        let capture = self.index.uncaptured.iter().filter_map(|number| {
            let payment = self.payment(*number).filter(|payment| stands(&payment.order))?;
            Some(Effect::Capture(*number, payment.amount))
        });
        let refunds = self.index.unrefunded.iter().filter_map(|number| self.refund_effect(*number));
        settle.chain(cancel).chain(capture).chain(refunds).collect()
    }

    /// A refund waits until its money was taken; a late payment is let go of instead.
    fn refund_effect(&self, number: RefundNumber) -> Option<Effect> {
        let refund = self.refund(number)?;
        if refund.late.is_some() {
            return Some(Effect::Void(number, refund.payment));
        }
        let captured = self.payment(refund.payment)?.state == PaymentState::Captured;
        let whole = planted(Bug::RefundWholePayment);
        let amount = if whole { self.payment(refund.payment)?.amount } else { refund.amount };
        captured.then_some(Effect::Refund(number, refund.payment, amount))
    }

    /// Whether the world still has something to do for this sale.
    #[must_use]
    pub fn has_effects(&self) -> bool {
        !(self.index.ceilings.is_empty()
            && self.index.cancelling.is_empty()
            && self.index.uncaptured.is_empty()
            && self.index.unrefunded.is_empty())
    }

    /// How many things the world was asked to do [`OVERDUE_AFTER`] ago or earlier, and has not done: the provider
    /// must have failed for long, and somebody should know.
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

    /// Things only a person can mend: money finally not handed over, refunds finally refused or to be handed out.
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

/// Something only a person can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// Authorised money was finally not handed over; the order's tickets are suspended.
    CaptureFailed(PaymentNumber),
    /// The provider finally refused a refund.
    RefundFailed(RefundNumber),
    /// Money taken at the counter is to be handed out there.
    RefundAtCounter(RefundNumber),
}
