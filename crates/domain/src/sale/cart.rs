//! One cart for a buyer: seats that are added later join it, and a guest's cart joins the account's cart at sign-in.
//!
//! A cart is the buyer's newest active reservation for which no payment is in progress. It keeps its end when seats are added. A merge keeps
//! the later end of the two, but no seat is held for longer than [`MAX_HOLD`] after the older cart was placed, so repeated merges gain no time.
//! A merge that goes above a limit keeps the seats that were reserved first and leaves out the rest, which does not count as giving them back.

use super::hold_limits::giver_of;
use super::reservation::{check_distinct, check_quantity, count_of, fees_on, total_of};
use super::{
    Changes, Decision, Reservation, ReservationPhase, Sale, SalePhase, SeatState, Subject, Violation,
};
use crate::command::{Holder, Selection};
use crate::fact::{Fact, Item};
use crate::ids::{AccountId, ReservationNumber, SeatIndex};
use crate::limits::{MAX_HOLD, MAX_SEATS_PER_RESERVATION};
use crate::money::Amount;
use crate::planted_bugs::{Bug, planted};
use crate::refusal::Refusal;
use crate::time::{Millis, Timestamp};

/// A cart after a merge.
pub(super) struct Merged<'f> {
    pub(super) buyer: AccountId,
    pub(super) items: &'f [Item],
    pub(super) left_out: &'f [SeatIndex],
    pub(super) fees: Amount,
    pub(super) expires_at: Timestamp,
    pub(super) holder: Option<Holder>,
}

impl Sale {
    /// The active reservations of a buyer, the newest first.
    pub fn active_reservations_of(
        &self,
        buyer: AccountId,
    ) -> impl Iterator<Item = (ReservationNumber, &Reservation)> {
        let all = (buyer, ReservationNumber(0))..=(buyer, ReservationNumber(u32::MAX));
        let numbers = self.index.active.range(all).rev().map(|(_, number)| *number);
        numbers.filter_map(|number| Some((number, self.reservations.get(&number)?)))
    }

    /// The cart of a buyer.
    #[must_use]
    pub fn cart_of(&self, buyer: AccountId) -> Option<(ReservationNumber, &Reservation)> {
        self.active_reservations_of(buyer).find(|(_, found)| !self.is_paying(found))
    }

    pub(super) fn decide_addition(
        &self,
        buyer: AccountId,
        selection: &Selection,
        hold: Millis,
        holder: Option<Holder>,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let Some((number, cart)) = self.cart_of(buyer) else {
            return self.decide_reservation(buyer, selection, hold, holder, now);
        };
        self.check_selling(now)?;
        let added = self.choose_for(giver_of(cart.holder, buyer), selection, now)?;
        if let Selection::Seats(chosen) = selection {
            self.check_single_seats(chosen, &[])?;
        }
        self.check_limit(buyer, added.len())?;
        self.check_hold_limits(cart.holder, added.len())?;
        let mut items = cart.items.to_vec();
        items.extend(self.priced(&added)?);
        change_to(number, cart, items)
    }

    pub(super) fn decide_change(
        &self,
        number: ReservationNumber,
        buyer: AccountId,
        add: &[SeatIndex],
        remove: &[SeatIndex],
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let found = self.own_without_payment(number, buyer)?;
        if add.is_empty() && remove.is_empty() {
            return Ok(Decision::new(Subject::Reservation(number), Vec::new()));
        }
        check_distinct(remove)?;
        let mut items = found.items.to_vec();
        let unknown: Vec<SeatIndex> =
            remove.iter().copied().filter(|seat| !items.iter().any(|item| item.seat == *seat)).collect();
        if !unknown.is_empty() {
            return Err(Refusal::UnknownSeats(unknown));
        }
        items.retain(|item| !remove.contains(&item.seat));
        if !add.is_empty() {
            self.check_selling(now)?;
            let added = self.named(add)?;
            self.check_cooling(giver_of(found.holder, buyer), &added, now)?;
            self.check_single_seats(&added, remove)?;
            items.extend(self.priced(&added)?);
        }
        // After the organizer lowered the limit, a buyer keeps the seats above it and may swap them, but gets no more.
        let swap = planted(Bug::IgnoreLimitOnSwap) && !remove.is_empty();
        if let Some(more) = add.len().checked_sub(remove.len()).filter(|more| *more > 0 && !swap) {
            self.check_limit(buyer, more)?;
            self.check_hold_limits(found.holder, more)?;
        }
        change_to(number, found, items)
    }

