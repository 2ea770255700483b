//! Checks of the invariants: cheap ones after every entry, and full ones for `fairseat verify`, tests and the simulation.

use super::reservation::count_of;
use super::{
    Index, LedgerAccount, Order, OrderState, PaymentState, Refund, RefundState, ReservationPhase, Sale,
    SeatState, TicketState, Violation,
};
use crate::ids::{AccountId, OrderNumber, SeatIndex};
use crate::money::Amount;
use imbl::{OrdMap, Vector};

impl Sale {
    /// The cheap checks: seats add up, and money sums to zero.
    pub(super) fn check(&self) -> Result<(), Violation> {
        let total = usize::try_from(self.counts().total()).unwrap_or(usize::MAX);
        if total != self.plan.seat_count() {
            return Err(Violation::new("available, reserved, sold and blocked do not add up to all seats"));
        }
        if self.ledger.sum() != Ok(Amount::ZERO) {
            return Err(Violation::new("money does not sum to zero"));
        }
        Ok(())
    }

    /// Checks every invariant from the base state alone; empty when all hold.
    #[must_use]
    pub fn check_invariants(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        found.extend(self.check().err());
        self.check_seat_holders(&mut found);
        self.check_orders(&mut found);
        self.check_balances(&mut found);
        let index = self.derived_index();
        if index != self.index {
            found.push(Violation::new("an index does not match the state that it is derived from"));
        }
        let seats = super::seats::Seats::new(
            &self.plan,
            self.seats.states().iter().collect(),
            self.seats.reasons().clone(),
        );
        if seats.as_ref() != Ok(&self.seats) {
            found.push(Violation::new("seat counts differ from the seats"));
        }
        found
    }

    /// I1: each seat is held by at most one reservation or ticket, and its state names that holder.
    fn check_seat_holders(&self, found: &mut Vec<Violation>) {
        let mut holders: OrdMap<SeatIndex, SeatState> = OrdMap::new();
        let mut claim = |seat: SeatIndex, state: SeatState| {
            if holders.insert(seat, state).is_some() {
                found.push(Violation::new(format!("seat {seat} has two holders")));
            }
        };
        for (number, reservation) in self.reservations() {
            if reservation.phase == ReservationPhase::Active {
                reservation.items.iter().for_each(|item| claim(item.seat, SeatState::Reserved(number)));
            }
        }
        for (number, ticket) in self.tickets() {
            if ticket.state != TicketState::Void {
                claim(ticket.seat, SeatState::Sold(number));
            }
        }
        for (position, state) in self.seat_states().enumerate() {
            let seat = SeatIndex::at(position);
            let held = matches!(state, SeatState::Reserved(_) | SeatState::Sold(_));
            if holders.get(&seat).copied() != held.then_some(state) {
                found.push(Violation::new(format!(
                    "seat {seat} is {state:?}, which does not match its holder"
                )));
            }
        }
    }

    /// I4: at most one attempt pays for an order. An order's total is the sum of its items and fees.
    fn check_orders(&self, found: &mut Vec<Violation>) {
        let mut paid_by: OrdMap<OrderNumber, u32> = OrdMap::new();
        for (_, payment) in self.payments() {
            if payment.has_paid() {
                let count = paid_by.get(&payment.order).copied().unwrap_or(0).saturating_add(1);
                paid_by.insert(payment.order, count);
            }
        }
        for (number, order) in self.orders() {
            let expected = u32::from(order.sold().is_some_and(|sold| sold.payment.is_some()));
            if paid_by.get(&number).copied().unwrap_or(0) != expected {
                found
                    .push(Violation::new(format!("order {number} is charged more than once, or not at all")));
            }
            if Amount::sum(order.items.iter().map(|item| item.price)).and_then(|sum| sum.plus(order.fees))
                != Ok(order.total)
            {
                found.push(Violation::new(format!("order {number} does not add up")));
            }
        }
    }

