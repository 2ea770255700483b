//! Seating plans: sections, rows and seats of a venue, with their geometry.
//!
//! A [`SeatingPlan`] is immutable and cheap to clone. It comes from [`import()`] (pretix's seating-plan JSON, or the short
//! form), from the wire, or from [`SeatingPlan::changed_to`]; each way it has passed every check, so that code which holds
//! one need not ask again. A seat's index is its identity: it is never reused, whatever happens to the plan, and a seat
//! that a newer plan no longer has stays as `removed`.
//!
//! A section is a zone of the file. Row objects of one zone with the same `row_number` are one row, and a row falls into
//! segments where its seats are apart: seats of one segment are "together".
//!
//! What is not here: prices and who holds a seat (the sale), ids (the edge).

mod arrangement;
mod builder;
mod chain;
mod change;
mod check;
mod decoration;
mod export;
mod geometry;
mod import;
mod index;
mod json;
mod nearness;
mod number;
mod outline;
mod parts;
mod picture;
mod pretix;
mod read;
mod repair;
mod segments;
mod shape;
mod short;
mod svg;
mod value;
mod view;

pub use check::PlanError;
pub use export::export_pretix;
pub use geometry::seatmap_json;
pub use import::{
    Duplicate, ImportError, ImportOptions, Imported, MAX_PLAN_BYTES, Problem, Repair, SeatLocation, import,
    import_pretix, import_short,
};
pub use index::{CategoryIndex, RowIndex, SectionIndex, SegmentIndex};
pub use picture::seatmap_svg;
pub use shape::{Category, Decoration, DecorationText, MAX_COORDINATE, Point, Shape, Size};
pub use view::{RowView, SeatView, SectionView, SegmentView, section_kind};

pub(crate) use nearness::{Nearness, Ranked};
pub(crate) use parts::{LabelIndex, NO_CATEGORY, NumberPosition, Parts, RowPart, SeatPart, SectionPart};

use crate::ids::SeatIndex;
use segments::Structure;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A venue's seats and how they stand; see the module's page.
#[derive(Clone)]
pub struct SeatingPlan {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    parts: Parts,
    structure: Structure,
    /// Worked out when first asked for.
    nearness: OnceLock<Nearness>,
}

impl SeatingPlan {
    /// A plan of these parts.
    ///
    /// # Errors
    /// [`PlanError`] when the parts are no valid plan.
    pub(crate) fn from_parts(mut parts: Parts) -> Result<Self, PlanError> {
        parts.check()?;
        parts.shrink();
        let structure = Structure::of(&parts);
        Ok(Self { inner: Arc::new(Inner { parts, structure, nearness: OnceLock::new() }) })
    }

    /// No seats at all: a sale before its first fact. It would pass no check.
    pub(crate) fn empty() -> Self {
        Self { inner: Arc::default() }
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

    /// Its extent.
    #[must_use]
    pub fn size(&self) -> Size {
        self.parts().size
    }

    /// Every seat, removed ones included: indexes run from 0 to one less.
    #[must_use]
    pub fn seat_count(&self) -> usize {
        self.parts().seats.len()
    }

    /// The seat of an index.
    #[must_use]
    pub fn seat(&self, index: SeatIndex) -> Option<SeatView<'_>> {
        SeatView::of(self, index)
    }

    /// Every seat by index, removed ones included.
    pub fn seats(&self) -> impl Iterator<Item = SeatView<'_>> {
        (0..self.seat_count()).filter_map(|at| self.seat(SeatIndex::at(at)))
    }

    /// The section of an index.
    #[must_use]
    pub fn section(&self, index: SectionIndex) -> Option<SectionView<'_>> {
        SectionView::of(self, index)
    }

    /// Every section, in the file's order.
    pub fn sections(&self) -> impl Iterator<Item = SectionView<'_>> {
        (0..self.parts().sections.len()).filter_map(|at| self.section(SectionIndex::at(at)))
    }

    /// The section of exactly this name.
    #[must_use]
    pub fn section_named(&self, name: &str) -> Option<SectionIndex> {
        self.inner.structure.section_named(self.parts(), name)
    }

    /// The row of an index.
    #[must_use]
    pub fn row(&self, index: RowIndex) -> Option<RowView<'_>> {
        RowView::of(self, index)
    }

    /// The segment of an index.
    #[must_use]
    pub fn segment(&self, index: SegmentIndex) -> Option<SegmentView<'_>> {
        SegmentView::of(self, index)
    }

    /// How many segments there are; indexes run from 0 to one less.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.inner.structure.segments.len()
    }

    /// Every segment.
    pub fn segments(&self) -> impl Iterator<Item = SegmentView<'_>> {
        (0..self.segment_count()).filter_map(|at| self.segment(SegmentIndex::at(at)))
    }

    /// Every category; a seat's [`CategoryIndex`] is a position in it.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.parts().categories
    }

    /// The category of an index.
    #[must_use]
    pub fn category(&self, index: CategoryIndex) -> Option<&Category> {
        self.parts().categories.get(index.position())
    }

    /// Everything drawn that is no seat, in the order of drawing.
    #[must_use]
    pub fn decorations(&self) -> &[Decoration] {
        &self.parts().decorations
    }

    /// This plan changed to `next`, after sales began: a guid keeps its index; seats missing from `next` stay, as removed;
    /// new seats get new indexes at the end. Everything else is `next`'s.
    ///
    /// # Errors
    /// [`PlanError`] when the seats of both together, or the sections or rows kept for removed ones, are too many.
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
