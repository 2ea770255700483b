//! Building [`Parts`] step by step: stores each label once, makes section names unique, collects all guids in one text.

use super::index::SectionIndex;
use super::label::stem;
use super::parts::{LabelIndex, NO_CATEGORY, Parts, RowObject, SeatPart, SectionPart, StartDirection};
use super::shape::{Category, MAX_COORDINATE, Point, Size};
use crate::ids::SeatIndex;
use std::collections::{BTreeMap, BTreeSet};

/// Parts while they are built. Counts are not limited here: each reader limits the items that it adds, and [`Parts::check`]
/// limits the totals.
#[derive(Debug, Default)]
pub(super) struct Builder {
    pub(super) parts: Parts,
    /// Whether seats without a guid are accepted, because the import gives them one afterwards.
    pub(super) accepts_empty_guids: bool,
    labels: BTreeMap<Box<str>, LabelIndex>,
    categories: BTreeMap<Box<str>, u16>,
    section_names: BTreeSet<Box<str>>,
    /// For each [`stem`] of a name, the last number that was appended to make a name unique.
    suffixes: BTreeMap<Box<str>, u32>,
}

/// A seat to be added.
#[derive(Debug, Default)]
pub(super) struct NewSeat<'a> {
    pub(super) guid: &'a str,
    pub(super) number: &'a str,
    pub(super) position: Point,
    pub(super) category: Option<u16>,
    pub(super) radius: u16,
    pub(super) accessible: bool,
    pub(super) removed: bool,
    pub(super) uuid: Option<u128>,
    pub(super) start_direction: Option<StartDirection>,
}

impl Builder {
    /// The index of a label, added when it is new.
    pub(super) fn label(&mut self, text: &str) -> LabelIndex {
        if let Some(known) = self.labels.get(text) {
            return *known;
        }
        let index = LabelIndex(u32::try_from(self.parts.labels.len()).unwrap_or(u32::MAX));
        self.parts.labels.push(text.into());
        self.labels.insert(text.into(), index);
        index
    }

    /// The category with this name, added when it is new; `None` for an empty name.
    pub(super) fn category(&mut self, name: &str, color: Option<&str>) -> Option<u16> {
        if name.is_empty() {
            return None;
        }
        if let Some(known) = self.known_category(name) {
            return Some(known);
        }
        let index = u16::try_from(self.parts.categories.len()).unwrap_or(NO_CATEGORY);
        self.parts.categories.push(Category { name: name.into(), color: color.map(Into::into) });
        self.categories.insert(name.into(), index);
        Some(index)
    }

    /// The category with this name, if it was added before.
    pub(super) fn known_category(&self, name: &str) -> Option<u16> {
        self.categories.get(name).copied()
    }

    /// Adds a section. A name that is taken gets ` (2)`, ` (3)` and so on; `zone_name` then keeps the name in the file.
    pub(super) fn section(&mut self, section: SectionPart) -> SectionIndex {
        let index = SectionIndex::at(self.parts.sections.len());
        let name = self.free_name(&section.name);
        let zone_name = section.zone_name.or_else(|| (name != section.name).then_some(section.name));
        self.section_names.insert(name.clone());
        self.parts.sections.push(SectionPart { name, zone_name, ..section });
        index
    }

    fn free_name(&mut self, name: &str) -> Box<str> {
        if !self.section_names.contains(name) {
            return name.into();
        }
        let stem = stem(name);
        let suffix = self.suffixes.entry(stem.into()).or_insert(1);
        loop {
            *suffix = suffix.saturating_add(1);
            let candidate = format!("{stem} ({suffix})");
            if !self.section_names.contains(candidate.as_str()) {
                return candidate.into();
            }
        }
    }

    /// Begins a row object. The seats added next belong to it.
    pub(super) fn row_object(&mut self, part: RowObject) {
        self.parts.row_objects.push(part);
    }

    /// Adds a seat to the row object begun last; its index is the next.
    pub(super) fn seat(&mut self, seat: &NewSeat<'_>) {
        let index = SeatIndex::at(self.parts.seats.len());
        self.seat_without_order(seat, self.parts.row_objects.len().saturating_sub(1));
        if let Some(part) = self.parts.row_objects.last_mut() {
            part.seat_count = part.seat_count.saturating_add(1);
            self.parts.order.push(index);
        }
    }

    /// Adds a seat without adding it to the order of the file; the caller does that.
    pub(super) fn seat_without_order(&mut self, seat: &NewSeat<'_>, row_object: usize) {
        let number = self.label(seat.number);
        let parts = &mut self.parts;
        if let (Some(_), true) = (seat.uuid, parts.uuids.is_empty()) {
            parts.uuids.resize(parts.seats.len(), 0);
        }
        if seat.uuid.is_some() || !parts.uuids.is_empty() {
            parts.uuids.push(seat.uuid.unwrap_or(0));
        }
        if let Some(direction) = seat.start_direction {
            parts.start_directions.insert(SeatIndex::at(parts.seats.len()), direction);
        }
        let guid_start = u32::try_from(parts.guids.len()).unwrap_or(u32::MAX);
        parts.guids.push_str(seat.guid);
        parts.seats.push(SeatPart {
            position: seat.position,
            row_object: u32::try_from(row_object).unwrap_or(u32::MAX),
            number,
            guid_start,
            guid_len: u16::try_from(seat.guid.len()).unwrap_or(u16::MAX),
            category: seat.category.unwrap_or(NO_CATEGORY),
            radius: seat.radius,
            accessible: seat.accessible,
            removed: seat.removed,
        });
    }

    /// The extent of seats and decorations with a margin, in whole units, for a file that does not give a size.
    pub(super) fn measured_size(&self) -> Size {
        const MARGIN: i32 = 50_000;
        let seats = self.parts.seats.iter().map(|seat| seat.position);
        let corners = seats.chain(self.parts.decorations.iter().map(|decoration| decoration.position));
        let far = corners.fold(Point::default(), |far, at| Point { x: far.x.max(at.x), y: far.y.max(at.y) });
        let side = |side: i32| {
            let whole_units = side.saturating_add(MARGIN).saturating_add(999).div_euclid(1_000);
            whole_units.saturating_mul(1_000).min(MAX_COORDINATE)
        };
        Size { width: side(far.x), height: side(far.y) }
    }
}