    /// I3: each balance follows from the orders, payments and refunds.
    fn check_balances(&self, found: &mut Vec<Violation>) {
        let mut expect = |account: LedgerAccount, expected: Option<Amount>| {
            if expected != Some(self.ledger.balance(account)) {
                found.push(Violation::new(format!("account {account:?} does not balance")));
            }
        };
        let taken = |state: PaymentState, counter: bool| {
            let chosen = self
                .payments()
                .filter(|(number, payment)| payment.state == state && self.is_at_counter(*number) == counter);
            Amount::sum(chosen.map(|(_, payment)| payment.amount))
        };
        let payments = |state| taken(state, false);
        let refunds = |wanted: &dyn Fn(RefundState, bool) -> bool| {
            let chosen = self
                .refunds
                .iter()
                .filter(|refund| wanted(refund.state, refund.late_payment_reason.is_some()));
            Amount::sum(chosen.map(|refund| refund.amount))
        };
        let done = |counter: bool| {
            let done = |refund: &&Refund| {
                refund.late_payment_reason.is_none() && refund.state == RefundState::Completed
            };
            let chosen = self.refunds.iter().filter(done);
            let chosen = chosen.filter(|refund| self.is_at_counter(refund.payment) == counter);
            Amount::sum(chosen.map(|refund| refund.amount))
        };
        let open =
            |state| matches!(state, RefundState::Pending | RefundState::Failed | RefundState::AtCounter);
        let held_late = refunds(&|state, late| late && open(state)).ok();
        let authorized = payments(PaymentState::Authorized).ok();
        expect(LedgerAccount::Authorized, authorized.zip(held_late).and_then(|(a, b)| a.plus(b).ok()));
        for (account, counter) in [(LedgerAccount::Captured, false), (LedgerAccount::Counter, true)] {
            let captured = taken(PaymentState::Captured, counter).ok();
            expect(account, captured.zip(done(counter).ok()).and_then(|(a, b)| a.minus(b).ok()));
        }
        let owed = refunds(&|state, _| open(state)).ok();
        expect(LedgerAccount::RefundsOwed, owed.and_then(|owed| Amount::ZERO.minus(owed).ok()));
        let dropped = refunds(&|state, _| state == RefundState::Dropped).ok();
        let failed = payments(PaymentState::CaptureFailed).ok();
        expect(LedgerAccount::Uncollected, failed.zip(dropped).and_then(|(a, b)| a.minus(b).ok()));
    }

    /// The seats of each tier that are not blocked, counted one by one.
    pub(super) fn derived_offered(&self) -> Vector<u32> {
        let mut offered = vec![0_u32; self.tiers.len()];
        for (position, state) in self.seat_states().enumerate() {
            let tier = self.pricing.tier(SeatIndex::at(position)).filter(|_| state.is_offered());
            if let Some(count) = tier.and_then(|tier| offered.get_mut(usize::from(tier.0))) {
                *count = count.saturating_add(1);
            }
        }
        offered.into()
    }

    /// The index, computed from the base state.
    pub(super) fn derived_index(&self) -> Index {
        let mut index =
            Index { ended: self.index.ended.clone(), offered: self.derived_offered(), ..Index::default() };
        for (number, reservation) in self.reservations() {
            if reservation.phase == ReservationPhase::Active {
                add(&mut index.buyers, reservation.buyer, reservation.items.len());
                index.active.insert((reservation.buyer, number));
                // It only adds, so the count cannot fall below zero.
                drop(index.count_from(reservation.holder, count_of(&reservation.items)));
                if !self.is_paying(reservation) {
                    index.expiries.insert((reservation.expires_at, number));
                }
            }
        }
        for (number, order) in self.orders() {
            index.sold_orders = index.sold_orders.saturating_add(u32::from(order.sold().is_some()));
            if matches!(order.state, OrderState::Confirmed(_)) {
                index.confirmed.insert(number);
                if order.counter_payment.is_none() {
                    add(&mut index.buyers, order.buyer, order.items.len());
                }
            }
        }
        for (number, payment) in self.payments() {
            if self.counts_for_instrument(payment) {
                index.instruments.extend(payment.instrument.map(|instrument| (instrument, number)));
            }
            match payment.state {
                PaymentState::Started | PaymentState::NeedsAction => {
                    index.cancel_deadlines.insert((payment.cancel_at, number));
                }
                PaymentState::Cancelling => {
                    index.cancelling.insert(number);
                }
                PaymentState::Authorized => {
                    index.uncaptured.insert(number);
                }
                PaymentState::Declined(_)
                | PaymentState::Cancelled
                | PaymentState::Captured
                | PaymentState::CaptureFailed
                | PaymentState::Returned(_) => {}
            }
        }
        let is_refunded =
            |refund: &&Refund| refund.state == RefundState::Completed && refund.late_payment_reason.is_none();
        let sum = Amount::sum(self.refunds.iter().filter(is_refunded).map(|refund| refund.amount));
        index.refunded_total = sum.unwrap_or_default();
        let pending = self.refunds().filter(|(_, refund)| refund.state == RefundState::Pending);
        index.unrefunded = pending.map(|(number, _)| number).collect();
        index
    }
}

fn add(buyers: &mut OrdMap<AccountId, u32>, buyer: AccountId, seats: usize) {
    let have = buyers.get(&buyer).copied().unwrap_or(0);
    buyers.insert(buyer, have.saturating_add(u32::try_from(seats).unwrap_or(u32::MAX)));
}

impl Order {
    /// The price of its seats, without fees.
    #[must_use]
    pub fn seats_total(&self) -> Amount {
        self.total.minus(self.fees).unwrap_or_default()
    }
}
