//! Errors; each says whether a retry is safe.

use crate::{Batch, Head, Position, StreamId};

/// Why an append was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Another writer appended first; this batch was not written.
    #[error("another writer appended first")]
    Conflict {
        /// The batches after `expected`, in order and without gaps. The list may be incomplete, even empty:
        /// [`read`](crate::Journal::read) the rest until no batch comes.
        missed: Vec<Batch>,
    },
    /// The stream's history does not contain the expected head: it is shorter, or has another batch there. Nothing was written. The
    /// writer must forget what it knows of the stream and read it again.
    #[error("the stream has another history than the writer knows; its head is at {}", head.position.0)]
    Diverged {
        /// The stream's head.
        head: Head,
    },
    /// A decision time differs too much from the clock of the journal's server. Neither this append nor an earlier attempt
    /// with the same batch was written or will be. The writer may decide again, with the current time.
    #[error("the decision was made {ahead_ms} ms ahead of the journal's clock")]
    ClockDiffers {
        /// How far the decision time is ahead of the journal's clock; negative if it is behind.
        ahead_ms: i64,
    },
    /// The journal's server takes no append now: it cannot be reached, is in recovery, or misses the standby that appends
    /// must wait for. This attempt was not written; a retry is safe.
    #[error("the journal's server takes no append: {0}")]
    Unavailable(String),
    /// No journal can store this; it was not written.
    #[error(transparent)]
    Invalid(#[from] InvalidAppend),
    /// The disk is full. Nothing was written; reads work, and a retry is safe.
    #[error("the journal's disk is full")]
    Full,
    /// May or may not be durable, now or later. The same append, sent again, tells.
    #[error("it is unknown whether the append is durable")]
    Unknown,
    /// The journal has stopped for good, because a write or fsync failed or because it was closed. This attempt was not written.
    #[error("the journal has stopped")]
    Stopped,
}

/// Why an append can never be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAppend {
    /// The payload is larger than [`MAX_PAYLOAD_BYTES`](crate::limits::MAX_PAYLOAD_BYTES).
    #[error("a payload of {bytes} bytes is larger than the limit of {limit}")]
    PayloadTooLarge {
        /// Its size.
        bytes: usize,
        /// The largest allowed.
        limit: usize,
    },
    /// Stream numbers end at 2⁶³ − 1, because SQL integers do.
    #[error("stream number {} is out of range", stream.0)]
    StreamOutOfRange {
        /// The number.
        stream: StreamId,
    },
    /// The append would create more than [`MAX_STREAMS`](crate::limits::MAX_STREAMS) streams.
    #[error("the journal holds {limit} streams and takes no more")]
    TooManyStreams {
        /// The most there may be.
        limit: usize,
    },
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The stored bytes are damaged. A retry gives the same error; restore from a backup.
    #[error("stream {} is damaged at position {}: {detail}", stream.0, position.0)]
    Damaged {
        /// The stream it was found in.
        stream: StreamId,
        /// The first position that cannot be trusted.
        position: Position,
        /// What was found.
        detail: String,
    },
    /// The journal's files or server did not answer. A retry is safe.
    #[error("the journal could not be read: {0}")]
    Failed(String),
}

/// Why a snapshot or a backup was not written. The journal itself is untouched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The disk is full; a retry is safe.
    #[error("the disk is full")]
    Full,
    /// It is too large, or of a position that the stream does not have.
    #[error("{0}")]
    Invalid(String),
    /// The files could not be written; a retry is safe.
    #[error("{0}")]
    Failed(String),
}
