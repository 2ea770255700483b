//! Chooses the best available seats.
//!
//! The seats are a block of neighbours in one segment of a row. Of all blocks that satisfy the request the best one is found by
//! these criteria, in this order:
//! 1. it leaves no single empty seat beside it;
//! 2. unless a section was requested: it is in the section whose best seat is nearest to the plan's focus;
//! 3. its seats have the smallest sum of squared distances to the section's best seat;
//! 4. it is the most expensive: of two sides that are equally near, the organizer thinks this one better;
//! 5. it has the lowest index.
//!
//! A request for a wheelchair place gets a block with at least one such place, and companions beside it. Other requests get
//! wheelchair places last, after general admission. General-admission places are chosen when their section is requested,
//! or when no block of ordinary seats is left.
//!
//! The search visits segments in order of distance and stops when no later segment can be better. A typical search among
//! 100,000 seats looks at a few dozen seats.

use crate::ids::SeatIndex;
use crate::money::Amount;
use crate::seating_plan::{Nearness, Ranked, SeatingPlan, SectionIndex, SegmentIndex};
use std::cmp::Ordering;

/// A request for the best available seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BestAvailableRequest {
    /// How many seats next to each other.
    pub quantity: u32,
    /// Only in this section.
    pub section: Option<SectionIndex>,
    /// The highest price of a seat.
    pub max_price: Option<Amount>,
    /// Whether at least one must be a wheelchair place.
    pub accessible: bool,
}

/// The state of a sale's seats, as far as the search needs it.
pub trait Availability {
    /// Whether the seat could be reserved now. Never true for a removed seat, or for one without a price.
    fn available(&self, seat: SeatIndex) -> bool;

    /// The price; asked only when the request has a highest price, and for blocks that are equally near.
    fn price(&self, seat: SeatIndex) -> Option<Amount>;

    /// How many seats of the segment are available. The number may be too large but never too small, because segments with
    /// too few available seats are skipped.
    fn available_in_segment(&self, segment: SegmentIndex) -> u32;

    /// The lowest available seat in `from..before`. A sale with a bitmap can check a word of seats at once.
    fn next_available(&self, from: SeatIndex, before: SeatIndex) -> Option<SeatIndex> {
        (from.0..before.0).map(SeatIndex).find(|seat| self.available(*seat))
    }
}

/// The best available seats, in row order; `None` when none satisfy the request.
#[must_use]
pub fn best_available(
    plan: &SeatingPlan,
    wanted: &BestAvailableRequest,
    availability: &impl Availability,
) -> Option<Vec<SeatIndex>> {
    let quantity = usize::try_from(wanted.quantity).ok().filter(|quantity| *quantity > 0)?;
    let nearness = plan.nearness();
    let search = |filter| Search { plan, nearness, wanted, quantity, filter, availability };
    if wanted.accessible {
        return search(SeatFilter::WithAccessible).best();
    }
    search(SeatFilter::Ordinary)
        .best()
        .or_else(|| search(SeatFilter::Ordinary).best_general_admission())
        .or_else(|| nearness.any_accessible.then(|| search(SeatFilter::Any).best()).flatten())
}

/// The available places of a general-admission section with the lowest indexes; `None` when there are not enough, or when the
/// section has numbered seats.
#[must_use]
pub fn general_admission(
    plan: &SeatingPlan,
    section: SectionIndex,
    quantity: u32,
    availability: &impl Availability,
) -> Option<Vec<SeatIndex>> {
    let wanted =
        BestAvailableRequest { quantity, section: Some(section), max_price: None, accessible: false };
    let quantity = usize::try_from(quantity).ok().filter(|quantity| *quantity > 0)?;
    let nearness = plan.nearness();
    Search { plan, nearness, wanted: &wanted, quantity, filter: SeatFilter::Any, availability }
        .best_general_admission()
}

/// Which seats a block may contain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SeatFilter {
    /// No wheelchair places.
    Ordinary,
    /// At least one wheelchair place.
    WithAccessible,
    /// Any seats.
    Any,
}

struct Search<'a, A> {
    plan: &'a SeatingPlan,
    nearness: &'a Nearness,
    wanted: &'a BestAvailableRequest,
    quantity: usize,
    filter: SeatFilter,
    availability: &'a A,
}

/// A block found, and how good it is.
#[derive(Clone, Copy)]
struct Block<'a> {
    orphan: bool,
    section_distance: u64,
    distance: u128,
    seats: &'a [SeatIndex],
}

