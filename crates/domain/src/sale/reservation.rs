//! Reservations: seats that a buyer holds for a limited time, at the prices of the time of the reservation.
//!
//! The seats are available again exactly at `expires_at`, because [`Sale::step`] applies expiries before it decides a command. A
//! reservation does not expire while a payment attempt may still charge.

use super::hold_limits::{AvailableTo, Giver, giver_of};
use super::{Changes, Decision, Sale, SalePhase, SeatState, Subject, Violation};
use crate::best_available::{Availability, best_available, general_admission};
use crate::command::{Holder, Selection};
use crate::fact::{Fact, Item};
use crate::ids::{AccountId, OrderNumber, ReservationNumber, SeatIndex};
use crate::limits::{ENDED_RESERVATION_TTL, MAX_DUE_FACTS, MAX_HOLD, MAX_SEATS_PER_RESERVATION, MIN_HOLD};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::seating_plan::{SectionIndex, SegmentIndex};
use crate::terms::Fees;
use crate::time::{Millis, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A buyer's timed claim on seats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// The buyer.
    pub buyer: AccountId,
    /// Seats and prices, in the order asked.
    pub items: Arc<[Item]>,
    /// Fees on top.
    pub fees: Amount,
    /// Seats and fees together.
    pub total: Amount,
    /// The fee terms at the time of the reservation; later changes do not affect it.
    pub fee_terms: Fees,
    /// The hold that was asked for.
    pub hold: Millis,
    /// When it began.
    pub placed_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether it was extended, which is possible once.
    pub extended: bool,
    /// Its order, once the buyer has tried to pay.
    pub order: Option<OrderNumber>,
    /// Its phase.
    pub phase: ReservationPhase,
    /// From where it is held, if that is limited.
    pub holder: Option<Holder>,
}

/// The phase of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReservationPhase {
    /// It holds its seats.
    Active,
    /// It expired.
    Expired,
    /// It was cancelled.
    Cancelled,
    /// Its order is confirmed, and its seats are sold.
    Converted,
}

