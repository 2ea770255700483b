//! Orders and tickets. A reservation has at most one order, and at most one payment attempt pays for it.

use super::reservation::count_of;
use super::{
    Account, Changes, Decision, Reservation, ReservationPhase, Sale, SalePhase, SeatState, Subject, Violation,
};
use crate::command::{Canceller, GiveBack};
use crate::fact::{CancelReason, CounterPayment, Fact, Item, RefundDue};
use crate::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::limits::{MAX_DUE_FACTS, MAX_METHOD_CHARS, MAX_PAYMENT_ATTEMPTS};
use crate::money::{Amount, BasisPoints};
use crate::planted::{Bug, planted};
use crate::refusal::Refusal;
use crate::terms::RefundPolicy;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A buyer's order, paid or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The reservation it buys, which holds the seats until the order is confirmed.
    pub reservation: ReservationNumber,
    /// The buyer.
    pub buyer: AccountId,
    /// The payment method's name, as the buyer gave it.
    pub method: Arc<str>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Seats and prices at the newest payment attempt. They do not change once the order is confirmed.
    pub items: Arc<[Item]>,
    /// Fees on top.
    pub fees: Amount,
    /// Seats and fees together.
    pub total: Amount,
    /// The refund policy at the time of the order; later changes do not affect it.
    pub refund_policy: RefundPolicy,
    /// The number of payment attempts.
    pub attempts: u32,
    /// The newest payment attempt.
    pub last_payment: Option<PaymentNumber>,
    /// How it was paid at the counter; `None` for an order that was not sold there.
    pub counter_payment: Option<CounterPayment>,
    /// Its state.
    pub state: OrderState,
}

/// The state of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderState {
    /// Not paid yet. The buyer may try again while the reservation is active.
    Pending,
    /// The tickets are valid.
    Confirmed(Sold),
    /// It was not paid before its reservation ended.
    Abandoned {
        /// Since when.
        at: Timestamp,
    },
    /// It was paid and then cancelled.
    Cancelled {
        /// What it had while confirmed.
        sold: Sold,
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: CancelReason,
        /// The refund, if there is one.
        refund: Option<RefundNumber>,
    },
}

/// The tickets and payment of a confirmed order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    /// Since when.
    pub at: Timestamp,
    /// The number of its first ticket. Each item has one ticket.
    pub first_ticket: TicketNumber,
    /// The payment; `None` when it cost nothing.
    pub payment: Option<PaymentNumber>,
}

/// The right to one seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its order.
    pub order: OrderNumber,
    /// The seat.
    pub seat: SeatIndex,
    /// Its price without fees.
    pub price: Amount,
    /// Whether it is valid.
    pub state: TicketState,
}

/// The state of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketState {
    /// It lets its holder in.
    Valid,
    /// Its payment could not be captured, which a person must look into.
    Suspended,
    /// Its order was cancelled.
    Void,
}

impl Order {
    /// Its tickets and payment; `None` for an order that was never confirmed.
    #[must_use]
    pub fn sold(&self) -> Option<Sold> {
        match self.state {
            OrderState::Confirmed(sold) | OrderState::Cancelled { sold, .. } => Some(sold),
            OrderState::Pending | OrderState::Abandoned { .. } => None,
        }
    }

    /// The numbers of its tickets, in the order of its items; empty for an order that was never confirmed.
    pub fn tickets(&self) -> impl Iterator<Item = TicketNumber> + use<> {
        let count = if self.sold().is_some() { self.items.len() } else { 0 };
        let first = self.sold().map_or(0, |sold| sold.first_ticket.0);
        (first..).take(count).map(TicketNumber)
    }

    fn take_items_of(&mut self, reservation: &Reservation) {
        self.items = reservation.items.clone();
        self.fees = reservation.fees;
        self.total = reservation.total;
    }
}

pub(super) fn position(order: OrderNumber) -> usize {
    usize::try_from(order.0).unwrap_or(usize::MAX)
}

fn ticket_position(ticket: TicketNumber) -> usize {
    usize::try_from(ticket.0).unwrap_or(usize::MAX)
}

/// The next number of a list, or a refusal when the list is full.
pub(super) fn next_number(len: usize, what: &'static str) -> Result<u32, Refusal> {
    u32::try_from(len).ok().filter(|next| *next < u32::MAX).ok_or(Refusal::LimitReached(what))
}

