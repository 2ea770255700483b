//! Payment attempts. At most one attempt of an order may still charge, and at most one attempt pays for it (I4).
//!
//! While the outcome of an attempt is unknown, its seats stay reserved past the reservation's end, until
//! [`Payment::cancel_at`]. Then the attempt is cancelled at the provider, and the seats become available once the
//! cancellation is certain. If the payment succeeds even later, the order gets its seats back if they are available;
//! otherwise the payment is sent back.

use super::order::next_number;
use super::{
    Decision, LedgerAccount, OrderState, Reservation, ReservationPhase, Sale, SalePhase, Subject,
    TicketState, Violation,
};
use crate::command::{InstrumentMark, PaymentOutcome};
use crate::fact::{DeclineReason, Fact, ReturnReason};
use crate::ids::{OrderNumber, PaymentNumber, RefundNumber};
use crate::limits::{MAX_DUE_FACTS, PAYMENT_GRACE};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One attempt to pay for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The order.
    pub order: OrderNumber,
    /// The amount to charge.
    pub amount: Amount,
    /// When it began.
    pub started_at: Timestamp,
    /// When it is cancelled unless its outcome is known.
    pub cancel_at: Timestamp,
    /// What it is paid with, if the provider can tell.
    pub instrument: Option<InstrumentMark>,
    /// Its state.
    pub state: PaymentState,
    /// The idempotency key of the request that started it. The key is forgotten if the attempt fails, so that it can be
    /// used again.
    pub(super) key: Option<u128>,
}

/// The state of a payment attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentState {
    /// The provider was asked or will be; the outcome is unknown.
    Started,
    /// The provider waits for the buyer.
    NeedsAction,
    /// The provider is being told to cancel it.
    Cancelling,
    /// The provider declined it.
    Declined(DeclineReason),
    /// It was cancelled and will never charge.
    Cancelled,
    /// It is authorised, and the order confirmed.
    Authorized,
    /// It is captured.
    Captured,
    /// It was authorised, but the provider refuses for good to capture it.
    CaptureFailed,
    /// It succeeded too late and is sent back.
    Returned(RefundNumber),
}

impl Payment {
    /// Whether it may still charge.
    #[must_use]
    pub fn may_still_charge(&self) -> bool {
        matches!(self.state, PaymentState::Started | PaymentState::NeedsAction | PaymentState::Cancelling)
    }

    /// Whether its money was promised or taken for its order, and not sent back as too late.
    pub(super) fn has_paid(&self) -> bool {
        matches!(self.state, PaymentState::Authorized | PaymentState::Captured | PaymentState::CaptureFailed)
    }

    /// Whether the provider has not answered yet.
    #[must_use]
    pub fn is_in_flight(&self) -> bool {
        self.state == PaymentState::Started
    }
}

pub(super) fn position(payment: PaymentNumber) -> usize {
    usize::try_from(payment.0).unwrap_or(usize::MAX)
}

impl Sale {
    /// Whether an attempt to pay for this reservation may still charge.
    pub(super) fn is_paying(&self, reservation: &Reservation) -> bool {
        let order = reservation.order.and_then(|order| self.order(order));
        let payment = order.and_then(|order| order.last_payment).and_then(|payment| self.payment(payment));
        payment.is_some_and(Payment::may_still_charge)
    }

    pub(super) fn has_failed(&self, payment: PaymentNumber) -> bool {
        self.payment(payment).is_some_and(|payment| payment.state == PaymentState::CaptureFailed)
    }

    pub(super) fn decide_payment_report(
        &self,
        number: PaymentNumber,
        outcome: PaymentOutcome,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let payment = self.payment(number).ok_or(Refusal::NotFound)?;
        let facts = match (outcome, payment.state) {
            (PaymentOutcome::Authorized, _) => self.on_authorized(number, payment, now)?,
            (PaymentOutcome::NeedsAction, PaymentState::Started) => {
                vec![Fact::PaymentNeedsAction { payment: number }]
            }
            (PaymentOutcome::Declined(reason), PaymentState::Started | PaymentState::NeedsAction) => {
                vec![Fact::PaymentDeclined { payment: number, reason }]
            }
            (PaymentOutcome::Cancelled, PaymentState::Started | PaymentState::NeedsAction)
            | (PaymentOutcome::Cancelled | PaymentOutcome::Declined(_), PaymentState::Cancelling) => {
                vec![Fact::PaymentCancelled { payment: number }]
            }
            // Reports that are repeated or arrive out of order change nothing.
            (PaymentOutcome::NeedsAction | PaymentOutcome::Declined(_) | PaymentOutcome::Cancelled, _) => {
                Vec::new()
            }
        };
        Ok(Decision::new(Subject::Payment(payment.order, Some(number)), facts))
    }

