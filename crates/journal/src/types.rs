//! The journal's inputs and outputs.

use std::fmt;

use bytes::Bytes;

use crate::record::chain_hash;

/// The kind of machine whose history a stream holds, from 0 to [`StreamKind::MAX`]. The journal lists the deadlines of each
/// kind apart, and gives kinds no other meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKind(pub u8);

impl StreamKind {
    /// The largest kind: seven bits, because SQL integers are signed.
    pub const MAX: Self = Self(127);
}

/// Names one stream: a kind in bits 56 to 62 and a number in bits 0 to 55. Bit 63 is 0, because SQL integers are signed.
///
/// The whole value is hashed into the stream's chain, so the layout never changes. A stream of kind 0 has the value of
/// its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

impl StreamId {
    const NUMBER_BITS: u32 = 56;

    /// The largest number within a kind.
    pub const MAX_NUMBER: u64 = (1 << Self::NUMBER_BITS) - 1;

    /// The stream with this number within its kind. If one of them is too large, the result is a stream that every
    /// journal refuses ([`InvalidAppend::StreamOutOfRange`](crate::InvalidAppend::StreamOutOfRange)), and never the
    /// stream of another kind or number.
    #[must_use]
    pub const fn new(kind: StreamKind, number: u64) -> Self {
        if kind.0 > StreamKind::MAX.0 || number > Self::MAX_NUMBER {
            return Self(u64::MAX);
        }
        Self(((kind.0 as u64) << Self::NUMBER_BITS) | number)
    }

    /// The kind of machine whose history it holds.
    #[must_use]
    pub const fn kind(self) -> StreamKind {
        StreamKind((self.0 >> Self::NUMBER_BITS) as u8)
    }

    /// Its number within its kind.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0 & Self::MAX_NUMBER
    }
}

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

/// Names a consumer of the journal, which reads every stream in order and has a cursor in each. Names are constants of the
/// program and are stored with the cursors: a consumer under a new name starts at the beginning of every stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerName(pub &'static str);

impl fmt::Display for ConsumerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The id of one batch, chosen by its writer, so that an unknown outcome can be looked up.
///
/// It must be unique in its stream, for example a random 128-bit number. The journal does not check this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u128);

/// When a stream's machine must be woken next, in milliseconds since the Unix epoch; `None` is never.
pub type Deadline = Option<i64>;

/// A BLAKE3 digest. All zeroes is the hash of an empty stream.
pub type Hash = [u8; 32];

/// The head of a stream: the position of its last batch, and the hash of its history up to that batch. The default is the
/// head of a stream without batches.
///
/// The position alone does not name a history. A server that crashed and came back can show batches that its standby never
/// got; after the standby's promotion other batches are appended at the same positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last batch's position; 0 for a stream without batches.
    pub position: Position,
    /// The last batch's hash.
    pub hash: Hash,
}

/// A request to append one batch, unless another writer appended first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// The stream to append to. Its first append creates it.
    pub stream: StreamId,
    /// The head as the writer knows it; the append succeeds only if its position and its hash are right.
    pub expected: Head,
    /// The writer's id for this batch.
    pub batch: BatchId,
    /// Opaque bytes, at most [`MAX_PAYLOAD_BYTES`](crate::limits::MAX_PAYLOAD_BYTES).
    pub payload: Bytes,
    /// Replaces the stream's deadline in the same commit.
    pub deadline: Deadline,
    /// When the writer decided, by its own clock. A journal on a server refuses an append whose times differ too much from
    /// the server's clock ([`AppendError::ClockDiffers`](crate::AppendError)).
    pub decided: DecisionTimes,
}

/// The times of the first and of the last decision in a batch, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionTimes {
    /// The first decision.
    pub first: i64,
    /// The last decision.
    pub last: i64,
}

impl DecisionTimes {
    /// All decisions were made at this time.
    #[must_use]
    pub const fn at(ms: i64) -> Self {
        Self { first: ms, last: ms }
    }
}

impl Append {
    /// The batch that this append writes. Its hash continues the expected head.
    #[must_use]
    pub fn to_batch(&self) -> Batch {
        let position = self.expected.position.next();
        let hash = chain_hash(&self.expected.hash, self.stream, position, self.batch, &self.payload);
        Batch { position, batch: self.batch, payload: self.payload.clone(), hash }
    }
}

/// One durable batch.
#[derive(Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its position in its stream.
    pub position: Position,
    /// The id that its writer chose.
    pub batch: BatchId,
    /// The bytes that were appended.
    pub payload: Bytes,
    /// The stream's hash chain up to and including this batch; see [`chain_hash`].
    pub hash: Hash,
}

impl Batch {
    /// The stream's head while this is its last batch.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { position: self.position, hash: self.hash }
    }

    /// Whether this batch continues the history that ends with `head`.
    #[must_use]
    pub fn follows(&self, stream: StreamId, head: &Head) -> bool {
        self.position == head.position.next()
            && self.hash == chain_hash(&head.hash, stream, self.position, self.batch, &self.payload)
    }
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

#[cfg(test)]
mod tests {
    use super::{StreamId, StreamKind};

    #[test]
    fn a_stream_of_kind_0_has_the_value_of_its_number() {
        for number in [0, 1, 7, StreamId::MAX_NUMBER] {
            assert_eq!(StreamId::new(StreamKind(0), number), StreamId(number));
        }
    }

    #[test]
    fn a_stream_gives_back_its_kind_and_number() {
        for kind in [StreamKind(0), StreamKind(1), StreamKind(2), StreamKind::MAX] {
            for number in [0, 1, StreamId::MAX_NUMBER] {
                let stream = StreamId::new(kind, number);
                assert_eq!((stream.kind(), stream.number()), (kind, number));
                assert!(i64::try_from(stream.0).is_ok(), "{stream:?} does not fit an SQL integer");
            }
        }
    }

    #[test]
    fn a_kind_or_number_that_is_too_large_gives_a_stream_out_of_range() {
        for stream in
            [StreamId::new(StreamKind(128), 1), StreamId::new(StreamKind(0), StreamId::MAX_NUMBER + 1)]
        {
            assert!(i64::try_from(stream.0).is_err(), "{stream:?}");
        }
    }
}
