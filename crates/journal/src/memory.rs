//! A journal in memory, for tests and simulation. It keeps every promise of the trait except durability.
//!
//! Its futures are ready at once and need no runtime, so that a simulation stays deterministic.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{self, BoxFuture};

use crate::heads::{Heads, Verdict, judge};
use crate::limits::{MAX_MISSED_BYTES, MAX_SNAPSHOT_BYTES};
use crate::page::Page;
use crate::record::to_batch;
use crate::{
    Append, AppendError, Batch, BatchId, ConsumerName, Head, Journal, Position, ReadError, SaveError,
    StreamId, StreamKind,
};

/// A journal that lives as long as the value does.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    heads: Heads,
    batches: BTreeMap<StreamId, Vec<Batch>>,
    snapshots: BTreeMap<StreamId, (Position, Bytes)>,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so a poisoned lock guards consistent data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn append(&mut self, append: &Append) -> Result<Position, AppendError> {
        let head = self.heads.get(append.stream);
        match judge(append, &head, self.heads.len()) {
            Verdict::Refused(error) => return Err(error),
            Verdict::Conflict => {
                let missed = self.read(append.stream, append.expected, MAX_MISSED_BYTES);
                return Err(AppendError::Conflict { missed });
            }
            Verdict::Fits => {}
        }
        let batch = to_batch(append, &head.hash);
        let head = Head { position: batch.position, hash: batch.hash, deadline: append.deadline };
        self.batches.entry(append.stream).or_default().push(batch);
        self.heads.set(append.stream, head);
        Ok(head.position)
    }

    fn after(&self, stream: StreamId, after: Position) -> &[Batch] {
        let batches = self.batches.get(&stream).map_or(&[][..], Vec::as_slice);
        let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
        batches.get(skip..).unwrap_or_default()
    }

    fn read(&self, stream: StreamId, after: Position, max_bytes: usize) -> Vec<Batch> {
        let mut page = Page::new(max_bytes);
        for batch in self.after(stream, after) {
            if !page.has_room_for(batch.payload.len()) {
                break;
            }
            page.push(batch.clone());
        }
        page.into_batches()
    }

    fn find(&self, stream: StreamId, batch: BatchId, after: Position) -> Option<Position> {
        self.after(stream, after).iter().find(|stored| stored.batch == batch).map(|stored| stored.position)
    }

    fn put_snapshot(&mut self, stream: StreamId, position: Position, bytes: Bytes) -> Result<(), SaveError> {
        if bytes.len() > MAX_SNAPSHOT_BYTES {
            return Err(SaveError::Invalid("the snapshot is too large".to_owned()));
        }
        if position > self.heads.get(stream).position {
            return Err(SaveError::Invalid("the snapshot is newer than its stream".to_owned()));
        }
        let kept = self.snapshots.entry(stream).or_insert((position, Bytes::new()));
        if position >= kept.0 {
            *kept = (position, bytes);
        }
        Ok(())
    }
}

impl Journal for MemoryJournal {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Position, AppendError>> {
        future::lazy(move |_| self.state().append(&append)).boxed()
    }

    fn read(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Batch>, ReadError>> {
        future::lazy(move |_| Ok(self.state().read(stream, after, max_bytes))).boxed()
    }

    fn head(&self, stream: StreamId) -> BoxFuture<'_, Result<Head, ReadError>> {
        future::lazy(move |_| Ok(self.state().heads.get(stream))).boxed()
    }

    fn find(
        &self,
        stream: StreamId,
        batch: BatchId,
        after: Position,
    ) -> BoxFuture<'_, Result<Option<Position>, ReadError>> {
        future::lazy(move |_| Ok(self.state().find(stream, batch, after))).boxed()
    }

    fn streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, Head)>, ReadError>> {
        future::lazy(move |_| Ok(self.state().heads.page(after, limit))).boxed()
    }

    fn due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, i64)>, ReadError>> {
        future::lazy(move |_| Ok(self.state().heads.due(kind, now_ms, limit))).boxed()
    }

    fn behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        future::lazy(move |_| Ok(self.state().heads.behind(consumer.0, kind, after, limit))).boxed()
    }

    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> BoxFuture<'_, Result<Position, ReadError>> {
        future::lazy(move |_| Ok(self.state().heads.cursor(consumer.0, stream))).boxed()
    }

    fn caught_up(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        position: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        future::lazy(move |_| {
            self.state().heads.caught_up(consumer.0, stream, position);
            Ok(())
        })
        .boxed()
    }

    fn put_snapshot(
        &self,
        stream: StreamId,
        position: Position,
        bytes: Bytes,
    ) -> BoxFuture<'_, Result<(), SaveError>> {
        future::lazy(move |_| self.state().put_snapshot(stream, position, bytes)).boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Position, Bytes)>> {
        future::lazy(move |_| self.state().snapshots.get(&stream).cloned()).boxed()
    }

    fn backup(&self, _to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>> {
        future::ready(Err(SaveError::Invalid("a journal in memory has no backup".to_owned()))).boxed()
    }

    fn stopped(&self) -> BoxFuture<'static, String> {
        future::pending().boxed()
    }
}