impl Sale {
    pub(super) fn decide_order(
        &self,
        number: ReservationNumber,
        buyer: AccountId,
        method: &str,
    ) -> Result<Decision, Refusal> {
        let reservation = self.own_live(number, buyer)?;
        if self.phase != SalePhase::Open {
            return Err(Refusal::SaleClosed);
        }
        // A reservation may be older than the change that made the event a draft.
        if !self.terms.published {
            return Err(Refusal::SaleNotOpen { opens_at: self.terms.on_sale_at });
        }
        if self.is_paying(reservation) && !planted(Bug::TwoAttemptsAtOnce) {
            return Err(Refusal::PaymentInProgress);
        }
        if method.chars().count() > MAX_METHOD_CHARS {
            return Err(Refusal::LimitReached("characters of a payment method"));
        }
        let order = match reservation.order {
            Some(order) => order,
            None => OrderNumber(next_number(self.orders.len(), "orders of one sale")?),
        };
        let attempts = self.orders.get(position(order)).map_or(0, |order| order.attempts);
        if attempts >= MAX_PAYMENT_ATTEMPTS {
            return Err(Refusal::TooManyAttempts);
        }
        // `OrderPlaced` is written for every attempt, because the reservation may have changed since the last one.
        let mut facts = vec![Fact::OrderPlaced { order, reservation: number, method: method.to_owned() }];
        if reservation.total == Amount::ZERO {
            facts.push(Fact::OrderConfirmed { order, payment: None, first_ticket: self.next_ticket()? });
            return Ok(Decision::new(Subject::Payment(order, None), facts));
        }
        let payment = PaymentNumber(next_number(self.payments.len(), "payments of one sale")?);
        facts.push(Fact::PaymentStarted { payment, order, amount: reservation.total });
        Ok(Decision::new(Subject::Payment(order, Some(payment)), facts))
    }

    pub(super) fn next_ticket(&self) -> Result<TicketNumber, Refusal> {
        next_number(self.tickets.len(), "tickets of one sale").map(TicketNumber)
    }

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

    pub(super) fn decide_refund(
        &self,
        number: OrderNumber,
        order: &Order,
        by: Canceller,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let policy = order.refund_policy;
        let too_late = now >= self.terms.starts_at.minus(policy.until_before_start);
        let nothing = (CancelReason::Organizer, BasisPoints::default(), false);
        let (reason, share, fees_too) = match by {
            Canceller::Organizer(GiveBack::Everything) => (CancelReason::Organizer, BasisPoints::WHOLE, true),
            Canceller::Organizer(GiveBack::ByPolicy) if too_late => nothing,
            Canceller::Organizer(GiveBack::ByPolicy) => (
                CancelReason::Organizer,
                policy.share,
                policy.fees_too && policy.share > BasisPoints::default(),
            ),
            Canceller::Organizer(GiveBack::Nothing) => nothing,
            // The buyer of a counter sale is the seller, who must not cancel it as a buyer.
            Canceller::Buyer(_) if order.counter_payment.is_some() => return Err(Refusal::NotRefundable),
            Canceller::Buyer(_) => {
                if too_late || policy.share == BasisPoints::default() {
                    return Err(Refusal::NotRefundable);
                }
                let share = if planted(Bug::IgnoreRefundShare) { BasisPoints::WHOLE } else { policy.share };
                (CancelReason::Buyer, share, policy.fees_too)
            }
        };
        let cancelled = self.cancelled(number, order, reason, share, fees_too, 0)?;
        let Fact::OrderCancelled { refund, .. } = &cancelled else { return Err(Refusal::NotFound) };
        let refund = refund.map(|due| due.refund);
        // A refund of a counter sale is paid in cash by the person who cancels it, so it is completed at once.
        let handed_out = refund.filter(|_| order.counter_payment.is_some());
        let mut facts = vec![cancelled];
        facts.extend(handed_out.map(|refund| Fact::RefundCompleted { refund }));
        Ok(Decision::new(Subject::Cancellation(number, refund), facts))
    }

