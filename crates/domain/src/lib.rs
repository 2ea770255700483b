//! The rules of selling seats, as pure functions: the state of a sale, the commands it accepts, and the facts that change it.
//!
//! Everything transactional about one event is one [`Sale`], a deterministic state machine. [`Sale::decide`]
//! answers a [`Command`] with facts or a [`Refusal`]; [`Sale::apply_entry`] changes the state by one [`Fact`]. No clock, disk,
//! network, randomness, async or hash order lives here. Time and ids are arguments, so that replaying the same facts gives
//! the same state on any machine.
//!
//! Other crates check who may call what (the server), store the facts (the journal) and talk to payment providers (the
//! engine).
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
pub mod money_text;
pub mod passwords;
pub mod planted_bugs;
pub mod refusal;
pub mod sale;
pub mod seating_plan;
pub mod terms;
pub mod text;
pub mod time;
pub mod wire;

pub use command::{Command, Idempotency};
pub use entry::{Actor, Entry};
pub use fact::Fact;
pub use refusal::{Refusal, ReusedLabel};
pub use sale::Sale;