impl<'a, A: Availability> Search<'a, A> {
    /// Which of two blocks comes first.
    fn cmp(&self, one: &Block<'_>, other: &Block<'_>) -> Ordering {
        let key = |block: &Block<'_>| (block.orphan, block.section_distance, block.distance);
        let price = |block: &Block<'_>| {
            let prices = block.seats.iter().filter_map(|seat| self.availability.price(*seat));
            prices.map(|price| i128::from(price.0)).fold(0, i128::saturating_add)
        };
        let lowest = |block: &Block<'_>| block.seats.iter().min().copied();
        key(one)
            .cmp(&key(other))
            .then_with(|| price(other).cmp(&price(one)))
            .then_with(|| lowest(one).cmp(&lowest(other)))
    }

    fn best(&self) -> Option<Vec<SeatIndex>> {
        let mut best: Option<Block<'a>> = None;
        let segments = match self.wanted.section {
            Some(section) => self.nearness.in_section(section),
            None => &self.nearness.ranked,
        };
        for ranked in segments {
            let section_distance = if self.wanted.section.is_some() { 0 } else { ranked.section_distance };
            if best.is_some_and(|best| self.cannot_beat(ranked, section_distance, &best)) {
                break;
            }
            if self.availability.available_in_segment(ranked.segment) >= self.wanted.quantity {
                self.search_segment(self.plan.seats_of(ranked.segment), section_distance, &mut best);
            }
        }
        best.map(|block| block.seats.to_vec())
    }

    /// Whether no block of this segment or of a later one can be better. Segments are sorted by their nearest seat, so that
    /// seat gives a lower bound. The search never stops at a block that leaves a single empty seat: any block may be better.
    fn cannot_beat(&self, ranked: &Ranked, section_distance: u64, best: &Block<'_>) -> bool {
        let quantity = u128::from(self.wanted.quantity);
        let at_least = (section_distance, u128::from(ranked.nearest).saturating_mul(quantity));
        !best.orphan && at_least > (best.section_distance, best.distance)
    }

    /// Slides a block along the segment.
    fn search_segment(&self, seats: &'a [SeatIndex], section_distance: u64, best: &mut Option<Block<'a>>) {
        let (mut length, mut distance, mut accessible) = (0_usize, 0_u128, 0_usize);
        for (at, seat) in seats.iter().enumerate() {
            if !self.fits(*seat) {
                (length, distance, accessible) = (0, 0, 0);
                continue;
            }
            let end = at.saturating_add(1);
            length = length.saturating_add(1);
            distance = distance.saturating_add(self.distance(*seat));
            accessible = accessible.saturating_add(usize::from(self.is_accessible(*seat)));
            if length > self.quantity
                && let Some(left) = at.checked_sub(self.quantity).and_then(|at| seats.get(at))
            {
                length = self.quantity;
                distance = distance.saturating_sub(self.distance(*left));
                accessible = accessible.saturating_sub(usize::from(self.is_accessible(*left)));
            }
            if length < self.quantity || (self.filter == SeatFilter::WithAccessible && accessible == 0) {
                continue;
            }
            let start = end.saturating_sub(self.quantity);
            let Some(own) = seats.get(start..end) else { continue };
            let mut block = Block { orphan: false, section_distance, distance, seats: own };
            if best.is_some_and(|best| self.cmp(&block, &best).is_ge()) {
                continue;
            }
            block.orphan = self.leaves_orphan(seats, start, end);
            if best.is_none_or(|best| self.cmp(&block, &best).is_lt()) {
                *best = Some(block);
            }
        }
    }

    /// Whether the block would leave a single free seat beside it.
    fn leaves_orphan(&self, seats: &[SeatIndex], start: usize, end: usize) -> bool {
        let free = |at: Option<usize>| {
            at.and_then(|at| seats.get(at)).is_some_and(|seat| self.availability.available(*seat))
        };
        let before = free(start.checked_sub(1)) && !free(start.checked_sub(2));
        let after = free(Some(end)) && !free(end.checked_add(1));
        before || after
    }

    /// Whether the seat may be part of a block.
    fn fits(&self, seat: SeatIndex) -> bool {
        self.availability.available(seat)
            && !(self.filter == SeatFilter::Ordinary && self.is_accessible(seat))
            && self.is_affordable(seat)
    }

    fn is_affordable(&self, seat: SeatIndex) -> bool {
        let price = |max| self.availability.price(seat).is_some_and(|price| price <= max);
        self.wanted.max_price.is_none_or(price)
    }

    fn is_accessible(&self, seat: SeatIndex) -> bool {
        self.nearness.any_accessible && self.plan.is_accessible(seat)
    }

    fn distance(&self, seat: SeatIndex) -> u128 {
        self.nearness.of_seat.get(seat.position()).copied().map_or(0, u128::from)
    }

    /// The lowest free places of the section asked for, or of the best section that has enough.
    fn best_general_admission(&self) -> Option<Vec<SeatIndex>> {
        let asked = |section: SectionIndex| self.wanted.section.is_none_or(|asked| asked == section);
        let mut sections = self.nearness.general_admission.iter().filter(|general| asked(general.section));
        sections.find_map(|general| {
            let segments = self.plan.live_segments(general.section);
            let free = segments
                .map(|segment| self.availability.available_in_segment(segment))
                .fold(0, u32::saturating_add);
            if free < self.wanted.quantity {
                return None;
            }
            let mut found = Vec::new();
            for run in &general.runs {
                let (mut from, before) = (SeatIndex(run.start), SeatIndex(run.end));
                while found.len() < self.quantity
                    && let Some(seat) = self.availability.next_available(from, before)
                {
                    if self.is_affordable(seat) {
                        found.push(seat);
                    }
                    from = SeatIndex(seat.0.saturating_add(1));
                }
            }
            (found.len() == self.quantity).then_some(found)
        })
    }
}
