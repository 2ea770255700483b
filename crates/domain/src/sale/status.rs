//! Queries about a sale: its status, its contents and its next deadline.

use super::{
    Ledger, LedgerAccount, Order, Payment, Refund, Reservation, Sale, SalePhase, SeatCounts, SeatState,
    Ticket, TierIndex,
};
use crate::fact::Fact;
use crate::ids::{
    EventNumber, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use crate::limits::MAX_DUE_FACTS;
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::seating_plan::SeatingPlan;
use crate::terms::{PriceTier, Terms};
use crate::time::Timestamp;

/// The public status of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Not published.
    Draft,
    /// Sales have not begun.
    Upcoming,
    /// Seats can be reserved, or reserved seats may become available again.
    OnSale,
    /// Nothing is available or reserved.
    SoldOut,
    /// Sales are over.
    Ended,
    /// The event is cancelled or deleted.
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

    /// Whether the sale was opened.
    #[must_use]
    pub fn is_opened(&self) -> bool {
        self.phase != SalePhase::Unopened
    }

    /// Whether the event was deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.phase == SalePhase::Deleted
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

    /// The seating plan.
    #[must_use]
    pub fn plan(&self) -> &SeatingPlan {
        &self.plan
    }

    /// The state of a seat; `None` when the plan has no such seat.
    #[must_use]
    pub fn seat(&self, seat: SeatIndex) -> Option<SeatState> {
        self.seats.get(seat)
    }

    /// The state of every seat, in plan order.
    pub fn seat_states(&self) -> impl Iterator<Item = SeatState> + '_ {
        self.seats.states().iter()
    }

    /// The reason that an organizer gave for blocking seats.
    #[must_use]
    pub fn block_reason(&self, number: u16) -> Option<&str> {
        self.seats.reasons().get(usize::from(number)).map(|reason| &**reason)
    }

    /// The price tier of a seat.
    #[must_use]
    pub fn tier_of(&self, seat: SeatIndex) -> Option<TierIndex> {
        self.pricing.tier(seat)
    }

    /// The current price of a seat, without fees.
    #[must_use]
    pub fn price_of(&self, seat: SeatIndex) -> Option<Amount> {
        self.pricing.price(seat)
    }

    /// How many seats of a tier are not blocked: available, reserved or sold.
    #[must_use]
    pub fn offered(&self, tier: TierIndex) -> u32 {
        self.index.offered.get(usize::from(tier.0)).copied().unwrap_or(0)
    }

    /// The lowest and the highest current price, without fees, over the seats that are not blocked or removed. Seats that are
    /// reserved or sold count, so that the range does not move with every sale. `None` when no seat is on offer.
    #[must_use]
    pub fn price_range(&self) -> Option<(Amount, Amount)> {
        let offered = self.tiers.iter().zip(&self.index.offered).filter(|(_, seats)| **seats > 0);
        let prices = || offered.clone().map(|(tier, _)| tier.price);
        prices().min().zip(prices().max())
    }

    /// The number of seats in each state.
    #[must_use]
    pub fn counts(&self) -> SeatCounts {
        self.seats.counts()
    }

    /// About how much memory the sale takes, in bytes: measured for plans of 250,000 seats (60 bytes for each) and for sales of many orders.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        const SALE: usize = 32 * 1_024;
        let of = |count: usize, bytes: usize| count.saturating_mul(bytes);
        [
            SALE,
            of(self.plan.seat_count(), 64),
            of(self.reservations.len(), 400),
            of(self.orders.len(), 600),
            of(self.payments.len(), 200),
            of(self.tickets.len(), 120),
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }

    /// A reservation; `None` when it does not exist, or ended without an order more than a day ago.
    #[must_use]
    pub fn reservation(&self, number: ReservationNumber) -> Option<&Reservation> {
        self.reservations.get(&number)
    }

    /// Every reservation that is still kept, by number.
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

    /// The balances of the sale's accounts.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The revenue: seats and fees sold, minus refunds (paid or owed) and payments that could not be captured.
    #[must_use]
    pub fn revenue(&self) -> Amount {
        let [sold, fees, lost] = [LedgerAccount::Tickets, LedgerAccount::Fees, LedgerAccount::Uncollected]
            .map(|account| self.ledger.balance(account));
        let owed_for = Amount::sum([sold, fees, lost]).unwrap_or_default();
        Amount(owed_for.0.saturating_neg())
    }

    /// Orders ever confirmed.
    #[must_use]
    pub fn orders_sold(&self) -> u32 {
        self.index.sold_orders
    }

    /// The sum of completed refunds of cancelled orders.
    #[must_use]
    pub fn refunded_total(&self) -> Amount {
        self.index.refunded_total
    }

    /// The public status at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        let counts = self.counts();
        match self.phase {
            SalePhase::Cancelled | SalePhase::Deleted => Status::Cancelled,
            SalePhase::Unopened => Status::Draft,
            SalePhase::Open if !self.terms.published => Status::Draft,
            SalePhase::Open if now < self.terms.on_sale_at => Status::Upcoming,
            SalePhase::Open if counts.available == 0 && counts.reserved == 0 => Status::SoldOut,
            SalePhase::Open if now >= self.terms.sales_end_at => Status::Ended,
            SalePhase::Open => Status::OnSale,
        }
    }

    /// When the sale must be woken without a command: for its next due entry, or at once while effects are open. `None` when it
    /// may sleep.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let over = self.phase != SalePhase::Open
            && !(self.index.expiries.is_empty()
                && self.index.confirmed.is_empty()
                && self.index.cancel_deadlines.is_empty());
        if over || self.has_effects() {
            return Some(self.now);
        }
        self.index.expiries.get_min().map(|(at, _)| *at)
    }

    /// When [`Sale::due_entry`] next has something.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let over = self.phase != SalePhase::Open;
        let expiry = self.index.expiries.get_min().map(|(at, _)| *at);
        let cancel_at = self.index.cancel_deadlines.get_min().map(|(at, _)| *at);
        let next = expiry.into_iter().chain(cancel_at).min();
        let ending = over && (next.is_some() || !self.index.confirmed.is_empty());
        if ending { Some(self.now) } else { next }
    }

    /// The facts that are due by `now`; see [`Sale::due_entry`].
    pub(super) fn due(&self, now: Timestamp) -> Vec<Fact> {
        let mut facts = self.due_payments(now);
        if !planted(Bug::NeverExpire) {
            facts.extend(self.due_reservations(now));
        }
        facts.extend(self.due_orders());
        // Each of the three kinds is bounded, but their sum could exceed the bound.
        facts.truncate(MAX_DUE_FACTS);
        facts
    }
}