    fn on_authorized(
        &self,
        number: PaymentNumber,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<Vec<Fact>, Refusal> {
        match payment.state {
            PaymentState::Authorized
            | PaymentState::Captured
            | PaymentState::CaptureFailed
            | PaymentState::Returned(_) => Ok(Vec::new()),
            _ if self.phase != SalePhase::Open => self.sent_back(number, ReturnReason::SaleOver),
            PaymentState::Started | PaymentState::NeedsAction | PaymentState::Cancelling => {
                self.confirmation(number, payment)
            }
            PaymentState::Declined(_) | PaymentState::Cancelled if planted(Bug::IgnoreLateSuccess) => {
                Ok(Vec::new())
            }
            PaymentState::Declined(_) | PaymentState::Cancelled => {
                match self.why_too_late(number, payment, now)? {
                    Some(reason) => self.sent_back(number, reason),
                    None => self.late_confirmation(number, payment),
                }
            }
        }
    }

    fn confirmation(&self, number: PaymentNumber, payment: &Payment) -> Result<Vec<Fact>, Refusal> {
        let first_ticket = self.next_ticket()?;
        Ok(vec![Fact::OrderConfirmed { order: payment.order, payment: Some(number), first_ticket }])
    }

    /// Why an attempt that succeeded after it was declined or cancelled cannot get its seats; `None` when it can.
    fn why_too_late(
        &self,
        number: PaymentNumber,
        payment: &Payment,
        now: Timestamp,
    ) -> Result<Option<ReturnReason>, Refusal> {
        let order = self.order(payment.order).ok_or(Refusal::NotFound)?;
        let reservation = self.reservation(order.reservation).ok_or(Refusal::NotFound)?;
        let superseded = order.last_payment != Some(number)
            || order.total != payment.amount
            || order.items != reservation.items;
        let taken = || {
            !planted(Bug::SeatLateBuyerOnTakenSeat)
                && order.items.iter().any(|item| !self.seats.is_available(item.seat))
        };
        let too_many = || self.check_instrument_limit(payment.instrument, order.items.len()).is_err();
        Ok(match order.state {
            OrderState::Confirmed(_) | OrderState::Cancelled { .. } => Some(ReturnReason::AlreadyPaid),
            OrderState::Pending | OrderState::Abandoned { .. } if superseded => {
                Some(ReturnReason::AmountChanged)
            }
            OrderState::Pending | OrderState::Abandoned { .. } if !self.terms.published => {
                Some(ReturnReason::SaleOver)
            }
            OrderState::Pending if too_many() => Some(ReturnReason::TicketLimit),
            // The reservation has not expired, so the buyer still has the seats.
            OrderState::Pending => None,
            OrderState::Abandoned { .. } if reservation.phase == ReservationPhase::Cancelled => {
                Some(ReturnReason::GivenBack)
            }
            OrderState::Abandoned { .. } if now >= self.terms.sales_end_at => Some(ReturnReason::SaleOver),
            OrderState::Abandoned { .. } if taken() => Some(ReturnReason::SeatsGone),
            OrderState::Abandoned { .. }
                if too_many() || self.check_limit(order.buyer, order.items.len()).is_err() =>
            {
                Some(ReturnReason::TicketLimit)
            }
            OrderState::Abandoned { .. } => None,
        })
    }

    fn late_confirmation(&self, number: PaymentNumber, payment: &Payment) -> Result<Vec<Fact>, Refusal> {
        let order = self.order(payment.order).ok_or(Refusal::NotFound)?;
        let mut facts = Vec::new();
        if order.state != OrderState::Pending {
            facts.push(Fact::OrderReseated { order: payment.order });
        }
        facts.extend(self.confirmation(number, payment)?);
        Ok(facts)
    }

    fn sent_back(&self, payment: PaymentNumber, reason: ReturnReason) -> Result<Vec<Fact>, Refusal> {
        let refund = RefundNumber(next_number(self.refunds.len(), "refunds of one sale")?);
        Ok(vec![Fact::PaymentReturned { payment, refund, reason }])
    }

    pub(super) fn decide_capture_report(
        &self,
        number: PaymentNumber,
        captured: bool,
    ) -> Result<Decision, Refusal> {
        let payment = self.payment(number).ok_or(Refusal::NotFound)?;
        let facts = match (payment.state, captured) {
            (PaymentState::Authorized, true) => vec![Fact::PaymentCaptured { payment: number }],
            (PaymentState::Authorized, false) => vec![Fact::CaptureFailed { payment: number }],
            _ => Vec::new(),
        };
        Ok(Decision::new(Subject::Payment(payment.order, Some(number)), facts))
    }

    /// Starts to cancel attempts that reached their deadline, and all attempts of a cancelled event.
    pub(super) fn due_payments(&self, now: Timestamp) -> Vec<Fact> {
        let over = self.phase != SalePhase::Open;
        if planted(Bug::NeverCancelPayments) {
            return Vec::new();
        }
        let due =
            self.index.cancel_deadlines.iter().take_while(|(at, _)| over || *at <= now).take(MAX_DUE_FACTS);
        due.map(|(_, payment)| Fact::PaymentCancelStarted { payment: *payment }).collect()
    }

    pub(super) fn apply_payment_started(
        &mut self,
        number: PaymentNumber,
        order: OrderNumber,
        amount: Amount,
    ) -> Result<(), Violation> {
        if position(number) != self.payments.len() {
            return Err(Violation::new(format!("payment {number} is out of order")));
        }
        let now = self.now;
        let paying = self.order_mut(order)?;
        if paying.state != OrderState::Pending || paying.total != amount {
            return Err(Violation::new(format!("payment {number} does not fit order {order}")));
        }
        paying.attempts = paying.attempts.saturating_add(1);
        let before = paying.last_payment.replace(number);
        let reservation = paying.reservation;
        if before.and_then(|before| self.payment(before)).is_some_and(Payment::may_still_charge) {
            return Err(Violation::new(format!("order {order} has two attempts at once")));
        }
        let expires_at = self.active(reservation)?.expires_at;
        let cancel_at = expires_at.plus(PAYMENT_GRACE);
        if !planted(Bug::ExpireDuringPayment) {
            self.index.expiries.remove(&(expires_at, reservation));
        }
        self.index.cancel_deadlines.insert((cancel_at, number));
        self.payments.push_back(Payment {
            order,
            amount,
            started_at: now,
            cancel_at,
            instrument: None,
            state: PaymentState::Started,
            key: None,
        });
        Ok(())
    }

    pub(super) fn apply_needs_action(&mut self, number: PaymentNumber) -> Result<(), Violation> {
        let payment = self.payment_mut(number)?;
        if payment.state != PaymentState::Started {
            return Err(Violation::new(format!(
                "payment {number} cannot need an action of the buyer any more"
            )));
        }
        payment.state = PaymentState::NeedsAction;
        Ok(())
    }

    pub(super) fn apply_cancel_started(&mut self, number: PaymentNumber) -> Result<(), Violation> {
        let payment = self.payment_mut(number)?;
        if !matches!(payment.state, PaymentState::Started | PaymentState::NeedsAction) {
            return Err(Violation::new(format!("payment {number} cannot be cancelled")));
        }
        payment.state = PaymentState::Cancelling;
        let cancel_at = payment.cancel_at;
        self.index.cancel_deadlines.remove(&(cancel_at, number));
        self.index.cancelling.insert(number);
        Ok(())
    }

    /// Ends an attempt that will not charge. Its reservation can expire again, and its idempotency key can be used again.
    pub(super) fn apply_payment_ended(
        &mut self,
        number: PaymentNumber,
        state: PaymentState,
    ) -> Result<(), Violation> {
        let ended = self.set_outcome(number, state)?;
        self.index_instrument(number);
        if let Some(key) = ended.key {
            self.keys.forget(key, Subject::Payment(ended.order, Some(number)));
        }
        let reservation = self.order_mut(ended.order)?.reservation;
        let expires_at = self.active(reservation)?.expires_at;
        self.index.expiries.insert((expires_at, reservation));
        Ok(())
    }

    /// Records the outcome of an attempt that may still charge, and removes it from the indexes of such attempts.
    fn set_outcome(&mut self, number: PaymentNumber, state: PaymentState) -> Result<Payment, Violation> {
        let payment = self.payment_mut(number)?;
        if !payment.may_still_charge() {
            return Err(Violation::new(format!("payment {number} has an outcome already")));
        }
        payment.state = state;
        let payment = *payment;
        self.index.cancel_deadlines.remove(&(payment.cancel_at, number));
        self.index.cancelling.remove(&number);
        Ok(payment)
    }

    /// Records that an attempt was authorised, on time or late.
    pub(super) fn apply_authorized(
        &mut self,
        number: PaymentNumber,
        order: OrderNumber,
        amount: Amount,
    ) -> Result<(), Violation> {
        let payment = self.payment_mut(number)?;
        if payment.order != order || payment.amount != amount {
            return Err(Violation::new(format!("payment {number} does not pay for order {order}")));
        }
        match payment.state {
            PaymentState::Started | PaymentState::NeedsAction | PaymentState::Cancelling => {
                self.set_outcome(number, PaymentState::Authorized)?;
            }
            PaymentState::Declined(_) | PaymentState::Cancelled => payment.state = PaymentState::Authorized,
            PaymentState::Authorized
            | PaymentState::Captured
            | PaymentState::CaptureFailed
            | PaymentState::Returned(_) => {
                return Err(Violation::new(format!("payment {number} charges twice")));
            }
        }
        self.index.uncaptured.insert(number);
        self.index_instrument(number);
        Ok(())
    }

    pub(super) fn apply_captured(&mut self, number: PaymentNumber) -> Result<(), Violation> {
        let payment = self.end_authorization(number, PaymentState::Captured)?;
        self.ledger.transfer(LedgerAccount::Authorized, LedgerAccount::Captured, payment.amount)
    }

    pub(super) fn apply_capture_failed(&mut self, number: PaymentNumber) -> Result<(), Violation> {
        let payment = self.end_authorization(number, PaymentState::CaptureFailed)?;
        self.ledger.transfer(LedgerAccount::Authorized, LedgerAccount::Uncollected, payment.amount)?;
        match self.order_mut(payment.order)?.state {
            OrderState::Cancelled { refund: Some(refund), .. } => self.drop_refund(refund),
            OrderState::Confirmed(_) => self.set_order_tickets(payment.order, TicketState::Suspended),
            OrderState::Cancelled { refund: None, .. }
            | OrderState::Pending
            | OrderState::Abandoned { .. } => Ok(()),
        }
    }

    fn end_authorization(
        &mut self,
        number: PaymentNumber,
        state: PaymentState,
    ) -> Result<Payment, Violation> {
        let payment = self.payment_mut(number)?;
        if payment.state != PaymentState::Authorized {
            return Err(Violation::new(format!("payment {number} is not waiting to be captured")));
        }
        payment.state = state;
        let payment = *payment;
        self.index.uncaptured.remove(&number);
        Ok(payment)
    }

    pub(super) fn set_payment_key(&mut self, number: PaymentNumber, key: u128) {
        if let Some(payment) = self.payments.get_mut(position(number)) {
            payment.key = Some(key);
        }
    }

    pub(super) fn payment_mut(&mut self, number: PaymentNumber) -> Result<&mut Payment, Violation> {
        self.payments
            .get_mut(position(number))
            .ok_or_else(|| Violation::new(format!("there is no payment {number}")))
    }

    /// A payment attempt.
    #[must_use]
    pub fn payment(&self, number: PaymentNumber) -> Option<&Payment> {
        self.payments.get(position(number))
    }
}
