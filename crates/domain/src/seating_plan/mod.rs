//! Seating plans: sections, rows and seats of a venue, with their geometry.
//!
//! A [`SeatingPlan`] is immutable and cheap to clone. It is made by [`import()`] (from pretix's seating-plan JSON or the short
//! form), by the wire, or by [`SeatingPlan::changed_to`]. All three run every check, so that code with a `SeatingPlan` in
//! hand need not check again. A seat's index is its identity. An index is never reused: a seat that a newer plan no longer
//! has stays as `removed`.
//!
//! A section is a zone of the file. Row objects of one zone with the same `row_number` are one row. A row is split into
//! segments wherever there is a gap between its seats: only seats of one segment count as seats together.
//!
//! Prices and holders of seats are not here but in the sale; public ids belong to the server.
//!
//! The files depend one way. At the bottom are the data (`index`, `shape`, `parts`, `label`, `report`); on them stand `check`
//! and what is derived from valid parts (`segments`, `nearness`); then [`SeatingPlan`] and its views; on top importing,
//! exporting and drawing.

mod arrangement;
mod bowl;
mod builder;
mod chain;
mod change;
mod check;
#[cfg(test)]
mod check_tests;
mod decoration;
mod export;
mod focus;
#[cfg(test)]
mod focus_tests;
mod geometry;
mod import;
mod index;
mod json;
mod label;
mod nearness;
mod number;
mod outline;
mod parts;
mod picture;
mod plan;
mod pretix;
mod read;
mod renumber;
mod repair;
mod report;
mod segments;
mod shape;
mod short;
mod short_stage;
mod svg;
mod value;
mod view;

pub use check::PlanError;
pub use export::export_pretix;
pub use geometry::{SeatmapFormat, seatmap_json};
pub use import::{ImportOptions, Imported, MAX_PLAN_BYTES, import, import_pretix, import_short};
pub use index::{CategoryIndex, RowIndex, SectionIndex, SegmentIndex};
pub use label::section_kind;
pub use picture::{price_colors, seatmap_svg};
pub use plan::SeatingPlan;
pub use report::{
    Duplicate, DuplicateLabel, ImportError, LeftOut, Problem, Renumbering, Repair, SeatLocation,
};
pub use shape::{Category, Decoration, DecorationText, MAX_COORDINATE, Point, Shape, Size};
pub use view::{RowView, SeatView, SectionView, SegmentView};

pub(crate) use nearness::{Nearness, Ranked};
pub(crate) use parts::{
    LabelIndex, NO_CATEGORY, NumberPosition, Parts, RowObject, SeatPart, SectionPart, StartDirection,
};
