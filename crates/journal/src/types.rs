//! What goes into a journal and what comes out of it.

use std::fmt;

use bytes::Bytes;

/// Names one stream; there is one stream a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// The number of batches in a stream up to and including one of them: 0 is the empty stream, 1 the first batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// Before the first batch.
    pub const START: Self = Self(0);

    /// The position of the batch that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Names one batch, chosen by its writer, so that an unknown outcome can be looked up.
///
/// It must be unique in its stream; a random or counted 128-bit number is. The journal does not check this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u128);

/// When a stream wants to be woken next, in milliseconds since the Unix epoch; `None` is never.
pub type Deadline = Option<i64>;

/// A BLAKE3 digest. All zeroes stands for "nothing yet": the hash of an empty stream.
pub type Hash = [u8; 32];

/// A request to append one batch, if nobody appended first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The stream to append to. Its first append creates it.
    pub stream: StreamId,
    /// Where the writer believes the head to be; the append succeeds only if it is there.
    pub expected: Position,
    /// The writer's name for this batch.
    pub batch: BatchId,
    /// Opaque bytes, at most [`MAX_PAYLOAD_BYTES`](crate::limits::MAX_PAYLOAD_BYTES).
    pub payload: Bytes,
    /// Replaces the stream's deadline in the same commit.
    pub deadline: Deadline,
}

/// One durable batch.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where it stands in its stream.
    pub position: Position,
    /// The name its writer chose.
    pub batch: BatchId,
    /// The bytes that were appended.
    pub payload: Bytes,
    /// The stream's hash chain up to and including this batch; see [`chain_hash`](crate::chain_hash).
    pub hash: Hash,
}

impl fmt::Debug for Batch {
    /// Shows the payload's length instead of its bytes, so that a log or a failed test stays readable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("position", &self.position.0)
            .field("batch", &format_args!("{:032x}", self.batch.0))
            .field("bytes", &self.payload.len())
            .field("hash", &format_args!("{:02x}{:02x}..", self.hash[0], self.hash[1]))
            .finish()
    }
}

/// The end of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last batch's position; 0 for a stream nobody appended to.
    pub position: Position,
    /// The last batch's hash.
    pub hash: Hash,
    /// The last append's deadline.
    pub deadline: Deadline,
}
