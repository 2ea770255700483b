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
mod repair;
mod report;
mod segments;
mod shape;
mod short;
mod svg;
mod value;
mod view;

pub use check::PlanError;
pub use export::export_pretix;
pub use geometry::seatmap_json;
pub use import::{ImportOptions, Imported, MAX_PLAN_BYTES, import, import_pretix, import_short};
pub use index::{CategoryIndex, RowIndex, SectionIndex, SegmentIndex};
pub use label::section_kind;
pub use picture::seatmap_svg;
pub use plan::SeatingPlan;
pub use report::{Duplicate, ImportError, LeftOut, Problem, Repair, SeatLocation};
pub use shape::{Category, Decoration, DecorationText, MAX_COORDINATE, Point, Shape, Size};
pub use view::{RowView, SeatView, SectionView, SegmentView};

pub(crate) use nearness::{Nearness, Ranked};
pub(crate) use parts::{
    LabelIndex, NO_CATEGORY, NumberPosition, Parts, RowPart, SeatPart, SectionPart, StartDirection,
};
