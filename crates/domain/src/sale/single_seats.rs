//! Single seats: an organizer may refuse choices that leave one seat alone between taken ones, because such a seat is hard to sell.
//!
//! A choice is refused only where another choice of as many seats beside each other leaves none: of three free seats, two may be taken.
//! Seats that the sale chooses itself, standing places, wheelchair places and sales at the counter are never refused.

use super::{Sale, Violation};
use crate::ids::SeatIndex;
use crate::refusal::Refusal;
use crate::seating_plan::SegmentIndex;
use std::collections::BTreeSet;

impl Sale {
    /// Whether a choice that leaves a single seat is refused.
    #[must_use]
    pub fn refuses_single_seats(&self) -> bool {
        self.refuse_single_seats
    }

    pub(super) fn apply_single_seat_rule(&mut self, refuse: bool) -> Result<(), Violation> {
        self.refuse_single_seats = refuse;
        Ok(())
    }

    /// Checks a choice of available seats, while the seats in `freed` become available.
    pub(super) fn check_single_seats(
        &self,
        chosen: &[SeatIndex],
        freed: &[SeatIndex],
    ) -> Result<(), Refusal> {
        if !self.refuse_single_seats {
            return Ok(());
        }
        let alone = self.alone_beside(chosen, freed);
        if alone.is_empty() { Ok(()) } else { Err(Refusal::SingleSeatLeft(alone)) }
    }

    /// The free seats that seats which are held leave alone, although other seats of the same row would leave none.
    #[must_use]
    pub fn single_seats_beside(&self, held: &[SeatIndex]) -> Vec<SeatIndex> {
        self.alone_beside(held, held)
    }

    fn alone_beside(&self, chosen: &[SeatIndex], freed: &[SeatIndex]) -> Vec<SeatIndex> {
        let chosen: BTreeSet<SeatIndex> = chosen.iter().copied().collect();
        let segments: BTreeSet<SegmentIndex> =
            chosen.iter().filter_map(|seat| self.plan.segment_of(*seat)).collect();
        let mut alone = Vec::new();
        for segment in segments.into_iter().filter(|segment| !self.is_standing(*segment)) {
            let is_free = |seat: &SeatIndex| self.seats.is_available(*seat) || freed.contains(seat);
            let seats = self.plan.seats_of(segment);
            for run in seats.chunk_by(|a, b| is_free(a) == is_free(b)) {
                if run.first().is_some_and(is_free) {
                    alone.extend(self.left_alone(run, &chosen));
                }
            }
        }
        alone
    }

    fn is_standing(&self, segment: SegmentIndex) -> bool {
        let row = self.plan.segment(segment).map(|segment| segment.row());
        let section = row.and_then(|row| self.plan.row(row)).map(|row| row.section());
        section.and_then(|section| self.plan.section(section)).is_some_and(|found| found.general_admission())
    }

    /// The seats of a run of free seats that this choice leaves alone.
    fn left_alone(&self, run: &[SeatIndex], chosen: &BTreeSet<SeatIndex>) -> Vec<SeatIndex> {
        let is_chosen = |seat: &SeatIndex| chosen.contains(seat);
        let left = run.iter().filter(|seat| !is_chosen(seat)).count();
        // Nothing was taken of this run; or one seat is left wherever the others are.
        if left == run.len() || left == 1 {
            return Vec::new();
        }
        let parts = run.chunk_by(|a, b| is_chosen(a) == is_chosen(b));
        let single = parts.filter_map(|part| match part {
            [seat] if !is_chosen(seat) && !self.plan.is_accessible(*seat) => Some(*seat),
            _ => None,
        });
        single.collect()
    }
}
