//! How a sale is going, in figures: worked out from one published version, so that they fit together.

mod curve;
mod figures;

pub use curve::{Curve, Point};
pub use figures::{Counter, Figures, InFlight, Money, Orders, Part, Tickets};