    /// The fact that cancels a confirmed order, with its refund. `ahead` is the number of refunds earlier in the same entry.
    fn cancelled(
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

    pub(super) fn apply_order_placed(
        &mut self,
        number: OrderNumber,
        reservation: ReservationNumber,
        method: &str,
    ) -> Result<(), Violation> {
        let holding = self.active_mut(reservation)?;
        if *holding.order.get_or_insert(number) != number {
            return Err(Violation::new(format!("reservation {reservation} has another order")));
        }
        let holding = holding.clone();
        if position(number) == self.orders.len() {
            self.orders.push_back(Order {
                reservation,
                buyer: holding.buyer,
                method: Arc::from(method),
                placed_at: self.now,
                items: Arc::new([]),
                fees: Amount::ZERO,
                total: Amount::ZERO,
                refund_policy: RefundPolicy::default(),
                attempts: 0,
                last_payment: None,
                counter_payment: None,
                state: OrderState::Pending,
            });
        }
        let refund_policy = self.terms.refund_policy;
        let order = self.order_mut(number)?;
        if order.reservation != reservation || order.state != OrderState::Pending {
            return Err(Violation::new(format!("order {number} cannot be paid")));
        }
        order.method = Arc::from(method);
        order.refund_policy = refund_policy;
        order.take_items_of(&holding);
        Ok(())
    }

    pub(super) fn apply_confirmed(
        &mut self,
        number: OrderNumber,
        payment: Option<PaymentNumber>,
        first_ticket: TicketNumber,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let now = self.now;
        let order = self.order_mut(number)?;
        if order.state != OrderState::Pending {
            return Err(Violation::new(format!("order {number} is confirmed twice")));
        }
        order.state = OrderState::Confirmed(Sold { at: now, first_ticket, payment });
        let order = order.clone();
        if ticket_position(first_ticket) != self.tickets.len() {
            return Err(Violation::new(format!("ticket {first_ticket} is out of order")));
        }
        let reserved = SeatState::Reserved(order.reservation);
        for (item, ticket) in order.items.iter().zip(order.tickets()) {
            self.move_seat(item.seat, reserved, SeatState::Sold(ticket), changes)?;
            self.tickets.push_back(Ticket {
                order: number,
                seat: item.seat,
                price: item.price,
                state: TicketState::Valid,
            });
        }
        self.convert(order.reservation)?;
        self.index.confirmed.insert(number);
        self.index.sold_orders = self.index.sold_orders.saturating_add(1);
        self.authorize(number, &order, payment)
    }

    /// Marks a reservation as bought.
    fn convert(&mut self, number: ReservationNumber) -> Result<(), Violation> {
        let converted = self.active_mut(number)?;
        converted.phase = ReservationPhase::Converted;
        let expires_at = converted.expires_at;
        self.index.expiries.remove(&(expires_at, number));
        Ok(())
    }

    fn authorize(
        &mut self,
        number: OrderNumber,
        order: &Order,
        payment: Option<PaymentNumber>,
    ) -> Result<(), Violation> {
        match payment {
            Some(payment) => self.apply_authorized(payment, number, order.total)?,
            None if order.total == Amount::ZERO => {}
            None => return Err(Violation::new(format!("order {number} is confirmed without a payment"))),
        }
        let prices = order.total.minus(order.fees).map_err(|error| Violation::new(error.to_string()))?;
        self.ledger.transfer(Account::Tickets, Account::Authorized, prices)?;
        self.ledger.transfer(Account::Fees, Account::Authorized, order.fees)
    }

    /// Gives an abandoned order its seats back, so that it can be confirmed.
    pub(super) fn apply_reseated(
        &mut self,
        number: OrderNumber,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let order = self.order_mut(number)?;
        if !matches!(order.state, OrderState::Abandoned { .. }) {
            return Err(Violation::new(format!("order {number} was not abandoned")));
        }
        order.state = OrderState::Pending;
        let (reservation, items, buyer) = (order.reservation, order.items.clone(), order.buyer);
        for item in items.iter() {
            self.move_seat(item.seat, SeatState::Available, SeatState::Reserved(reservation), changes)?;
        }
        self.count_for(buyer, count_of(&items))?;
        let revived = self.reservations.get_mut(&reservation);
        revived.ok_or_else(|| Violation::new(format!("reservation {reservation} is forgotten")))?.phase =
            ReservationPhase::Active;
        Ok(())
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
        match (refund, sold.payment) {
            (Some(due), Some(payment)) => self.apply_refund_due(due, payment),
            (None, _) => Ok(()),
            (Some(_), None) => Err(Violation::new(format!("order {number} has nothing to give back"))),
        }
    }

    pub(super) fn set_order_tickets(
        &mut self,
        order: OrderNumber,
        state: TicketState,
    ) -> Result<(), Violation> {
        for ticket in self.order_mut(order)?.tickets() {
            self.set_ticket(ticket, state)?;
        }
        Ok(())
    }

    fn set_ticket(&mut self, number: TicketNumber, state: TicketState) -> Result<(), Violation> {
        let ticket = self.tickets.get_mut(ticket_position(number));
        ticket.ok_or_else(|| Violation::new(format!("there is no ticket {number}")))?.state = state;
        Ok(())
    }

    pub(super) fn abandon_order(&mut self, number: OrderNumber) -> Result<(), Violation> {
        let at = self.now;
        let order = self.order_mut(number)?;
        if order.state != OrderState::Pending {
            return Err(Violation::new(format!("order {number} outlived its reservation")));
        }
        order.state = OrderState::Abandoned { at };
        Ok(())
    }

    pub(super) fn order_mut(&mut self, number: OrderNumber) -> Result<&mut Order, Violation> {
        self.orders
            .get_mut(position(number))
            .ok_or_else(|| Violation::new(format!("there is no order {number}")))
    }

    /// An order.
    #[must_use]
    pub fn order(&self, number: OrderNumber) -> Option<&Order> {
        self.orders.get(position(number))
    }

    /// A ticket.
    #[must_use]
    pub fn ticket(&self, number: TicketNumber) -> Option<&Ticket> {
        self.tickets.get(ticket_position(number))
    }
}
