//! The trait of every journal; `tests/conformance` tests each implementation against it.

use std::fmt::Debug;
use std::path::PathBuf;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::{
    Append, AppendError, Batch, ConsumerName, Head, Position, ReadError, SaveError, StreamId, StreamKind,
};

/// Streams of opaque batches with compare-and-append: the lock of every sale.
///
/// - An acknowledged batch is durable and never changes.
/// - Positions of a stream are 1, 2, 3 … without gaps, each won by exactly one append.
/// - Streams are independent: no order between them is promised, and a lost race in one never fails an append to another.
///
/// Futures do nothing until they are polled. Dropping the future of an append that was polled leaves its outcome
/// unknown, as [`AppendError::Unknown`] does.
pub trait Journal: Send + Sync + Debug + 'static {
    /// Appends a batch if the stream's head is `expected`, and answers the new head once it is durable. The same
    /// commit replaces the stream's deadline and lists the stream as [`behind`](Self::behind) for every consumer.
    ///
    /// An append whose batch follows `expected` already, because an earlier attempt was written, is answered in the same
    /// way. So a writer without a certain answer sends the same append again until it is won or lost.
    ///
    /// # Errors
    /// After [`AppendError::Unknown`] the batch may be written, now or later. [`Conflict`](AppendError::Conflict),
    /// [`Diverged`](AppendError::Diverged) and [`ClockDiffers`](AppendError::ClockDiffers) are certain for the batch, all
    /// other errors for this attempt only.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Head, AppendError>>;

    /// The batches after a position, in order and without gaps: at most `max_bytes` of payload, at most
    /// [`MAX_READ_BATCHES`](crate::limits::MAX_READ_BATCHES), but at least one if there is one. An empty answer means the end for now.
    ///
    /// # Errors
    /// Each batch's checksum and its link to the one before are verified; [`ReadError::Damaged`] names the first that fails.
    fn read(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Batch>, ReadError>>;

    /// The head of a stream, at or after every batch that was acknowledged before this call. A stream without batches has
    /// the default head.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    fn head(&self, stream: StreamId) -> BoxFuture<'_, Result<Head, ReadError>>;

    /// Those of these streams that have another head than the given one, in any order. A node asks for all the streams that it holds in
    /// memory at once, to learn what other nodes appended.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    fn moved(&self, known: Vec<(StreamId, Head)>) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        async move {
            let mut moved = Vec::new();
            for (stream, head) in known {
                if self.head(stream).await? != head {
                    moved.push(stream);
                }
            }
            Ok(moved)
        }
        .boxed()
    }

    /// Streams with their heads, by ascending number, starting behind `after`; at most `limit`.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    fn streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, Head)>, ReadError>>;

    /// Streams of a kind whose deadline is at or before `now_ms`, earliest first, at most `limit`. They stay listed until an
    /// append replaces the deadline.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    fn due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, i64)>, ReadError>>;

    /// Streams of a kind with batches after the consumer's [`cursor`](Self::cursor), by ascending number, starting behind
    /// `after`; at most `limit`. A consumer that never reported a cursor is behind with every stream. After a crash the
    /// list may contain streams that the consumer had caught up with; it never misses one that the consumer is behind with.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    fn behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>>;

    /// The furthest position of a stream that a consumer reported with [`caught_up`](Self::caught_up);
    /// [`Position::START`] if it reported none. After a crash it may be an earlier one, so a consumer that starts from it
    /// must be able to process batches a second time.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> BoxFuture<'_, Result<Position, ReadError>>;

    /// A consumer has durably processed the batches of a stream after `from`, up to `to`. The stream leaves the consumer's
    /// list of [`behind`](Self::behind) if its head is still there. A report changes nothing if `to` is at or before the
    /// cursor or after the head, or if `from` is after the cursor: then the consumer has not processed the batches between
    /// them, because the journal lost a cursor. Other consumers are not concerned.
    ///
    /// # Errors
    /// [`ReadError::Failed`]: the cursor stays, which is harmless.
    fn caught_up(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        from: Position,
        to: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>>;

    /// Stores a snapshot of the state that a stream had at a head, in place of an older snapshot. Nobody has to: replaying the stream
    /// gives the same state.
    ///
    /// # Errors
    /// [`SaveError`]; [`SaveError::Invalid`] if the stream's history does not contain that head or the snapshot is larger
    /// than [`MAX_SNAPSHOT_BYTES`](crate::limits::MAX_SNAPSHOT_BYTES).
    fn put_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> BoxFuture<'_, Result<(), SaveError>>;

    /// The newest snapshot of a stream. One that is damaged, or whose head is not in the stream's history (after a restore
    /// or a promotion), counts as missing.
    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Head, Bytes)>>;

    /// Writes a consistent copy of every stream to a new file, durably, while appends go on.
    ///
    /// # Errors
    /// [`SaveError`]; [`SaveError::Invalid`] if the file exists already or this journal has no files.
    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>>;

    /// Whether an append of ordinary size would be accepted now. Cheap while appends succeed, so it may be called often.
    ///
    /// # Errors
    /// The answer that such an append would get: [`AppendError::Full`], [`AppendError::Unavailable`] or
    /// [`AppendError::Stopped`].
    fn ready(&self) -> BoxFuture<'_, Result<(), AppendError>> {
        std::future::ready(Ok(())).boxed()
    }

    /// Resolves with the reason once the journal has stopped acknowledging for good. The process must then exit; only a new
    /// process makes the journal write again.
    fn stopped(&self) -> BoxFuture<'static, String>;
}
