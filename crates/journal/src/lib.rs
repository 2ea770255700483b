//! Durable, ordered batches of opaque bytes, one stream a sale.
//!
//! A [`Journal`] appends a batch only if its stream is at the position the writer expects. That comparison is the only
//! lock a sale has. This crate knows nothing of what the bytes mean; [`MemoryJournal`] serves tests and simulation,
//! [`SqliteJournal`] serves one server with its own disk, and PostgreSQL can join behind the same trait.

pub mod crash;
mod error;
mod heads;
mod journal;
pub mod limits;
mod memory;
mod page;
mod record;
mod sqlite;
mod types;

pub use error::{AppendError, InvalidAppend, ReadError, SaveError};
pub use journal::Journal;
pub use memory::MemoryJournal;
pub use record::chain_hash;
pub use sqlite::{OpenError, SqliteJournal};
pub use types::{Append, Batch, BatchId, Deadline, Hash, Head, Position, StreamId, StreamKind};
