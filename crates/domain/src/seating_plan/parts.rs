//! The stored form of a plan: flat lists, shared labels, one pool of text for all guids. Everything else (rows, segments,
//! distances) is derived from it.
//!
//! [`Parts::check`] alone decides which plans are valid. Importing, decoding stored bytes and changing a plan all run it
//! on the parts that they build.

use super::index::SectionIndex;
use super::shape::{Category, Decoration, Point, Size};
use crate::ids::SeatIndex;
use std::collections::BTreeMap;

/// The stored form of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) name: Box<str>,
    pub(crate) size: Size,
    pub(crate) categories: Vec<Category>,
    pub(crate) sections: Vec<SectionPart>,
    /// The labels of rows and seats. Each text is stored once.
    pub(crate) labels: Vec<Box<str>>,
    pub(crate) row_objects: Vec<RowObject>,
    /// By seat index.
    pub(crate) seats: Vec<SeatPart>,
    /// Every seat once: those of the first row object in the file's order, then those of the second, and so on.
    pub(crate) order: Vec<SeatIndex>,
    /// All guids, one after the other; seats point into this text.
    pub(crate) guids: String,
    /// The editor's id of each seat, 0 where there is none; empty when no seat has one.
    pub(crate) uuids: Vec<u128>,
    /// The few seats from which a row is filled when seats are booked in order.
    pub(crate) start_directions: BTreeMap<SeatIndex, StartDirection>,
    pub(crate) decorations: Vec<Decoration>,
    /// The point that people look at, where the plan says so. Otherwise it is found: see `focus`.
    pub(crate) focus: Option<Point>,
}

/// A zone of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SectionPart {
    /// Unique within the plan.
    pub(crate) name: Box<str>,
    /// The name in the file when it differs from `name`: because it was not unique, or empty because it was missing.
    pub(crate) zone_name: Option<Box<str>>,
    pub(crate) zone_id: Option<Box<str>>,
    pub(crate) uuid: Option<u128>,
    pub(crate) position: Point,
    pub(crate) general_admission: bool,
}

/// A row object of the file. Row objects of one section with the same label are one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RowObject {
    pub(crate) section: SectionIndex,
    pub(crate) label: LabelIndex,
    pub(crate) position: Point,
    pub(crate) row_label: Option<LabelIndex>,
    pub(crate) seat_label: Option<LabelIndex>,
    pub(crate) number_position: Option<NumberPosition>,
    pub(crate) uuid: Option<u128>,
    /// How many seats of [`Parts::order`] belong to it.
    pub(crate) seat_count: u32,
}

impl RowObject {
    /// A row object without seats and optional fields.
    pub(crate) fn new(section: SectionIndex, label: LabelIndex, position: Point) -> Self {
        Self {
            section,
            label,
            position,
            row_label: None,
            seat_label: None,
            number_position: None,
            uuid: None,
            seat_count: 0,
        }
    }
}

/// A position in [`Parts::labels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LabelIndex(pub(crate) u32);

/// At which end of a row its number is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberPosition {
    Start,
    End,
    Both,
}

/// In which direction a row is filled from a seat where ordered booking starts. Kept for pretix; sales do not use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartDirection {
    Left,
    Right,
    Both,
}

/// One seat, in 28 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeatPart {
    /// Its place on the plan. In the file it is relative to zone and row.
    pub(crate) position: Point,
    /// Its row object.
    pub(crate) row_object: u32,
    pub(crate) number: LabelIndex,
    pub(crate) guid_start: u32,
    pub(crate) guid_len: u16,
    /// [`NO_CATEGORY`] for none.
    pub(crate) category: u16,
    /// In whole units; 0 when the file gives none.
    pub(crate) radius: u16,
    pub(crate) accessible: bool,
    pub(crate) removed: bool,
}

/// The category of a seat that has none.
pub(crate) const NO_CATEGORY: u16 = u16::MAX;

impl Parts {
    /// The label, or an empty text for an index past the end.
    pub(crate) fn label(&self, index: LabelIndex) -> &str {
        usize::try_from(index.0).ok().and_then(|at| self.labels.get(at)).map_or("", |label| label)
    }

    /// Frees the unused capacity of the long lists, since a plan stays in memory as long as its event.
    pub(crate) fn shrink(&mut self) {
        self.seats.shrink_to_fit();
        self.order.shrink_to_fit();
        self.guids.shrink_to_fit();
        self.uuids.shrink_to_fit();
    }

    /// Every row object with its seats in the file's order.
    pub(crate) fn row_objects_with_seats(&self) -> impl Iterator<Item = (&RowObject, &[SeatIndex])> {
        self.row_objects.iter().scan(self.order.as_slice(), |rest, part| {
            let count = usize::try_from(part.seat_count).ok()?;
            let (own, after) = rest.split_at_checked(count)?;
            *rest = after;
            Some((part, own))
        })
    }

    /// A seat's guid.
    pub(crate) fn guid(&self, seat: &SeatPart) -> &str {
        let start = usize::try_from(seat.guid_start).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::from(seat.guid_len));
        self.guids.get(start..end).unwrap_or_default()
    }
}
