//! Questions about a sale: what it is doing, what it has, when it next has something to do.

use super::{
    Account, Ledger, Order, Payment, Refund, Reservation, Sale, SeatCounts, SeatState, Stage, Ticket,
    TierIndex,
};
use crate::fact::Fact;
use crate::ids::{
    EventNumber, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::limits::MAX_DUE_FACTS;
use crate::money::Amount;
use crate::planted::{Bug, planted};
use crate::seating_plan::SeatingPlan;
use crate::terms::{PriceTier, Terms};
use crate::time::Timestamp;

/// What the public is told an event is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Not published.
    Draft,
    /// Sales have not begun.
    Upcoming,
    /// Seats can be reserved, or may yet come back.
    OnSale,
    /// Nothing is available or reserved.
    SoldOut,
    /// Sales are over.
    Ended,
    /// The event will not take place.
    Cancelled,
}

impl Sale {
    /// The event's number.
    #[must_use]
    pub fn event(&self) -> EventNumber {
        self.event
    }

    /// The time of the newest fact.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether anything happened yet.
    #[must_use]
    pub fn is_opened(&self) -> bool {
        self.stage != Stage::Unopened
    }

    /// Whether the event was withdrawn.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.stage == Stage::Deleted
    }

    /// The organizer's terms.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The prices.
    #[must_use]
    pub fn tiers(&self) -> &[PriceTier] {
        &self.tiers
    }

    /// The seats' geometry.
    #[must_use]
    pub fn plan(&self) -> &SeatingPlan {
        &self.plan
    }

    /// What a seat is doing; `None` when the plan has no such seat.
    #[must_use]
    pub fn seat(&self, seat: SeatIndex) -> Option<SeatState> {
        self.seats.get(seat)
    }

    /// What every seat is doing, in plan order.
    pub fn seat_states(&self) -> impl Iterator<Item = SeatState> + '_ {
        self.seats.states().iter().copied()
    }

    /// The label an organizer gave for withholding seats.
    #[must_use]
    pub fn block_label(&self, number: u16) -> Option<&str> {
        self.seats.labels().get(usize::from(number)).map(|label| &**label)
    }

    /// The tier that prices a seat.
    #[must_use]
    pub fn tier_of(&self, seat: SeatIndex) -> Option<TierIndex> {
        self.pricing.tier(seat)
    }

    /// What a seat costs now, without fees.
    #[must_use]
    pub fn price_of(&self, seat: SeatIndex) -> Option<Amount> {
        self.pricing.price(seat)
    }

    /// How many seats are doing what.
    #[must_use]
    pub fn counts(&self) -> SeatCounts {
        self.seats.counts()
    }

    /// A reservation; `None` when there was none, or it ended without an order more than a day ago.
    #[must_use]
    pub fn reservation(&self, number: ReservationNumber) -> Option<&Reservation> {
        self.reservations.get(&number)
    }

    /// Every reservation still known, by number.
    pub fn reservations(&self) -> impl Iterator<Item = (ReservationNumber, &Reservation)> {
        self.reservations.iter().map(|(number, reservation)| (*number, reservation))
    }

    /// Every order, by number.
    pub fn orders(&self) -> impl Iterator<Item = (OrderNumber, &Order)> {
        (0..).map(OrderNumber).zip(&self.orders)
    }

    /// Every payment attempt, by number.
    pub fn payments(&self) -> impl Iterator<Item = (PaymentNumber, &Payment)> {
        (0..).map(PaymentNumber).zip(&self.payments)
    }

    /// Every refund, by number.
    pub fn refunds(&self) -> impl Iterator<Item = (RefundNumber, &Refund)> {
        (0..).map(RefundNumber).zip(&self.refunds)
    }

    /// Every ticket, by number.
    pub fn tickets(&self) -> impl Iterator<Item = (TicketNumber, &Ticket)> {
        (0..).map(TicketNumber).zip(&self.tickets)
    }

    /// Where the money is.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What seats and fees brought in; refunds, and money finally not to be had, taken off.
    #[must_use]
    pub fn revenue(&self) -> Amount {
        let [sold, fees, lost] = [Account::Tickets, Account::Fees, Account::Uncollected]
            .map(|account| self.ledger.balance(account));
        let owed_for = Amount::sum([sold, fees, lost]).unwrap_or_default();
        Amount(owed_for.0.saturating_neg())
    }

    /// Orders ever confirmed.
    #[must_use]
    pub fn orders_sold(&self) -> u32 {
        self.index.sold_orders
    }

    /// What refunds of cancelled orders came to, as far as the provider has done them.
    #[must_use]
    pub fn given_back(&self) -> Amount {
        self.index.given_back
    }

    /// What the event is doing at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        let counts = self.counts();
        match self.stage {
            Stage::Cancelled | Stage::Deleted => Status::Cancelled,
            Stage::Unopened => Status::Draft,
            Stage::Open if !self.terms.published => Status::Draft,
            Stage::Open if now < self.terms.on_sale_at => Status::Upcoming,
            Stage::Open if counts.available == 0 && counts.reserved == 0 => Status::SoldOut,
            Stage::Open if now >= self.terms.sales_end_at => Status::Ended,
            Stage::Open => Status::OnSale,
        }
    }

    /// When time alone next changes something, or the world must be asked again; `None` when the sale may sleep until
    /// somebody calls.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let over = self.stage != Stage::Open
            && !(self.index.expiries.is_empty()
                && self.index.confirmed.is_empty()
                && self.index.ceilings.is_empty());
        if over || self.has_effects() {
            return Some(self.now);
        }
        self.index.expiries.get_min().map(|(at, _)| *at)
    }

    /// When time alone next changes something, leaving aside what the world is asked.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let over = self.stage != Stage::Open;
        let expiry = self.index.expiries.get_min().map(|(at, _)| *at);
        let ceiling = self.index.ceilings.get_min().map(|(at, _)| *at);
        let next = expiry.into_iter().chain(ceiling).min();
        let ending = over && (next.is_some() || !self.index.confirmed.is_empty());
        if ending { Some(self.now) } else { next }
    }

    /// What time makes happen by `now`; see [`Sale::due_entry`].
    pub(super) fn due(&self, now: Timestamp) -> Vec<Fact> {
        let mut facts = self.due_payments(now);
        if !planted(Bug::NeverExpire) {
            facts.extend(self.due_reservations(now));
        }
        facts.extend(self.due_orders());
        // Each kind is bounded by itself; together they would be three times as many.
        facts.truncate(MAX_DUE_FACTS);
        facts
    }
}
