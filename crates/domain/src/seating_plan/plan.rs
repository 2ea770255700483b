//! [`SeatingPlan`]: a checked plan that is cheap to clone. Its views of seats, rows and sections are in `view.rs`.

use super::change;
use super::check::PlanError;
use super::focus::focus;
use super::index::{CategoryIndex, SectionIndex, SegmentIndex};
use super::nearness::Nearness;
use super::parts::Parts;
use super::segments::Structure;
use super::shape::{Category, Decoration, Point, Size};
use crate::ids::SeatIndex;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The seats of a venue and their places; see the module's documentation.
#[derive(Clone)]
pub struct SeatingPlan {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    parts: Parts,
    structure: Structure,
    /// Computed on first use.
    nearness: OnceLock<Nearness>,
}

impl SeatingPlan {
    /// The plan with these parts.
    ///
    /// # Errors
    /// [`PlanError`] when the parts are not a valid plan.
    pub(crate) fn from_parts(mut parts: Parts) -> Result<Self, PlanError> {
        parts.check()?;
        parts.shrink();
        let structure = Structure::of(&parts);
        Ok(Self { inner: Arc::new(Inner { parts, structure, nearness: OnceLock::new() }) })
    }

    /// A plan without seats, for a sale before its first fact. It is the only plan that the checks would refuse.
    pub(crate) fn empty() -> Self {
        Self { inner: Arc::default() }
    }

    pub(super) fn structure(&self) -> &Structure {
        &self.inner.structure
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.inner.parts
    }

    pub(crate) fn nearness(&self) -> &Nearness {
        self.inner.nearness.get_or_init(|| Nearness::of(self.parts(), &self.inner.structure))
    }

    pub(crate) fn seats_of(&self, segment: SegmentIndex) -> &[SeatIndex] {
        self.inner.structure.seats(segment)
    }

    pub(crate) fn live_segments(&self, section: SectionIndex) -> impl Iterator<Item = SegmentIndex> {
        self.inner.structure.live_segments(section)
    }

    pub(crate) fn segment_of(&self, seat: SeatIndex) -> Option<SegmentIndex> {
        self.inner.structure.segment_of_seat.get(seat.position()).copied()
    }

    pub(crate) fn is_accessible(&self, seat: SeatIndex) -> bool {
        self.parts().seats.get(seat.position()).is_some_and(|seat| seat.accessible)
    }

    /// The plan's name; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.parts().name
    }

    /// The width and height of the plan.
    #[must_use]
    pub fn size(&self) -> Size {
        self.parts().size
    }

    /// The number of seats, removed ones included. Seat indexes are smaller than this number.
    #[must_use]
    pub fn seat_count(&self) -> usize {
        self.parts().seats.len()
    }

    /// Every category; a seat's [`CategoryIndex`] is a position in it.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.parts().categories
    }

    /// The category with this index.
    #[must_use]
    pub fn category(&self, index: CategoryIndex) -> Option<&Category> {
        self.parts().categories.get(index.position())
    }

    /// The point that people look at. Seats near it are good seats.
    #[must_use]
    pub fn focus(&self) -> Point {
        focus(self.parts())
    }

    /// Everything that is drawn but is not a seat, in the order of drawing.
    #[must_use]
    pub fn decorations(&self) -> &[Decoration] {
        &self.parts().decorations
    }

    /// Replaces this plan by `next` after sales began. A seat is the same seat when it has the same guid, and keeps its index;
    /// seats that `next` does not have stay as removed; new seats get new indexes at the end. Everything else is taken from
    /// `next`.
    ///
    /// # Errors
    /// [`PlanError`] when the seats of both plans together, or the sections or rows kept for removed seats, are too many.
    pub fn changed_to(&self, next: &Self) -> Result<Self, PlanError> {
        Self::from_parts(change::merge(self.parts(), next.parts()))
    }
}

impl PartialEq for SeatingPlan {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.parts() == other.parts()
    }
}

impl Eq for SeatingPlan {}

impl fmt::Debug for SeatingPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeatingPlan({:?}, {} seats)", self.name(), self.seat_count())
    }
}
