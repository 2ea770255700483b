//! What seats are doing, for everybody who looks: compact, shared, and as cheap to keep as what changes.
//!
//! Everything here is derived from the engine's published versions and may be thrown away at any time. What must always
//! hold: an answer named version `n` shows exactly the state of version `n`, so that `changes since n` adds up to the next.

mod availability;
mod broadcaster;
mod geometry;

pub(crate) use availability::{Availabilities, SeatChange};
pub use broadcaster::{Broadcasters, Frame};
pub(crate) use geometry::Geometries;
