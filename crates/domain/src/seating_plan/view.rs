//! Reading a plan: borrowed views of its seats, segments, rows and sections.

use super::index::{CategoryIndex, RowIndex, SectionIndex, SegmentIndex};
use super::label::seat_label;
use super::parts::NO_CATEGORY;
use super::plan::SeatingPlan;
use super::segments::{Row, Segment};
use super::shape::{Category, Point};
use crate::ids::SeatIndex;
use std::ops::Range;

impl SeatingPlan {
    /// The seat with this index.
    #[must_use]
    pub fn seat(&self, index: SeatIndex) -> Option<SeatView<'_>> {
        SeatView::of(self, index)
    }

    /// Every seat by index, removed ones included.
    pub fn seats(&self) -> impl Iterator<Item = SeatView<'_>> {
        (0..self.seat_count()).filter_map(|at| self.seat(SeatIndex::at(at)))
    }

    /// The section with this index.
    #[must_use]
    pub fn section(&self, index: SectionIndex) -> Option<SectionView<'_>> {
        SectionView::of(self, index)
    }

    /// Every section, in the file's order.
    pub fn sections(&self) -> impl Iterator<Item = SectionView<'_>> {
        (0..self.parts().sections.len()).filter_map(|at| self.section(SectionIndex::at(at)))
    }

    /// The section with exactly this name.
    #[must_use]
    pub fn section_named(&self, name: &str) -> Option<SectionIndex> {
        self.structure().section_named(self.parts(), name)
    }

    /// The row with this index.
    #[must_use]
    pub fn row(&self, index: RowIndex) -> Option<RowView<'_>> {
        RowView::of(self, index)
    }

    /// The segment with this index.
    #[must_use]
    pub fn segment(&self, index: SegmentIndex) -> Option<SegmentView<'_>> {
        SegmentView::of(self, index)
    }

    /// The number of segments. Segment indexes are smaller than this number.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.structure().segments.len()
    }

    /// Every segment.
    pub fn segments(&self) -> impl Iterator<Item = SegmentView<'_>> {
        (0..self.segment_count()).filter_map(|at| self.segment(SegmentIndex::at(at)))
    }
}

/// One seat.
#[derive(Clone, Copy, Debug)]
pub struct SeatView<'a> {
    plan: &'a SeatingPlan,
    /// Its identity within the plan.
    pub index: SeatIndex,
    /// Its section.
    pub section: SectionIndex,
    /// Its row.
    pub row: RowIndex,
    /// Its segment: the seats together with it. The segment of a removed seat has removed seats only.
    pub segment: SegmentIndex,
    /// Its number within the row, as it is shown; may be empty.
    pub number: &'a str,
    /// Its id in the editor, unique within the plan.
    pub guid: &'a str,
    /// Its place on the plan.
    pub position: Point,
    /// Its category.
    pub category: Option<CategoryIndex>,
    /// Whether it has room for a wheelchair.
    pub accessible: bool,
    /// Whether it is no longer in the plan. A removed seat is never sold again, unless a later plan has its guid.
    pub removed: bool,
}

impl<'a> SeatView<'a> {
    pub(super) fn of(plan: &'a SeatingPlan, index: SeatIndex) -> Option<Self> {
        let parts = plan.parts();
        let structure = plan.structure();
        let seat = parts.seats.get(index.position())?;
        let segment = *structure.segment_of_seat.get(index.position())?;
        let row = structure.segments.get(segment.position())?.row;
        Some(Self {
            plan,
            index,
            section: structure.rows.get(row.position())?.section,
            row,
            segment,
            number: parts.label(seat.number),
            guid: parts.guid(seat),
            position: seat.position,
            category: (seat.category != NO_CATEGORY).then(|| CategoryIndex(u32::from(seat.category))),
            accessible: seat.accessible,
            removed: seat.removed,
        })
    }

