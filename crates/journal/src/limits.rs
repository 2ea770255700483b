//! Every bound of the journal, in one place.

/// Largest payload of one batch. Batches close at 64 KiB; one larger fact, such as a seating plan, gets its own batch.
pub const MAX_PAYLOAD_BYTES: usize = 32 << 20;

/// Most streams a journal in memory or in SQLite holds: their heads (about 150 bytes each) are kept in memory. A journal in
/// PostgreSQL has no such limit.
pub const MAX_STREAMS: usize = 1_000_000;

/// Most batches that a single answer of [`read`](crate::Journal::read) holds, whatever `max_bytes` says.
pub const MAX_READ_BATCHES: usize = 4_096;

/// Payload bytes of `missed` in a [`Conflict`](crate::AppendError::Conflict); the caller reads on from there.
pub const MAX_MISSED_BYTES: usize = 1 << 20;

/// Largest snapshot.
pub const MAX_SNAPSHOT_BYTES: usize = 512 << 20;

/// Most appends that share one commit.
pub(crate) const MAX_COMMIT_APPENDS: usize = 256;

/// A commit takes no further append once it holds this many payload bytes.
pub(crate) const MAX_COMMIT_BYTES: usize = 4 << 20;

/// Appends that wait for the writer; a caller beyond that waits for room.
pub(crate) const MAX_WAITING_APPENDS: usize = 256;

/// Read-only connections, and so reads at one time; a caller beyond that waits for one.
pub(crate) const MAX_READERS: usize = 4;