    pub(super) fn decide_merge(
        &self,
        from: ReservationNumber,
        guest: AccountId,
        account: AccountId,
        holder: Option<Holder>,
    ) -> Result<Decision, Refusal> {
        let guests = self.own_without_payment(from, guest)?;
        if guest == account || self.phase != SalePhase::Open {
            return Ok(Decision::new(Subject::Reservation(from), Vec::new()));
        }
        let own = self.cart_of(account);
        let holder = holder.or(own.and_then(|(_, cart)| cart.holder)).or(guests.holder);
        let room = self.room_for(account, holder, guests, own.map(|(_, cart)| cart));
        let mut items = in_order_of_placing(guests, own.map(|(_, cart)| cart));
        let rest = items.split_off(room.min(items.len()));
        let into = own.map(|(number, _)| number).or_else(|| (!items.is_empty()).then_some(from));
        let kept = own.map_or(guests, |(_, cart)| cart);
        let merged = Fact::CartMerged {
            from,
            into,
            buyer: account,
            left_out: rest.iter().map(|item| item.seat).collect(),
            fees: fees_on(kept.fee_terms, &items)?,
            items,
            expires_at: merged_end(guests, kept),
            holder,
        };
        Ok(Decision::new(Subject::Reservation(into.unwrap_or(from)), vec![merged]))
    }

    /// How many seats the merged cart may have: at least as many as the account's cart has now.
    fn room_for(
        &self,
        account: AccountId,
        holder: Option<Holder>,
        guests: &Reservation,
        own: Option<&Reservation>,
    ) -> usize {
        if planted(Bug::IgnoreLimitOnMerge) {
            return usize::MAX;
        }
        let least = own.map_or(0, |cart| cart.items.len());
        let bought = self.buyer_count(account).saturating_sub(to_u32(least));
        let mut room = to_usize(self.terms.max_tickets_per_buyer.saturating_sub(bought)).max(least);
        if let Some(holder) = holder {
            let held = self.held_from(holder.origin);
            let (all, new) = self.hold_limits();
            let carts = || std::iter::once(guests).chain(own);
            let here = |only_new: bool| {
                let counted = |cart: &&Reservation| {
                    cart.holder
                        .is_some_and(|from| from.origin == holder.origin && (from.new_account || !only_new))
                };
                carts().filter(counted).fold(0_u32, |sum, cart| sum.saturating_add(to_u32(cart.items.len())))
            };
            // Seats that are counted there already take no further room.
            let left = |limit: u32, held: u32, here: u32| {
                to_usize(limit.saturating_sub(held.saturating_sub(here)).max(here)).max(least)
            };
            room = room.min(left(all, held.all, here(false)));
            if holder.new_account {
                room = room.min(left(new, held.by_new_accounts, here(true)));
            }
        }
        room.min(MAX_SEATS_PER_RESERVATION)
    }

    /// Moves the seats of `from` to the merged cart and leaves out what the fact names.
    pub(super) fn apply_merged(
        &mut self,
        from: ReservationNumber,
        into: Option<ReservationNumber>,
        merged: &Merged<'_>,
        changes: &mut Changes,
    ) -> Result<(), Violation> {
        let guests = self.suspend(from)?;
        let own = into.filter(|into| *into != from).map(|into| self.suspend(into)).transpose()?;
        let before = in_order_of_placing(&guests, own.as_ref());
        let accounted = merged.items.len().checked_add(merged.left_out.len());
        if accounted != Some(before.len()) || into.is_none() != merged.items.is_empty() {
            return Err(Violation::new(format!("the merge of reservation {from} loses seats")));
        }
        for item in &before {
            let held_by = if guests.items.contains(item) { from } else { into.unwrap_or(from) };
            let old = SeatState::Reserved(held_by);
            if merged.left_out.contains(&item.seat) {
                self.vacate(item.seat, old, changes)?;
            } else if !merged.items.contains(item) {
                return Err(Violation::new(format!("seat {} is lost in a merge", item.seat)));
            } else if let Some(into) = into.filter(|into| *into != held_by) {
                self.move_seat(item.seat, old, SeatState::Reserved(into), changes)?;
            }
        }
        if into != Some(from) {
            self.end_merged(from, &guests)?;
        }
        match into {
            Some(into) => self.resume(into, own.as_ref().unwrap_or(&guests), &guests, merged),
            None => Ok(()),
        }
    }

