//! One attempt of one consumer on one stream: finds the cursor, gets the batches after it, has them consumed, and reports
//! the new cursor to the journal.

use super::stream_slice::{AnnouncedBatches, StreamSlice};
use super::{Consumed, Consumer, ConsumerError, CursorStorage};
use crate::engine::Engine;
use crate::machine::Machine;
use crate::published::Published;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_journal::Position;
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// An attempt is ended after this time, so that one stream cannot keep a place for ever.
const PATIENCE: Duration = Duration::from_secs(60);
/// Payload read from a journal at once.
const PAGE_BYTES: usize = 4 << 20;
/// How often another process may move the cursor during one attempt.
const MAX_MOVES: usize = 5;

/// The work to do for a stream.
#[derive(Debug)]
pub(super) enum Work<M: Machine> {
    /// Consume these announced batches.
    Announced(AnnouncedBatches<M>),
    /// Ask for the stored cursor, and read the batches after it from the journal.
    ReadJournal,
}

impl<M: Machine> Work<M> {
    pub(super) fn merge(self, later: Self) -> Self {
        match (self, later) {
            (Self::Announced(mut before), Self::Announced(later)) => {
                before.append(&later);
                Self::Announced(before)
            }
            // Reading gives the newest version as well.
            (Self::ReadJournal, _) | (_, Self::ReadJournal) => Self::ReadJournal,
        }
    }

    fn announced(&self) -> Option<&AnnouncedBatches<M>> {
        match self {
            Self::Announced(announced) => Some(announced),
            Self::ReadJournal => None,
        }
    }
}

/// The result of an attempt that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advanced {
    /// The cursor is here now.
    To {
        /// The cursor.
        cursor: Position,
        /// Whether the consumer's bound on slices left batches for another attempt.
        is_more: bool,
    },
    /// The consumer is not ready.
    NotReady,
}

/// A consumer and the engine whose machines it consumes.
#[derive(Debug)]
pub(super) struct ConsumerContext<M: Machine> {
    pub(super) engine: Engine<M>,
    pub(super) consumer: Arc<dyn Consumer<M>>,
}

impl<M: Machine> ConsumerContext<M> {
    /// Consumes what is after the cursor, which is `cached` if this process moved it. A panic counts as a failure.
    pub(super) async fn attempt(
        &self,
        number: M::Number,
        cached: Option<Position>,
        work: Work<M>,
    ) -> Result<Advanced, ConsumerError> {
        let attempt = AssertUnwindSafe(self.advance(number, cached, work)).catch_unwind();
        match tokio::time::timeout(PATIENCE, attempt).await {
            Ok(Ok(advanced)) => advanced,
            Ok(Err(_panic)) => Err("it panicked".into()),
            Err(_elapsed) => Err(format!("it took longer than {} s", PATIENCE.as_secs()).into()),
        }
    }

    async fn advance(
        &self,
        number: M::Number,
        cached: Option<Position>,
        work: Work<M>,
    ) -> Result<Advanced, ConsumerError> {
        let mut cached = cached;
        for _ in 0..MAX_MOVES {
            let cursor = self.newest_cursor(number, cached).await?;
            let Some(slice) = self.slice(number, cursor, work.announced()).await? else {
                self.report(number, cursor, cursor).await;
                return Ok(Advanced::To { cursor, is_more: false });
            };
            let end = slice.end;
            if planted(Bug::CursorAheadOfConsumer) {
                self.report(number, cursor, end).await;
            }
            match self.consumer.consume(&slice).await? {
                Consumed::All => {
                    self.report(number, cursor, end).await;
                    return Ok(Advanced::To { cursor: end, is_more: end < slice.published.position });
                }
                Consumed::CursorMoved => cached = None,
                Consumed::NotReady => return Ok(Advanced::NotReady),
            }
        }
        Err("another process keeps moving its cursor".into())
    }

    /// The cursor. If other nodes may have moved it and the consumer cares, the stored one is asked for, too.
    async fn newest_cursor(
        &self,
        number: M::Number,
        cached: Option<Position>,
    ) -> Result<Position, ConsumerError> {
        match cached {
            Some(cached) if !self.consumer.shares_cursors() => Ok(cached),
            Some(cached) => Ok(self.cursor(number).await?.max(cached)),
            None => self.cursor(number).await,
        }
    }

    async fn cursor(&self, number: M::Number) -> Result<Position, ConsumerError> {
        match self.consumer.cursors() {
            CursorStorage::Own(cursors) => cursors.get(number).await,
            CursorStorage::InJournal | CursorStorage::InProcess => {
                Ok(self.engine.journal().cursor(self.consumer.name(), M::stream(number)).await?)
            }
        }
    }

    /// The batches after the cursor, as announced or else from the journal; `None` if there are none.
    async fn slice(
        &self,
        number: M::Number,
        cursor: Position,
        announced: Option<&AnnouncedBatches<M>>,
    ) -> Result<Option<StreamSlice<M>>, ConsumerError> {
        let slice = match announced.and_then(|announced| announced.after(number, cursor)) {
            Some(slice) => slice,
            None => {
                // After a crash, most streams that are listed as behind are not. Their machines need not be woken.
                if self.engine.journal().head(M::stream(number)).await?.position <= cursor {
                    return Ok(None);
                }
                let published = self.engine.handle(number).await?.published();
                let (batches, end) = self.read(number, cursor, &published).await?;
                StreamSlice { number, from: cursor, end, published, batches }
            }
        };
        Ok((slice.end > cursor).then_some(slice))
    }

    /// The batches after the cursor and the position of the last one: the published version, or an earlier one if the consumer bounds
    /// its slices.
    async fn read(
        &self,
        number: M::Number,
        cursor: Position,
        published: &Published<M>,
    ) -> Result<(Vec<Arc<[M::Entry]>>, Position), ConsumerError> {
        if !self.consumer.needs_entries(cursor) {
            return Ok((Vec::new(), published.position));
        }
        let mut room = self.consumer.max_slice_bytes().unwrap_or(usize::MAX);
        let (mut batches, mut end) = (Vec::new(), cursor);
        while end < published.position && room > 0 {
            let page = self.engine.journal().read(M::stream(number), end, PAGE_BYTES.min(room)).await?;
            if page.is_empty() {
                let (end, published) = (end.0, published.position.0);
                return Err(format!("the journal ends at {end}, before version {published}").into());
            }
            for batch in page.iter().take_while(|batch| batch.position <= published.position) {
                room = room.saturating_sub(batch.payload.len());
                batches.push(M::decode(&batch.payload)?.into());
                end = batch.position;
            }
        }
        Ok((batches, end))
    }

    /// Reports that the batches after `from` up to `cursor` are processed. If that fails the stream stays listed as behind,
    /// and the next search finds that it is not.
    async fn report(&self, number: M::Number, from: Position, cursor: Position) {
        let from = match self.consumer.cursors() {
            CursorStorage::InProcess => return,
            CursorStorage::InJournal => from,
            // Its own cursor proves that it has processed everything before it.
            CursorStorage::Own(_) => Position::START,
        };
        let (journal, name) = (self.engine.journal(), self.consumer.name());
        if let Err(error) = journal.caught_up(name, M::stream(number), from, cursor).await {
            tracing::debug!(consumer = %name, machine = M::NAME, %number, %error, "a cursor was not reported");
        }
    }
}
