//! Orders and tickets; `cancellation` cancels them. A reservation has at most one order, and at most one payment attempt pays for it.

use super::reservation::count_of;
use super::{
    Changes, Decision, LedgerAccount, Reservation, ReservationPhase, Sale, SalePhase, SeatState, Subject,
    Violation,
};
use crate::command::InstrumentMark;
use crate::fact::{CancelReason, CounterPayment, Fact, Item};
use crate::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::limits::{MAX_METHOD_CHARS, MAX_PAYMENT_ATTEMPTS};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
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
    Confirmed(Confirmation),
    /// It was not paid before its reservation ended.
    Abandoned {
        /// Since when.
        at: Timestamp,
    },
    /// It was paid and then cancelled.
    Cancelled {
        /// What it had while confirmed.
        sold: Confirmation,
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
pub struct Confirmation {
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
    pub fn sold(&self) -> Option<Confirmation> {
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
        instrument: Option<InstrumentMark>,
    ) -> Result<Decision, Refusal> {
        let reservation = self.own_active(number, buyer)?;
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
        self.check_instrument_limit(instrument, reservation.items.len())?;
        let payment = PaymentNumber(next_number(self.payments.len(), "payments of one sale")?);
        facts.push(Fact::PaymentStarted { payment, order, amount: reservation.total });
        facts.extend(instrument.map(|instrument| Fact::PaymentIdentified { payment, instrument }));
        Ok(Decision::new(Subject::Payment(order, Some(payment)), facts))
    }

    pub(super) fn next_ticket(&self) -> Result<TicketNumber, Refusal> {
        next_number(self.tickets.len(), "tickets of one sale").map(TicketNumber)
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
        order.state = OrderState::Confirmed(Confirmation { at: now, first_ticket, payment });
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
        let (expires_at, holder, count) =
            (converted.expires_at, converted.holder, count_of(&converted.items));
        let buyer = converted.buyer;
        self.index.expiries.remove(&(expires_at, number));
        self.index.active.remove(&(buyer, number));
        self.index.count_from(holder, count.saturating_neg())
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
        self.ledger.transfer(LedgerAccount::Tickets, LedgerAccount::Authorized, prices)?;
        self.ledger.transfer(LedgerAccount::Fees, LedgerAccount::Authorized, order.fees)
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
        let revived =
            revived.ok_or_else(|| Violation::new(format!("reservation {reservation} is forgotten")))?;
        revived.phase = ReservationPhase::Active;
        let (holder, count) = (revived.holder, count_of(&revived.items));
        self.index.active.insert((buyer, reservation));
        self.index.count_from(holder, count)
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

    pub(super) fn set_ticket(&mut self, number: TicketNumber, state: TicketState) -> Result<(), Violation> {
        let ticket = self.tickets.get_mut(ticket_position(number));
        ticket.ok_or_else(|| Violation::new(format!("there is no ticket {number}")))?.state = state;
        Ok(())
    }

    pub(super) fn abandon_order(&mut self, number: OrderNumber) -> Result<(), Violation> {
        let at = self.now;
        let order = self.order_mut(number)?;
        if order.state != OrderState::Pending {
            return Err(Violation::new(format!(
                "the reservation of order {number} ended, but the order is not pending"
            )));
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
