//! Limits on hoarding: how many seats may be held from one network at one time, and a pause for seats that the same caller keeps giving back.
//!
//! New accounts cost nothing, so those behind one network share a small limit. Seats count from their reservation until it ends or its order is
//! confirmed. Sales at the counter, changes of a cart that take nothing more, and payments that are declined are never limited or counted.

use super::reservation::count_of;
use super::{Index, Reservation, ReservationPhase, Sale, SalePhase, Violation};
use crate::best_available::Availability;
use crate::command::{HoldOrigin, Holder};
use crate::ids::{AccountId, ReservationNumber, SeatIndex};
use crate::limits::{
    BUYERS_OF_A_SMALL_EVENT, COOLING_TIME, DEFAULT_HELD_BY_ORIGIN, GIVE_BACK_TIME,
    HELD_BY_NEW_ACCOUNTS_DIVISOR, HELD_BY_ORIGIN_DIVISOR, MAX_GIVE_BACKS,
};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::seating_plan::SegmentIndex;
use crate::terms::HoldLimits;
use crate::time::Timestamp;
use imbl::{OrdMap, Vector};
use serde::{Deserialize, Serialize};

/// Seats that are held from one origin now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldFromOrigin {
    /// By all accounts.
    pub all: u32,
    /// By new accounts.
    pub by_new_accounts: u32,
}

/// Who gives seats back: an account, or all new accounts of an origin together.
pub(super) type Giver = u128;

/// How often somebody gave a seat back, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct GivenBack {
    times: u8,
    last: Timestamp,
}

/// Seats that were given back lately, at most [`MAX_GIVE_BACKS`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GiveBacks {
    by_seat: OrdMap<(Giver, SeatIndex), GivenBack>,
    /// Every giving back, the oldest first.
    in_order: Vector<GiveBack>,
}

/// One giving back, as snapshots keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GiveBack {
    at: Timestamp,
    giver: Giver,
    seat: SeatIndex,
}

impl GiveBacks {
    pub(super) fn iter(&self) -> impl Iterator<Item = GiveBack> + '_ {
        self.in_order.iter().copied()
    }

    pub(super) fn note(&mut self, back: GiveBack) {
        let key = (back.giver, back.seat);
        let times = self.by_seat.get(&key).map_or(0, |known| known.times).saturating_add(1);
        self.by_seat.insert(key, GivenBack { times, last: back.at });
        self.in_order.push_back(back);
        while self.in_order.len() > MAX_GIVE_BACKS {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.in_order.pop_front() else { return };
        let key = (oldest.giver, oldest.seat);
        match self.by_seat.get(&key).copied() {
            Some(GivenBack { times, last }) if times > 1 => {
                self.by_seat.insert(key, GivenBack { times: times.saturating_sub(1), last });
            }
            _ => drop(self.by_seat.remove(&key)),
        }
    }

    fn forget_before(&mut self, limit: Timestamp) {
        while self.in_order.front().is_some_and(|oldest| oldest.at < limit) {
            self.forget_oldest();
        }
    }

    /// Until when the giver must leave the seat to others; `None` when they need not.
    fn cools_until(&self, giver: Giver, seat: SeatIndex, now: Timestamp) -> Option<Timestamp> {
        let known = self.by_seat.get(&(giver, seat)).filter(|known| known.times > 1)?;
        let until = known.last.plus(COOLING_TIME);
        (now < until).then_some(until)
    }
}

/// The seats that a caller may take: those that are available, but for the ones that they keep giving back.
pub(super) struct AvailableTo<'s> {
    pub(super) sale: &'s Sale,
    pub(super) giver: Option<Giver>,
    pub(super) now: Timestamp,
}

impl Availability for AvailableTo<'_> {
    fn available(&self, seat: SeatIndex) -> bool {
        self.sale.available(seat) && !self.cools(seat)
    }

    fn price(&self, seat: SeatIndex) -> Option<Amount> {
        Availability::price(self.sale, seat)
    }

    fn available_in_segment(&self, segment: SegmentIndex) -> u32 {
        self.sale.available_in_segment(segment)
    }

    fn next_available(&self, from: SeatIndex, before: SeatIndex) -> Option<SeatIndex> {
        let mut from = from;
        loop {
            let found = self.sale.next_available(from, before)?;
            if !self.cools(found) {
                return Some(found);
            }
            from = SeatIndex(found.0.checked_add(1)?);
        }
    }
}

impl AvailableTo<'_> {
    fn cools(&self, seat: SeatIndex) -> bool {
        self.giver.is_some_and(|giver| self.sale.give_backs.cools_until(giver, seat, self.now).is_some())
    }
}

impl Sale {
    /// How many seats may be held from one origin, by all accounts and by new ones: what the organizer set, or else a share of the seats that
    /// are not blocked.
    #[must_use]
    pub fn hold_limits(&self) -> (u32, u32) {
        let counts = self.counts();
        let offered = counts.total().saturating_sub(counts.blocked);
        let (usual, usual_new) = usual_limits(offered, self.terms.max_tickets_per_buyer);
        let all = self.hold_limits.seats.unwrap_or(usual);
        let new = self.hold_limits.seats_of_new_accounts.unwrap_or(usual_new);
        (all, new.min(all))
    }

    /// The limits that the organizer set.
    #[must_use]
    pub fn own_hold_limits(&self) -> HoldLimits {
        self.hold_limits
    }

    /// The seats that are held from an origin now.
    #[must_use]
    pub fn held_from(&self, origin: HoldOrigin) -> HeldFromOrigin {
        self.index.origins.get(&origin).copied().unwrap_or_default()
    }

