//! What a new seating plan changes in an event.

use fairseat_domain::Sale;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::sale::SeatState;
use fairseat_domain::seating_plan::{SeatView, SeatingPlan};

/// How many seats two versions of a plan have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanDifference {
    /// In both.
    pub kept: usize,
    /// In the newer one only.
    pub added: usize,
    /// In the older one only.
    pub removed: usize,
}

impl PlanDifference {
    /// The difference between the plan before and the one after.
    #[must_use]
    pub fn of(before: &SeatingPlan, after: &SeatingPlan) -> Self {
        let mut difference = Self::default();
        for seat in after.seats() {
            let was = before.seat(seat.index).is_some_and(|seat| !seat.removed);
            match (was, !seat.removed) {
                (true, true) => difference.kept += 1,
                (false, true) => difference.added += 1,
                (true, false) => difference.removed += 1,
                (false, false) => {}
            }
        }
        difference
    }
}

/// The sold seats whose label is another than in the plan before: the seat, its former label and its new one.
pub fn relabelled<'a>(
    before: &'a SeatingPlan,
    sale: &'a Sale,
) -> impl Iterator<Item = (SeatIndex, String, String)> + 'a {
    let sold = |seat: &SeatView<'_>| matches!(sale.seat(seat.index), Some(SeatState::Sold(_)));
    sale.plan().seats().filter(sold).filter_map(|seat| {
        let (from, to) = (before.seat(seat.index)?.label(), seat.label());
        (from != to).then_some((seat.index, from, to))
    })
}
