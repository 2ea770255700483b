//! Cancelling orders: by their buyer, by the organizer, or with the event, each with the refund it leads to.

use super::order::next_number;
use super::reservation::count_of;
use super::{
    Changes, Decision, Order, OrderState, Sale, SalePhase, SeatState, Subject, TicketState, Violation,
};
use crate::command::Canceller;
use crate::fact::{CancelReason, Fact, RefundDue};
use crate::ids::{OrderNumber, RefundNumber};
use crate::limits::MAX_DUE_FACTS;
use crate::money::{Amount, BasisPoints};
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::Timestamp;

impl Sale {
    pub(super) fn decide_order_cancellation(
        &self,
        number: OrderNumber,
        by: Canceller,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let order = self.order(number).ok_or(Refusal::NotFound)?;
        if let Canceller::Buyer(buyer) = by
            && order.buyer != buyer
        {
            return Err(Refusal::NotFound);
        }
        match order.state {
            OrderState::Confirmed(_) => self.decide_refund(number, order, by, now),
            OrderState::Cancelled { refund, .. } => {
                Ok(Decision::new(Subject::Cancellation(number, refund), Vec::new()))
            }
            OrderState::Abandoned { .. } => {
                Ok(Decision::new(Subject::Cancellation(number, None), Vec::new()))
            }
            OrderState::Pending => {
                let reservation = order.reservation;
                self.reservations
                    .get(&reservation)
                    .filter(|found| !self.is_paying(found))
                    .ok_or(Refusal::PaymentInProgress)?;
                let cancelled = Fact::ReservationCancelled { reservation };
                Ok(Decision::new(Subject::Cancellation(number, None), vec![cancelled]))
            }
        }
    }

    /// The fact that cancels a confirmed order, with its refund. `ahead` is the number of refunds earlier in the same entry.
    pub(super) fn cancelled(
        &self,
        number: OrderNumber,
        order: &Order,
        reason: CancelReason,
        share: BasisPoints,
        fees_too: bool,
        ahead: usize,
    ) -> Result<Fact, Refusal> {
        let prices = order.total.minus(order.fees).map_err(|_range| Refusal::AmountOutOfRange)?;
        let seats = prices.share(share).map_err(|_range| Refusal::AmountOutOfRange)?;
        let fees = if fees_too { order.fees } else { Amount::ZERO };
        let nothing = seats == Amount::ZERO && fees == Amount::ZERO;
        let uncollected =
            order.sold().and_then(|sold| sold.payment).is_some_and(|payment| self.has_failed(payment));
        let refund = if nothing || uncollected {
            None
        } else {
            let next = next_number(self.refunds.len().saturating_add(ahead), "refunds of one sale")?;
            Some(RefundDue { refund: RefundNumber(next), seats, fees })
        };
        Ok(Fact::OrderCancelled { order: number, reason, refund })
    }

    /// The fact that cancels a confirmed order with its event: a full refund, whatever the refund policy says.
    pub(super) fn cancelled_with_event(
        &self,
        number: OrderNumber,
        order: &Order,
        ahead: usize,
    ) -> Result<Fact, Refusal> {
        let fees_too = order.refund_policy.fees_too || !planted(Bug::KeepFeesOfCancelledEvent);
        self.cancelled(number, order, CancelReason::Event, BasisPoints::WHOLE, fees_too, ahead)
    }

    /// Cancels confirmed orders of a cancelled event, a bounded number at a time.
    pub(super) fn due_orders(&self) -> Vec<Fact> {
        if self.phase == SalePhase::Open {
            return Vec::new();
        }
        let mut facts = Vec::new();
        for number in self.index.confirmed.iter().take(MAX_DUE_FACTS) {
            let Some(order) = self.order(*number) else { continue };
            let ahead = facts
                .iter()
                .filter(|fact| matches!(fact, Fact::OrderCancelled { refund: Some(_), .. }))
                .count();
            match self.cancelled_with_event(*number, order, ahead) {
                Ok(fact) => facts.push(fact),
                Err(_numbers_used_up) => break,
            }
        }
        facts
    }

    pub(super) fn apply_order_cancelled(
        &mut self,
        number: OrderNumber,
        reason: CancelReason,
        refund: Option<&RefundDue>,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let now = self.now;
        let order = self.order_mut(number)?;
        let OrderState::Confirmed(sold) = order.state else {
            return Err(Violation::new(format!("order {number} is not confirmed")));
        };
        order.state = OrderState::Cancelled { sold, at: now, reason, refund: refund.map(|due| due.refund) };
        let order = order.clone();
        for (item, ticket) in order.items.iter().zip(order.tickets()) {
            if !planted(Bug::KeepSeatsOfCancelledOrder) {
                self.vacate(item.seat, SeatState::Sold(ticket), changes)?;
            }
            self.set_ticket(ticket, TicketState::Void)?;
        }
        if order.counter_payment.is_none() || planted(Bug::CounterSaleLowersSellersCount) {
            self.count_for(order.buyer, count_of(&order.items).saturating_neg())?;
        }
        self.index.confirmed.remove(&number);
        if let Some(payment) = sold.payment {
            self.index_instrument(payment);
        }
        match (refund, sold.payment) {
            (Some(due), Some(payment)) => self.apply_refund_due(due, payment),
            (None, _) => Ok(()),
            (Some(_), None) => Err(Violation::new(format!("order {number} is refunded, but has no payment"))),
        }
    }
}
