//! Seeded simulation of whole histories of one sale.
//!
//! The real domain, engine, effects and row makers run on a runtime of one thread whose time is simulated; journal,
//! network, clocks and payment gateway are made up here, and fail in every way we know of. A judge that imports nothing of
//! ours says whether what clients were told, what the gateway did and what is left at the end fit together. Everything
//! follows from the seed, so that a failure can be looked at as often as it takes.

mod buyer;
mod client;
mod cluster;
mod disk;
mod follower;
mod gateway;
mod history;
mod life;
mod linear;
mod link;
mod model;
mod names;
mod organizer;
mod plain;
mod random;
mod record;
mod report;
mod stage;
mod world;

#[cfg(feature = "planted-bugs")]
pub use fairseat_domain::planted::{Bug, plant};
pub use history::{History, history};
pub use report::Report;
