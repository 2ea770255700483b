//! Sales statistics, calculated from one published version of a sale, so that they are consistent.

mod curve;
mod figures;

pub use curve::{Curve, Point};
pub use figures::{Counter, Figures, InFlight, Money, Orders, Part, Tickets};
