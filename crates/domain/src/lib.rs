//! The pure rules of selling seats: what a sale is, what may happen to it, and what it answers.
//!
//! Everything transactional about one event is one [`Sale`], a deterministic state machine. [`Sale::decide`]
//! answers a [`Command`] with facts or a [`Refusal`]; [`Sale::apply_entry`] changes the state by one [`Fact`]. No clock, disk,
//! network, randomness, async or hash order lives here: time and ids are arguments, so that any history can be
//! replayed, anywhere, with the same result.
//!
//! What deliberately is not here: who may call what (the server), how facts are kept (the journal), what the world
//! answers (the engine's ports).
#![warn(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic
)]

pub mod best_available;
pub mod command;
pub mod effect;
pub mod entry;
pub mod fact;
pub mod ids;
pub mod limits;
pub mod money;
pub mod planted;
pub mod refusal;
pub mod sale;
pub mod seating_plan;
pub mod terms;
pub mod time;
pub mod wire;

pub use command::{Command, Idempotency};
pub use entry::{Actor, Entry};
pub use fact::Fact;
pub use refusal::Refusal;
pub use sale::Sale;
