//! Seeded simulation of whole histories of one sale.
//!
//! The real domain, engine, effects, runner of consumers and view rows run on a single-threaded runtime with simulated time.
//! Journal, network, clocks and payment gateway are simulated, and fail in every way we know of. A model that imports no
//! other crate of ours checks that the answers to clients, the gateway's books and the final state fit together. Everything
//! follows from the seed, so that a failing history can be repeated.

mod beliefs;
mod buyer;
mod client;
mod cluster;
mod consumers;
mod disk;
mod doorbell;
mod gateway;
mod generate;
mod history;
mod incarnation;
mod journal_connection;
mod linearizability;
mod model;
mod model_input;
mod organizer;
mod plain;
mod random;
mod record;
mod report;
mod variant_names;
mod world;

#[cfg(feature = "planted-bugs")]
pub use fairseat_domain::planted_bugs::{Bug, plant};
pub use history::{History, history};
pub use report::Report;