/// The number of seats.
pub(super) fn count_of(items: &[Item]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

pub(super) fn total_of(items: &[Item], fees: Amount) -> Result<Amount, Violation> {
    Amount::sum(items.iter().map(|item| item.price))
        .and_then(|seats| seats.plus(fees))
        .map_err(|error| Violation::new(error.to_string()))
}

/// What the search for the best seats asks about a sale.
impl Availability for Sale {
    fn available(&self, seat: SeatIndex) -> bool {
        self.seats.is_available(seat)
    }

    fn price(&self, seat: SeatIndex) -> Option<Amount> {
        self.pricing.price(seat)
    }

    fn available_in_segment(&self, segment: SegmentIndex) -> u32 {
        self.seats.available_in_segment(segment)
    }

    fn next_available(&self, from: SeatIndex, before: SeatIndex) -> Option<SeatIndex> {
        self.seats.next_available(from, before)
    }
}

impl Sale {
    pub(super) fn decide_reservation(
        &self,
        buyer: AccountId,
        selection: &Selection,
        hold: Millis,
        holder: Option<Holder>,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        self.check_selling(now)?;
        if hold < MIN_HOLD || hold > MAX_HOLD {
            return Err(Refusal::HoldOutOfRange);
        }
        let giver = giver_of(holder, buyer);
        let seats = self.choose_for(giver, selection, now)?;
        if let Selection::Seats(chosen) = selection {
            self.check_single_seats(chosen, &[])?;
        }
        self.check_limit(buyer, seats.len())?;
        self.check_hold_limits(holder, seats.len())?;
        let items = self.priced(&seats)?;
        let fees = fees_on(self.terms.fees, &items)?;
        let reservation = ReservationNumber(self.next_reservation);
        let expires_at = now.plus(hold);
        let placed = Fact::ReservationPlaced { reservation, buyer, items, fees, hold, expires_at };
        let held_from = holder.map(|holder| Fact::ReservationHeldFrom { reservation, holder });
        let facts = std::iter::once(placed).chain(held_from).collect();
        Ok(Decision::new(Subject::Reservation(reservation), facts))
    }

    pub(super) fn check_selling(&self, now: Timestamp) -> Result<(), Refusal> {
        let ended = now >= self.terms.sales_end_at && !planted(Bug::SellAfterEnd);
        if self.phase != SalePhase::Open || ended {
            return Err(Refusal::SaleClosed);
        }
        if !self.terms.published || now < self.terms.on_sale_at {
            return Err(Refusal::SaleNotOpen { opens_at: self.terms.on_sale_at });
        }
        if self.next_reservation == u32::MAX {
            return Err(Refusal::LimitReached("reservations of one sale"));
        }
        Ok(())
    }

    /// The seats of a selection, for a sale at the counter.
    pub(super) fn choose(&self, selection: &Selection) -> Result<Vec<SeatIndex>, Refusal> {
        self.choose_for(None, selection, self.now)
    }

    pub(super) fn choose_for(
        &self,
        giver: Option<Giver>,
        selection: &Selection,
        now: Timestamp,
    ) -> Result<Vec<SeatIndex>, Refusal> {
        match selection {
            Selection::Seats(seats) => {
                let seats = self.named(seats)?;
                self.check_cooling(giver, &seats, now)?;
                Ok(seats)
            }
            Selection::BestAvailable(wanted) => {
                check_quantity(wanted.quantity)?;
                let available = AvailableTo { sale: self, giver, now };
                best_available(&self.plan, wanted, &available).ok_or(Refusal::NothingFits)
            }
            Selection::GeneralAdmission(wanted) => self.general_admission_seats(wanted),
        }
    }

    /// Checks the seats that a buyer named: they must exist, be distinct, few enough and available.
    pub(super) fn named(&self, seats: &[SeatIndex]) -> Result<Vec<SeatIndex>, Refusal> {
        check_quantity(u32::try_from(seats.len()).unwrap_or(u32::MAX))?;
        check_distinct(seats)?;
        let matching = |test: &dyn Fn(SeatIndex) -> bool| -> Vec<SeatIndex> {
            seats.iter().copied().filter(|seat| test(*seat)).collect()
        };
        let unknown = matching(&|seat| self.seats.get(seat).is_none());
        if !unknown.is_empty() {
            return Err(Refusal::UnknownSeats(unknown));
        }
        let taken = matching(&|seat| !self.seats.is_available(seat));
        if taken.is_empty() { Ok(seats.to_vec()) } else { Err(Refusal::SeatUnavailable(taken)) }
    }

    fn general_admission_seats(&self, wanted: &[(SectionIndex, u32)]) -> Result<Vec<SeatIndex>, Refusal> {
        let total = wanted.iter().fold(0_u32, |sum, (_, quantity)| sum.saturating_add(*quantity));
        check_quantity(total)?;
        if wanted.iter().any(|(_, quantity)| *quantity == 0) {
            return Err(Refusal::NoSeats);
        }
        let sections: BTreeSet<SectionIndex> = wanted.iter().map(|(section, _)| *section).collect();
        let is_open = |section: &SectionIndex| {
            self.plan.section(*section).is_some_and(|found| found.general_admission())
        };
        if sections.len() != wanted.len() || !sections.iter().all(is_open) {
            return Err(Refusal::NotGeneralAdmission);
        }
        let mut seats = Vec::new();
        for (section, quantity) in wanted {
            seats.extend(
                general_admission(&self.plan, *section, *quantity, self).ok_or(Refusal::NothingFits)?,
            );
        }
        Ok(seats)
    }

    pub(super) fn check_limit(&self, buyer: AccountId, more: usize) -> Result<(), Refusal> {
        let have = self.index.buyers.get(&buyer).copied().unwrap_or(0);
        let have = if planted(Bug::IgnoreTicketLimit) { 0 } else { have };
        let max = self.terms.max_tickets_per_buyer;
        let wanted = u32::try_from(more).unwrap_or(u32::MAX).saturating_add(have);
        if wanted > max { Err(Refusal::TicketLimit { max, have }) } else { Ok(()) }
    }

    pub(super) fn priced(&self, seats: &[SeatIndex]) -> Result<Vec<Item>, Refusal> {
        let item = |seat: &SeatIndex| self.pricing.price(*seat).map(|price| Item { seat: *seat, price });
        let items: Option<Vec<Item>> = seats.iter().map(item).collect();
        items.ok_or_else(|| {
            let unpriced = seats.iter().copied().filter(|seat| self.pricing.price(*seat).is_none());
            Refusal::NotForSale(unpriced.collect())
        })
    }

    /// An active reservation of this buyer.
    pub(super) fn own_active(
        &self,
        number: ReservationNumber,
        buyer: AccountId,
    ) -> Result<&Reservation, Refusal> {
        let found =
            self.reservations.get(&number).filter(|found| found.buyer == buyer).ok_or(Refusal::NotFound)?;
        match (found.phase, found.order) {
            (ReservationPhase::Active, _) => Ok(found),
            (ReservationPhase::Converted, Some(order)) => Err(Refusal::AlreadyOrdered(order)),
            (ReservationPhase::Expired, _) => Err(Refusal::ReservationExpired),
            (ReservationPhase::Cancelled | ReservationPhase::Converted, _) => {
                Err(Refusal::ReservationCancelled)
            }
        }
    }

    /// An active reservation of this buyer without a payment attempt in progress.
    pub(super) fn own_without_payment(
        &self,
        number: ReservationNumber,
        buyer: AccountId,
    ) -> Result<&Reservation, Refusal> {
        let found = self.own_active(number, buyer)?;
        let paying = self.is_paying(found) && !planted(Bug::ChangeCartDuringPayment);
        if paying { Err(Refusal::PaymentInProgress) } else { Ok(found) }
    }

    pub(super) fn decide_extension(
        &self,
        number: ReservationNumber,
        buyer: AccountId,
    ) -> Result<Decision, Refusal> {
        let found = self.own_active(number, buyer)?;
        let expires_at = found.expires_at.plus(found.hold).min(found.placed_at.plus(MAX_HOLD));
        let extended = found.extended && !planted(Bug::ExtendRepeatedly);
        if extended || expires_at <= found.expires_at {
            return Err(Refusal::CannotExtend);
        }
        if self.is_paying(found) {
            return Err(Refusal::PaymentInProgress);
        }
        let extended = Fact::ReservationExtended { reservation: number, expires_at };
        Ok(Decision::new(Subject::Reservation(number), vec![extended]))
    }

    pub(super) fn decide_cancellation(
        &self,
        number: ReservationNumber,
        buyer: AccountId,
    ) -> Result<Decision, Refusal> {
        self.own_without_payment(number, buyer)?;
        let cancelled = Fact::ReservationCancelled { reservation: number };
        Ok(Decision::new(Subject::Reservation(number), vec![cancelled]))
    }

    /// Ends reservations that have expired, and all reservations of a cancelled event.
    pub(super) fn due_reservations(&self, now: Timestamp) -> Vec<Fact> {
        let over = self.phase != SalePhase::Open;
        let now = if planted(Bug::ExpireEarly) { now.plus(MIN_HOLD) } else { now };
        let due = self.index.expiries.iter().take_while(|(at, _)| over || *at <= now).take(MAX_DUE_FACTS);
        due.map(|(at, reservation)| {
            let reservation = *reservation;
            if *at <= now {
                Fact::ReservationExpired { reservation }
            } else {
                Fact::ReservationCancelled { reservation }
            }
        })
        .collect()
    }

    /// A new reservation under the current terms.
    pub(super) fn placed(
        &self,
        buyer: AccountId,
        items: &[Item],
        fees: Amount,
        hold: Millis,
        expires_at: Timestamp,
    ) -> Result<Reservation, Violation> {
        Ok(Reservation {
            buyer,
            items: items.into(),
            fees,
            total: total_of(items, fees)?,
            fee_terms: self.terms.fees,
            hold,
            placed_at: self.now,
            expires_at,
            extended: false,
            order: None,
            phase: ReservationPhase::Active,
            holder: None,
        })
    }

    pub(super) fn apply_placed(
        &mut self,
        number: ReservationNumber,
        placed: Reservation,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        if number.0 != self.next_reservation {
            return Err(Violation::new(format!("reservation {number} is out of order")));
        }
        self.next_reservation =
            number.0.checked_add(1).ok_or_else(|| Violation::new("too many reservations"))?;
        for item in placed.items.iter() {
            self.move_seat(item.seat, SeatState::Available, SeatState::Reserved(number), changes)?;
        }
        self.count_for(placed.buyer, count_of(&placed.items))?;
        self.index.expiries.insert((placed.expires_at, number));
        self.index.active.insert((placed.buyer, number));
        self.reservations.insert(number, placed);
        Ok(())
    }

    pub(super) fn apply_changed(
        &mut self,
        number: ReservationNumber,
        items: &[Item],
        fees: Amount,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let total = total_of(items, fees)?;
        let changed = self.active_mut(number)?;
        let old = std::mem::replace(&mut changed.items, items.into());
        changed.fees = fees;
        changed.total = total;
        let (buyer, holder) = (changed.buyer, changed.holder);
        let has = |list: &[Item], seat: SeatIndex| list.iter().any(|item| item.seat == seat);
        for item in old.iter().filter(|item| !has(items, item.seat)) {
            self.vacate(item.seat, SeatState::Reserved(number), changes)?;
        }
        for item in items.iter().filter(|item| !has(&old, item.seat)) {
            self.move_seat(item.seat, SeatState::Available, SeatState::Reserved(number), changes)?;
        }
        let more = count_of(items).saturating_sub(count_of(&old));
        self.index.count_from(holder, more)?;
        self.count_for(buyer, more)
    }

    pub(super) fn apply_extended(
        &mut self,
        number: ReservationNumber,
        expires_at: Timestamp,
    ) -> Result<(), Violation> {
        let extended = self.active_mut(number)?;
        let before = std::mem::replace(&mut extended.expires_at, expires_at);
        extended.extended = true;
        if self.index.expiries.remove(&(before, number)).is_some() {
            self.index.expiries.insert((expires_at, number));
        }
        Ok(())
    }

    /// Ends a reservation that was not bought, and abandons its unpaid order.
    pub(super) fn apply_ended(
        &mut self,
        number: ReservationNumber,
        phase: ReservationPhase,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let ended = self.active_mut(number)?;
        ended.phase = phase;
        let ended = ended.clone();
        for item in ended.items.iter() {
            self.vacate(item.seat, SeatState::Reserved(number), changes)?;
        }
        let fewer = count_of(&ended.items).saturating_neg();
        self.count_for(ended.buyer, fewer)?;
        self.index.count_from(ended.holder, fewer)?;
        self.index.expiries.remove(&(ended.expires_at, number));
        self.index.active.remove(&(ended.buyer, number));
        self.note_give_back(&ended);
        match ended.order {
            Some(order) => self.abandon_order(order)?,
            None => self.index.ended.push_back((self.now, number)),
        }
        Ok(())
    }

    pub(super) fn active(&self, number: ReservationNumber) -> Result<&Reservation, Violation> {
        self.reservations
            .get(&number)
            .filter(|found| found.phase == ReservationPhase::Active)
            .ok_or_else(|| Violation::new(format!("reservation {number} is not active")))
    }

    pub(super) fn active_mut(&mut self, number: ReservationNumber) -> Result<&mut Reservation, Violation> {
        self.reservations
            .get_mut(&number)
            .filter(|found| found.phase == ReservationPhase::Active)
            .ok_or_else(|| Violation::new(format!("reservation {number} is not active")))
    }

    /// Changes the number of seats that a buyer has reserved and bought.
    pub(super) fn count_for(&mut self, buyer: AccountId, change: i64) -> Result<(), Violation> {
        let have = i64::from(self.index.buyers.get(&buyer).copied().unwrap_or(0));
        let count = u32::try_from(have.saturating_add(change))
            .map_err(|_below_zero| Violation::new("a buyer's seats fell below zero"))?;
        if count == 0 {
            self.index.buyers.remove(&buyer);
        } else {
            self.index.buyers.insert(buyer, count);
        }
        Ok(())
    }

    pub(super) fn forget_old(&mut self) {
        self.forget_old_keys();
        self.forget_give_backs();
        let limit = self.now.minus(ENDED_RESERVATION_TTL);
        while let Some((at, number)) = self.index.ended.front().copied()
            && at < limit
        {
            self.index.ended.pop_front();
            self.reservations.remove(&number);
        }
    }
}

pub(super) fn fees_on(terms: Fees, items: &[Item]) -> Result<Amount, Refusal> {
    terms.on(items.iter().map(|item| item.price)).map_err(|_out_of_range| Refusal::AmountOutOfRange)
}

pub(super) fn check_quantity(quantity: u32) -> Result<(), Refusal> {
    match usize::try_from(quantity) {
        Ok(0) => Err(Refusal::NoSeats),
        Ok(count) if count <= MAX_SEATS_PER_RESERVATION => Ok(()),
        Ok(_) | Err(_) => Err(Refusal::TooManySeats { max: MAX_SEATS_PER_RESERVATION }),
    }
}

pub(super) fn check_distinct(seats: &[SeatIndex]) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let repeated: BTreeSet<SeatIndex> = seats.iter().copied().filter(|seat| !seen.insert(*seat)).collect();
    if repeated.is_empty() { Ok(()) } else { Err(Refusal::DuplicateSeats(repeated.into_iter().collect())) }
}
