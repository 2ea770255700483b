//! The availability of seats for all viewers: compact, shared, and updated at a cost that depends on the number of changes.
//!
//! Everything here is derived from the engine's published versions and may be discarded at any time. What must always hold: an answer for
//! version `n` shows exactly the state of version `n`, so that together with the changes since `n` it gives the newest state.

mod availability;
mod broadcaster;
mod geometry;

pub(crate) use availability::{Availabilities, SeatChange};
pub use broadcaster::{Broadcasters, Frame};
pub(crate) use geometry::Geometries;
