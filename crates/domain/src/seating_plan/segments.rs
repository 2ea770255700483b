//! Derives rows from row objects, and the segments of each row.
//!
//! Row objects of one section with the same label are one row; a row object without a label is a row of its own. [`chains`]
//! splits the live seats of a row into segments; a general-admission row is one segment, sorted by index. The removed
//! seats of a row are a segment of their own, so that best-available never finds a block across them.

use super::chain::{Spacing, chains, spacing};
use super::index::{RowIndex, SectionIndex, SegmentIndex};
use super::parts::{LabelIndex, Parts, RowObject};
use super::shape::Point;
use crate::ids::SeatIndex;
use std::collections::BTreeMap;
use std::ops::Range;

/// The rows and segments of a plan, derived once.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    pub(crate) rows: Vec<Row>,
    pub(crate) segments: Vec<Segment>,
    /// The seats of every segment, one after the other.
    segment_seats: Vec<SeatIndex>,
    pub(crate) segment_of_seat: Vec<SegmentIndex>,
    /// The rows of each section.
    section_rows: Vec<Range<u32>>,
    /// Sections sorted by name.
    by_name: Vec<SectionIndex>,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) section: SectionIndex,
    pub(crate) label: LabelIndex,
    pub(crate) segments: Range<u32>,
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) row: RowIndex,
    pub(crate) removed: bool,
    seats: Range<usize>,
}

/// The seats of a row in the order of the file, before they are split into segments.
struct RowSeats {
    section: SectionIndex,
    label: LabelIndex,
    live: Vec<SeatIndex>,
    removed: Vec<SeatIndex>,
}

impl Structure {
    /// The structure of parts that passed [`Parts::check`].
    pub(crate) fn of(parts: &Parts) -> Self {
        let mut structure = Self { by_name: sorted_by_name(parts), ..Self::default() };
        structure.segment_of_seat.resize(parts.seats.len(), SegmentIndex(0));
        let mut rows = rows_of_parts(parts);
        rows.sort_by_key(|row| row.section);
        let mut rest = rows.as_slice();
        for section in (0..parts.sections.len()).map(SectionIndex::at) {
            let count = rest.iter().take_while(|row| row.section == section).count();
            let (own, after) = rest.split_at_checked(count).unwrap_or_default();
            structure.add_section(parts, section, own);
            rest = after;
        }
        structure
    }

    pub(crate) fn rows_of(&self, section: SectionIndex) -> Range<u32> {
        self.section_rows.get(section.position()).cloned().unwrap_or_default()
    }

    pub(crate) fn seats_of(&self, segment: &Segment) -> &[SeatIndex] {
        self.segment_seats.get(segment.seats.clone()).unwrap_or_default()
    }

    /// The seats of a segment.
    pub(crate) fn seats(&self, segment: SegmentIndex) -> &[SeatIndex] {
        self.segments.get(segment.position()).map(|segment| self.seats_of(segment)).unwrap_or_default()
    }

    /// The segments of a section that are still in the plan.
    pub(crate) fn live_segments(&self, section: SectionIndex) -> impl Iterator<Item = SegmentIndex> {
        let rows = self.rows_of(section).map(|row| RowIndex(row).position());
        let segments = rows.filter_map(|row| self.rows.get(row)).flat_map(|row| row.segments.clone());
        let live =
            |segment: &SegmentIndex| self.segments.get(segment.position()).is_some_and(|it| !it.removed);
        segments.map(SegmentIndex).filter(live)
    }

    pub(crate) fn section_named(&self, parts: &Parts, name: &str) -> Option<SectionIndex> {
        let found = self.by_name.binary_search_by(|index| section_name(parts, *index).cmp(name)).ok()?;
        self.by_name.get(found).copied()
    }

    fn add_section(&mut self, parts: &Parts, section: SectionIndex, rows: &[RowSeats]) {
        let first = RowIndex::at(self.rows.len()).0;
        if parts.sections.get(section.position()).is_some_and(|section| section.general_admission) {
            for row in rows {
                let mut seats = row.live.clone();
                seats.sort_unstable();
                self.add_row(row, vec![seats]);
            }
        } else {
            let spacings: Vec<Spacing> = rows.iter().map(|row| spacing(&points(parts, &row.live))).collect();
            let usual = Spacing::usual(&spacings);
            for (row, spacing) in rows.iter().zip(spacings) {
                let found = chains(&points(parts, &row.live), spacing.at_most_twice(usual));
                let seats = |chain: Vec<usize>| {
                    chain.into_iter().filter_map(|at| row.live.get(at).copied()).collect()
                };
                self.add_row(row, found.into_iter().map(seats).collect());
            }
        }
        self.section_rows.push(first..RowIndex::at(self.rows.len()).0);
    }

    fn add_row(&mut self, row: &RowSeats, live: Vec<Vec<SeatIndex>>) {
        let index = RowIndex::at(self.rows.len());
        let first = SegmentIndex::at(self.segments.len()).0;
        for seats in &live {
            self.add_segment(index, seats, false);
        }
        self.add_segment(index, &row.removed, true);
        let segments = first..SegmentIndex::at(self.segments.len()).0;
        self.rows.push(Row { section: row.section, label: row.label, segments });
    }

    fn add_segment(&mut self, row: RowIndex, seats: &[SeatIndex], removed: bool) {
        if seats.is_empty() {
            return;
        }
        let index = SegmentIndex::at(self.segments.len());
        for seat in seats {
            if let Some(segment) = self.segment_of_seat.get_mut(seat.position()) {
                *segment = index;
            }
        }
        let start = self.segment_seats.len();
        self.segment_seats.extend_from_slice(seats);
        self.segments.push(Segment { row, removed, seats: start..self.segment_seats.len() });
    }
}

/// The rows, in the order in which they first occur in the file.
fn rows_of_parts(parts: &Parts) -> Vec<RowSeats> {
    let mut rows: Vec<RowSeats> = Vec::new();
    let mut known: BTreeMap<(SectionIndex, LabelIndex), usize> = BTreeMap::new();
    for (part, seats) in parts.row_objects_with_seats() {
        let at = if parts.label(part.label).is_empty() {
            rows.len()
        } else {
            *known.entry((part.section, part.label)).or_insert(rows.len())
        };
        if at == rows.len() {
            rows.push(empty_row(part));
        }
        let Some(row) = rows.get_mut(at) else { continue };
        let removed = |seat: &SeatIndex| parts.seats.get(seat.position()).is_some_and(|seat| seat.removed);
        row.live.extend(seats.iter().filter(|seat| !removed(seat)));
        row.removed.extend(seats.iter().filter(|seat| removed(seat)));
    }
    rows
}

fn empty_row(part: &RowObject) -> RowSeats {
    RowSeats { section: part.section, label: part.label, live: Vec::new(), removed: Vec::new() }
}

fn points(parts: &Parts, seats: &[SeatIndex]) -> Vec<Point> {
    seats.iter().filter_map(|seat| parts.seats.get(seat.position())).map(|seat| seat.position).collect()
}

fn sorted_by_name(parts: &Parts) -> Vec<SectionIndex> {
    let mut sections: Vec<SectionIndex> = (0..parts.sections.len()).map(SectionIndex::at).collect();
    sections.sort_by(|a, b| section_name(parts, *a).cmp(section_name(parts, *b)));
    sections
}

fn section_name(parts: &Parts, index: SectionIndex) -> &str {
    parts.sections.get(index.position()).map_or("", |section| &section.name)
}