    /// Takes an active reservation out of every index.
    fn suspend(&mut self, number: ReservationNumber) -> Result<Reservation, Violation> {
        let found = self.active(number)?.clone();
        let fewer = count_of(&found.items).saturating_neg();
        self.count_for(found.buyer, fewer)?;
        self.index.count_from(found.holder, fewer)?;
        self.index.active.remove(&(found.buyer, number));
        if self.index.expiries.remove(&(found.expires_at, number)).is_none() {
            return Err(Violation::new(format!("reservation {number} is merged while it is being paid for")));
        }
        Ok(found)
    }

    /// Ends a reservation whose seats are in another now, or left out. Nothing counts as given back.
    fn end_merged(&mut self, number: ReservationNumber, ended: &Reservation) -> Result<(), Violation> {
        self.active_mut(number)?.phase = ReservationPhase::Cancelled;
        match ended.order {
            Some(order) => self.abandon_order(order),
            None => {
                self.index.ended.push_back((self.now, number));
                Ok(())
            }
        }
    }

    /// Puts the merged cart into every index.
    fn resume(
        &mut self,
        number: ReservationNumber,
        kept: &Reservation,
        guests: &Reservation,
        merged: &Merged<'_>,
    ) -> Result<(), Violation> {
        let Merged { buyer, items, fees, expires_at, holder, .. } = *merged;
        let total = total_of(items, fees)?;
        let cart = self.active_mut(number)?;
        cart.buyer = buyer;
        cart.items = items.into();
        (cart.fees, cart.total) = (fees, total);
        cart.expires_at = expires_at;
        cart.placed_at = kept.placed_at.min(guests.placed_at);
        cart.extended = kept.extended || guests.extended;
        cart.holder = holder;
        if let Some(order) = kept.order {
            self.order_mut(order)?.buyer = buyer;
        }
        let count = count_of(items);
        self.count_for(buyer, count)?;
        self.index.count_from(holder, count)?;
        self.index.active.insert((buyer, number));
        self.index.expiries.insert((expires_at, number));
        Ok(())
    }

    /// Seats that a buyer has reserved and bought.
    fn buyer_count(&self, buyer: AccountId) -> u32 {
        self.index.buyers.get(&buyer).copied().unwrap_or(0)
    }
}

/// The change of a cart to these items, with the fees of the time when it was placed.
fn change_to(number: ReservationNumber, cart: &Reservation, items: Vec<Item>) -> Result<Decision, Refusal> {
    check_quantity(u32::try_from(items.len()).unwrap_or(u32::MAX))?;
    let fees = if planted(Bug::KeepFeesOfOldCart) { cart.fees } else { fees_on(cart.fee_terms, &items)? };
    let changed = Fact::ReservationChanged { reservation: number, items, fees };
    Ok(Decision::new(Subject::Reservation(number), vec![changed]))
}

/// The seats of both carts, those of the cart that was placed first at the front.
fn in_order_of_placing(guests: &Reservation, own: Option<&Reservation>) -> Vec<Item> {
    let Some(own) = own else { return guests.items.to_vec() };
    let (first, second) = if own.placed_at <= guests.placed_at { (own, guests) } else { (guests, own) };
    first.items.iter().chain(second.items.iter()).copied().collect()
}

fn merged_end(guests: &Reservation, kept: &Reservation) -> Timestamp {
    let longest = guests.placed_at.min(kept.placed_at).plus(MAX_HOLD);
    guests.expires_at.max(kept.expires_at).min(longest)
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn to_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