    /// The most seats that are held from one origin now, for the organizer to see.
    #[must_use]
    pub fn most_held_from_one_origin(&self) -> HeldFromOrigin {
        let by_all = self.index.origins.values().map(|held| held.all).max().unwrap_or(0);
        let by_new = self.index.origins.values().map(|held| held.by_new_accounts).max().unwrap_or(0);
        HeldFromOrigin { all: by_all, by_new_accounts: by_new }
    }

    /// Whether the holder may hold so many seats more.
    pub(super) fn check_hold_limits(&self, holder: Option<Holder>, more: usize) -> Result<(), Refusal> {
        let Some(holder) = holder.filter(|_| !planted(Bug::IgnoreHoldLimit)) else { return Ok(()) };
        let held = self.held_from(holder.origin);
        let (all, new) = self.hold_limits();
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        if holder.new_account && held.by_new_accounts.saturating_add(more) > new {
            return Err(Refusal::HoldLimit { max: new, have: held.by_new_accounts, new_accounts: true });
        }
        if held.all.saturating_add(more) > all {
            return Err(Refusal::HoldLimit { max: all, have: held.all, new_accounts: false });
        }
        Ok(())
    }

    /// Refuses seats that the caller has given back again and again.
    pub(super) fn check_cooling(
        &self,
        giver: Option<Giver>,
        seats: &[SeatIndex],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(giver) = giver else { return Ok(()) };
        let until = |seat: &SeatIndex| Some((*seat, self.give_backs.cools_until(giver, *seat, now)?));
        let cooling: Vec<(SeatIndex, Timestamp)> = seats.iter().filter_map(until).collect();
        match cooling.iter().map(|(_, until)| *until).max() {
            None => Ok(()),
            Some(until) => Err(Refusal::SeatsCooling {
                seats: cooling.into_iter().map(|(seat, _)| seat).collect(),
                until,
            }),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as every fact is applied")]
    pub(super) fn apply_hold_limits(&mut self, limits: HoldLimits) -> Result<(), Violation> {
        self.hold_limits = limits;
        Ok(())
    }

    /// Notes from where a new reservation is held.
    pub(super) fn apply_holder(
        &mut self,
        number: ReservationNumber,
        holder: Holder,
    ) -> Result<(), Violation> {
        let held = self.active_mut(number)?;
        if held.holder.replace(holder).is_some() {
            return Err(Violation::new(format!("reservation {number} has two holders")));
        }
        let count = count_of(&held.items);
        self.index.count_from(Some(holder), count)
    }

    /// Remembers the seats of a reservation that its buyer gave up, or did not even try to pay for. Somebody whose card was declined until the
    /// time was over gave nothing back.
    pub(super) fn note_give_back(&mut self, ended: &Reservation) {
        let tried_to_pay = ended.phase == ReservationPhase::Expired && ended.order.is_some();
        if self.phase != SalePhase::Open || tried_to_pay {
            return;
        }
        let Some(giver) = giver_of(ended.holder, ended.buyer) else { return };
        for item in ended.items.iter() {
            self.give_backs.note(GiveBack { at: self.now, giver, seat: item.seat });
        }
    }

    pub(super) fn forget_give_backs(&mut self) {
        let limit = self.now.minus(GIVE_BACK_TIME);
        self.give_backs.forget_before(limit);
    }
}

impl Index {
    /// Changes the number of seats that are held from an origin.
    pub(super) fn count_from(&mut self, holder: Option<Holder>, change: i64) -> Result<(), Violation> {
        let Some(Holder { origin, new_account }) = holder else { return Ok(()) };
        let held = self.origins.get(&origin).copied().unwrap_or_default();
        let changed = |count: u32| {
            u32::try_from(i64::from(count).saturating_add(change))
                .map_err(|_below_zero| Violation::new("the seats held from an origin fell below zero"))
        };
        let all = changed(held.all)?;
        let by_new_accounts = if new_account { changed(held.by_new_accounts)? } else { held.by_new_accounts };
        if all == 0 {
            self.origins.remove(&origin);
        } else {
            self.origins.insert(origin, HeldFromOrigin { all, by_new_accounts });
        }
        Ok(())
    }
}

/// The limits of an event for which the organizer set none, by all accounts of an origin and by its new ones. docs/adr/0016-hoarding.md has the
/// reasons.
fn usual_limits(offered: u32, max_tickets: u32) -> (u32, u32) {
    let some_buyers = max_tickets.saturating_mul(BUYERS_OF_A_SMALL_EVENT);
    let share = |divisor: u32| offered.checked_div(divisor).unwrap_or(0);
    let all = DEFAULT_HELD_BY_ORIGIN.max(some_buyers).max(share(HELD_BY_ORIGIN_DIVISOR));
    // In a small hall some buyers with many tickets each would be most of it.
    let new = some_buyers.min(share(4)).max(max_tickets).max(share(HELD_BY_NEW_ACCOUNTS_DIVISOR));
    (all, new)
}

/// Whose giving back is counted for a buyer who asks as this holder.
pub(super) fn giver_of(holder: Option<Holder>, buyer: AccountId) -> Option<Giver> {
    holder.map(|holder| if holder.new_account { Giver::from(holder.origin.0) } else { buyer.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_limits_grow_with_the_event() {
        for (offered, max_tickets, limits) in [
            (0, 8, (200, 8)),
            (20, 8, (200, 8)),
            (100, 8, (200, 25)),
            (500, 8, (200, 32)),
            (2_000, 8, (200, 40)),
            (10_000, 8, (500, 200)),
            (50_000, 8, (2_500, 1_000)),
            (500, 100, (400, 125)),
            (500, 1_000, (4_000, 1_000)),
            (u32::MAX, u32::MAX, (u32::MAX, u32::MAX)),
        ] {
            assert_eq!(usual_limits(offered, max_tickets), limits, "{offered} seats, {max_tickets} each");
        }
    }
}
