//! Orders and tickets. One reservation becomes at most one order; an order is paid by at most one attempt.

use super::reservation::count_of;
use super::{
    Account, Changes, Decision, Reservation, ReservationPhase, Sale, SeatState, Stage, Subject, Violation,
};
use crate::command::{Canceller, GiveBack};
use crate::fact::{CancelReason, Fact, Item, RefundDue, Tender};
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

/// A buyer's purchase, paid or trying to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What it buys; the seats are the reservation's until it is confirmed.
    pub reservation: ReservationNumber,
    /// Whose it is.
    pub buyer: AccountId,
    /// The payment method's name, as the buyer gave it.
    pub method: Arc<str>,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Seats and prices: those of the last attempt, for good once confirmed.
    pub items: Arc<[Item]>,
    /// Fees on top.
    pub fees: Amount,
    /// Seats and fees together.
    pub total: Amount,
    /// The policy it was bought under, whatever the terms say later.
    pub refund_policy: RefundPolicy,
    /// Attempts so far.
    pub attempts: u32,
    /// The newest attempt.
    pub last_payment: Option<PaymentNumber>,
    /// What was taken for it at the counter, where it was sold there.
    pub tender: Option<Tender>,
    /// How far it got.
    pub state: OrderState,
}

/// How far an order got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderState {
    /// Not paid yet; it may be tried again while the reservation lives.
    Pending,
    /// The tickets are valid.
    Confirmed(Sold),
    /// It was never paid, and its reservation is over.
    Abandoned {
        /// Since when.
        at: Timestamp,
    },
    /// It was paid and then cancelled.
    Cancelled {
        /// What it was.
        sold: Sold,
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: CancelReason,
        /// What goes back, if anything.
        refund: Option<RefundNumber>,
    },
}

/// What a confirmed order has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    /// Since when.
    pub at: Timestamp,
    /// Its tickets are numbered from here, one for each item.
    pub first_ticket: TicketNumber,
    /// What paid for it; nothing when it was free.
    pub payment: Option<PaymentNumber>,
}

/// The right to one seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The order it came with.
    pub order: OrderNumber,
    /// The seat.
    pub seat: SeatIndex,
    /// What it cost, without fees.
    pub price: Amount,
    /// Whether it still counts.
    pub state: TicketState,
}

/// Whether a ticket counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketState {
    /// It opens the door.
    Valid,
    /// Its money could not be taken; somebody is looking.
    Suspended,
    /// It never will again.
    Void,
}

impl Order {
    /// What it has, while confirmed or after.
    #[must_use]
    pub fn sold(&self) -> Option<Sold> {
        match self.state {
            OrderState::Confirmed(sold) | OrderState::Cancelled { sold, .. } => Some(sold),
            OrderState::Pending | OrderState::Abandoned { .. } => None,
        }
    }

    /// The numbers of its tickets, in the order of its items; none before it is confirmed.
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

/// The next number of a list, or a refusal when it is full.
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
        if self.stage != Stage::Open {
            return Err(Refusal::SaleClosed);
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
        // The fact is written for every attempt, since the cart may have changed since the last one.
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
            // What was sold at the counter is in the seller's name and was never theirs to give back.
            Canceller::Buyer(_) if order.tender.is_some() => return Err(Refusal::NotRefundable),
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
        // Whoever cancels what was sold at the counter hands the money out there and then.
        let handed_out = refund.filter(|_| order.tender.is_some());
        let mut facts = vec![cancelled];
        facts.extend(handed_out.map(|refund| Fact::RefundCompleted { refund }));
        Ok(Decision::new(Subject::Cancellation(number, refund), facts))
    }

    /// The end of a confirmed order, with the refund it leads to; `ahead` refunds were numbered before it in this entry.
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

    /// Confirmed orders that a cancelled event ends, a bounded number at a time.
    pub(super) fn due_orders(&self) -> Vec<Fact> {
        if self.stage == Stage::Open {
            return Vec::new();
        }
        let mut facts = Vec::new();
        for number in self.index.confirmed.iter().take(MAX_DUE_FACTS) {
            let Some(order) = self.order(*number) else { continue };
            let ahead = facts
                .iter()
                .filter(|fact| matches!(fact, Fact::OrderCancelled { refund: Some(_), .. }))
                .count();
            let whole = BasisPoints::WHOLE;
            let fees = order.refund_policy.fees_too || !planted(Bug::KeepFeesOfCancelledEvent);
            match self.cancelled(*number, order, CancelReason::Event, whole, fees, ahead) {
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
                tender: None,
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

    /// The reservation has become its order.
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

    /// Gives an order whose reservation had ended its seats again, so that it can be confirmed.
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
        if order.tender.is_none() || planted(Bug::CounterSaleLowersSellersCount) {
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
