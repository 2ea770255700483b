//! Durable, ordered batches of opaque bytes, one stream for each sale or other state machine.
//!
//! A [`Journal`] appends a batch only if its stream is at the position the writer expects. That comparison is the only
//! lock a sale has. This crate does not know what the bytes mean. [`MemoryJournal`] serves tests and simulation,
//! [`SqliteJournal`] serves one server with its own disk, [`PostgresJournal`] serves many nodes that write the same streams.

#[cfg(feature = "fail-points")]
#[doc(hidden)]
pub mod crash_point;
mod error;
mod heads;
mod journal;
pub mod limits;
mod memory;
mod page;
mod postgres;
mod record;
mod sqlite;
mod stream_state;
mod types;

pub use error::{AppendError, InvalidAppend, ReadError, SaveError};
pub use journal::Journal;
pub use memory::MemoryJournal;
pub use postgres::{MovedStreams, PostgresJournal, PostgresOpenError, PostgresOptions, STREAM_TABLE};
pub use record::chain_hash;
pub use sqlite::{OpenError, SqliteJournal};
pub use stream_state::{StreamPart, StreamState};
pub use types::{
    Append, Batch, BatchId, ConsumerName, Deadline, DecisionTimes, Hash, Head, Position, StreamId, StreamKind,
};

/// A place where a test can kill the process, named as in `FAILPOINTS`; see the module `crash_point`. Expands to nothing
/// unless this crate has the feature `fail-points`.
#[cfg(feature = "fail-points")]
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {
        $crate::crash_point::reach($name)
    };
}

/// A place where a test can kill the process: nothing, in a build without the feature `fail-points`.
#[cfg(not(feature = "fail-points"))]
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {{}};
}