    /// The name of its section.
    #[must_use]
    pub fn section_name(&self) -> &'a str {
        self.plan.section(self.section).map_or("", |section| section.name())
    }

    /// The label of its row; empty for general admission.
    #[must_use]
    pub fn row_label(&self) -> &'a str {
        self.plan.row(self.row).map_or("", |row| row.label())
    }

    /// The name of its category.
    #[must_use]
    pub fn category_name(&self) -> Option<&'a str> {
        let category: &Category = self.plan.category(self.category?)?;
        Some(&category.name)
    }

    /// Whether the label promises this seat: it has a number, and its section is not general admission.
    #[must_use]
    pub fn has_label_of_its_own(&self) -> bool {
        let general = self.plan.section(self.section).is_some_and(|section| section.general_admission());
        !general && !self.number.is_empty()
    }

    /// The text on a ticket: `Floor A-1`. For general admission, whose numbers are not shown, only the section.
    #[must_use]
    pub fn label(&self) -> String {
        let section = self.section_name();
        if self.plan.section(self.section).is_some_and(|section| section.general_admission()) {
            return section.to_owned();
        }
        seat_label(section, self.row_label(), self.number)
    }
}

/// One section.
#[derive(Clone, Copy, Debug)]
pub struct SectionView<'a> {
    plan: &'a SeatingPlan,
    /// Its position among the sections.
    pub index: SectionIndex,
}

impl<'a> SectionView<'a> {
    pub(super) fn of(plan: &'a SeatingPlan, index: SectionIndex) -> Option<Self> {
        plan.parts().sections.get(index.position()).map(|_| Self { plan, index })
    }

    /// Its name, unique within the plan.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.plan.parts().sections.get(self.index.position()).map_or("", |section| &section.name)
    }

    /// Whether its places are sold by count, not by seat.
    #[must_use]
    pub fn general_admission(&self) -> bool {
        self.plan.parts().sections.get(self.index.position()).is_some_and(|section| section.general_admission)
    }

    /// Its rows, in the file's order.
    pub fn rows(&self) -> impl Iterator<Item = RowView<'a>> + use<'a> {
        let plan = self.plan;
        let rows = plan.structure().rows_of(self.index);
        rows.filter_map(move |at| plan.row(RowIndex(at)))
    }

    /// Its seats, row by row along each segment, removed ones included.
    pub fn seats(&self) -> impl Iterator<Item = SeatView<'a>> + use<'a> {
        self.rows().flat_map(|row| row.seats())
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    plan: &'a SeatingPlan,
    row: &'a Row,
    /// Its position among all rows.
    pub index: RowIndex,
}

impl<'a> RowView<'a> {
    pub(super) fn of(plan: &'a SeatingPlan, index: RowIndex) -> Option<Self> {
        let row = plan.structure().rows.get(index.position())?;
        Some(Self { plan, row, index })
    }

    /// Its label; may be empty.
    #[must_use]
    pub fn label(&self) -> &'a str {
        self.plan.parts().label(self.row.label)
    }

    /// Its section.
    #[must_use]
    pub fn section(&self) -> SectionIndex {
        self.row.section
    }

    /// Its segments, from one end of the row to the other; those of removed seats last.
    pub fn segments(&self) -> impl Iterator<Item = SegmentView<'a>> + use<'a> {
        let plan = self.plan;
        let segments: Range<u32> = self.row.segments.clone();
        segments.filter_map(move |at| plan.segment(SegmentIndex(at)))
    }

    /// Its seats, segment by segment.
    pub fn seats(&self) -> impl Iterator<Item = SeatView<'a>> + use<'a> {
        let plan = self.plan;
        self.segments().flat_map(|segment| segment.seats()).filter_map(move |index| plan.seat(*index))
    }
}

/// One segment: seats of one row without a gap between them.
#[derive(Clone, Copy, Debug)]
pub struct SegmentView<'a> {
    plan: &'a SeatingPlan,
    segment: &'a Segment,
    /// Its position among all segments.
    pub index: SegmentIndex,
}

impl<'a> SegmentView<'a> {
    pub(super) fn of(plan: &'a SeatingPlan, index: SegmentIndex) -> Option<Self> {
        let segment = plan.structure().segments.get(index.position())?;
        Some(Self { plan, segment, index })
    }

    /// Its row.
    #[must_use]
    pub fn row(&self) -> RowIndex {
        self.segment.row
    }

    /// Its seats, from one end to the other.
    #[must_use]
    pub fn seats(&self) -> &'a [SeatIndex] {
        self.plan.structure().seats_of(self.segment)
    }

    /// Whether its seats are no longer in the plan.
    #[must_use]
    pub fn removed(&self) -> bool {
        self.segment.removed
    }
}
