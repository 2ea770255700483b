//! The state of each seat. A seat has at most one holder (I1). Counts and bitmaps are updated with every change.

use super::Violation;
use super::shared_array::SharedArray;
use crate::ids::{ReservationNumber, SeatIndex, TicketNumber};
use crate::limits::MAX_REASONS;
use crate::seating_plan::{SeatingPlan, SegmentIndex};
use imbl::Vector;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The state of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeatState {
    /// It can be reserved.
    Available,
    /// This reservation holds it.
    Reserved(ReservationNumber),
    /// This ticket, which is not void, is for it.
    Sold(TicketNumber),
    /// It is not for sale.
    Blocked(BlockReason),
}

impl SeatState {
    /// Whether the seat is on offer or was: available, reserved or sold, but not blocked.
    #[must_use]
    pub const fn is_offered(self) -> bool {
        !matches!(self, Self::Blocked(_))
    }
}

/// Why a seat is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BlockReason {
    /// No price tier names its section or category.
    Unpriced,
    /// A new seating plan removed it.
    Removed,
    /// The organizer blocked it, for the reason with this number; see [`Sale::block_reason`](crate::Sale::block_reason).
    Organizer(u16),
}

/// The number of seats in each state. They add up to the plan's seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    /// Available seats.
    pub available: u32,
    /// Reserved seats.
    pub reserved: u32,
    /// Sold seats.
    pub sold: u32,
    /// Blocked seats.
    pub blocked: u32,
}

impl SeatCounts {
    /// All seats.
    #[must_use]
    pub fn total(self) -> u32 {
        self.available.saturating_add(self.reserved).saturating_add(self.sold).saturating_add(self.blocked)
    }

    fn slot(&mut self, state: SeatState) -> &mut u32 {
        match state {
            SeatState::Available => &mut self.available,
            SeatState::Reserved(_) => &mut self.reserved,
            SeatState::Sold(_) => &mut self.sold,
            SeatState::Blocked(_) => &mut self.blocked,
        }
    }
}

/// The state of every seat, with counts and a bitmap that make searches cheap.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seats {
    states: SharedArray<SeatState>,
    counts: SeatCounts,
    /// Available seats in each segment of the plan.
    available_in_segment: SharedArray<u32>,
    /// One bit for each seat, set when the seat is available.
    free: SharedArray<u64>,
    reasons: Vector<Arc<str>>,
}

impl Seats {
    /// The seats of `plan` in `states`. Counts and bitmap are computed.
    pub(super) fn new(
        plan: &SeatingPlan,
        states: Vec<SeatState>,
        reasons: Vector<Arc<str>>,
    ) -> Result<Self, Violation> {
        if states.len() != plan.seat_count() {
            return Err(Violation::new("the plan and the seats differ in number"));
        }
        let mut counts = SeatCounts::default();
        let mut available_in_segment = vec![0_u32; plan.segment_count()];
        let mut free = vec![0_u64; states.len().div_ceil(64)];
        for (position, state) in states.iter().enumerate() {
            let slot = counts.slot(*state);
            *slot = slot.saturating_add(1);
            if *state != SeatState::Available {
                continue;
            }
            let (word, bit) = bit_of(SeatIndex::at(position));
            if let Some(word) = free.get_mut(word) {
                *word |= bit;
            }
            let segment = plan.segment_of(SeatIndex::at(position));
            if let Some(count) = segment.and_then(|segment| available_in_segment.get_mut(segment.position()))
            {
                *count = count.saturating_add(1);
            }
        }
        Ok(Self {
            states: states.into(),
            counts,
            available_in_segment: available_in_segment.into(),
            free: free.into(),
            reasons,
        })
    }

    pub(super) fn get(&self, seat: SeatIndex) -> Option<SeatState> {
        self.states.get(seat.position())
    }

    pub(super) fn counts(&self) -> SeatCounts {
        self.counts
    }

    pub(super) fn states(&self) -> &SharedArray<SeatState> {
        &self.states
    }

    pub(super) fn reasons(&self) -> &Vector<Arc<str>> {
        &self.reasons
    }

    pub(super) fn is_available(&self, seat: SeatIndex) -> bool {
        let (word, bit) = bit_of(seat);
        self.free.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The lowest available seat in `from..before`. It checks 64 seats at once.
    pub(super) fn next_available(&self, from: SeatIndex, before: SeatIndex) -> Option<SeatIndex> {
        let (first, _) = bit_of(from);
        let mut ahead = u64::MAX << (from.0 % 64);
        let words = self.free.iter_from(first);
        for (word, bits) in (from.0 / 64..).zip(words) {
            let bits = bits & ahead;
            if bits != 0 {
                let seat = SeatIndex(word.saturating_mul(64).saturating_add(bits.trailing_zeros()));
                return (seat < before).then_some(seat);
            }
            if word >= before.0 / 64 {
                return None;
            }
            ahead = u64::MAX;
        }
        None
    }

    pub(super) fn available_in_segment(&self, segment: SegmentIndex) -> u32 {
        self.available_in_segment.get(segment.position()).unwrap_or(0)
    }

    /// The number of a blocking reason, which is added if it is new; `None` when there are too many.
    pub(super) fn reason_number(&mut self, reason: &str) -> Option<u16> {
        let known = self.reasons.iter().position(|known| &**known == reason);
        let number = known.or_else(|| {
            (self.reasons.len() < MAX_REASONS).then(|| {
                self.reasons.push_back(Arc::from(reason));
                self.reasons.len().saturating_sub(1)
            })
        })?;
        u16::try_from(number).ok()
    }

    /// Whether this blocking reason is known or can be added.
    pub(super) fn has_room_for_reason(&self, reason: &str) -> bool {
        self.reasons.len() < MAX_REASONS || self.reasons.iter().any(|known| &**known == reason)
    }

    /// Changes the state of a seat from `from` to `to`.
    pub(super) fn transition(
        &mut self,
        plan: &SeatingPlan,
        seat: SeatIndex,
        from: SeatState,
        to: SeatState,
    ) -> Result<(), Violation> {
        let Some(state) = self.states.get_mut(seat.position()) else {
            return Err(Violation::new(format!("seat {seat} is not in the plan")));
        };
        if *state != from {
            return Err(Violation::new(format!("seat {seat} is {state:?}, not {from:?}")));
        }
        *state = to;
        let less = self.counts.slot(from);
        *less = less.checked_sub(1).ok_or_else(|| Violation::new("a seat count fell below zero"))?;
        let more = self.counts.slot(to);
        *more = more.saturating_add(1);
        if (from == SeatState::Available) != (to == SeatState::Available) {
            self.set_free(plan, seat, to == SeatState::Available);
        }
        Ok(())
    }

    fn set_free(&mut self, plan: &SeatingPlan, seat: SeatIndex, free: bool) {
        let (word, bit) = bit_of(seat);
        if let Some(word) = self.free.get_mut(word) {
            *word = if free { *word | bit } else { *word & !bit };
        }
        let segment = plan.segment_of(seat);
        if let Some(count) = segment.and_then(|segment| self.available_in_segment.get_mut(segment.position()))
        {
            *count = if free { count.saturating_add(1) } else { count.saturating_sub(1) };
        }
    }
}

fn bit_of(seat: SeatIndex) -> (usize, u64) {
    (seat.position() / 64, 1_u64 << (seat.0 % 64))
}
