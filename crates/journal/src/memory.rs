//! A journal in memory, for tests and simulation. It keeps every promise of the trait except durability.
//!
//! Its futures are ready at once and need no runtime, so that a simulation stays deterministic.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{self, BoxFuture};

use crate::heads::{Heads, StreamEnd, Verdict, judge, judge_later};
use crate::limits::{MAX_MISSED_BYTES, MAX_SNAPSHOT_BYTES};
use crate::page::Page;
use crate::{
    Append, AppendError, Batch, ConsumerName, Hash, Head, Journal, Position, ReadError, SaveError, StreamId,
    StreamKind,
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
    snapshots: BTreeMap<StreamId, (Head, Bytes)>,
}

impl MemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The stream loses its batches after a position, and its deadline, as after the promotion of a standby that never got
    /// them. For tests.
    pub fn lose_after(&self, stream: StreamId, position: Position) {
        let mut state = self.state();
        if let Some(batches) = state.batches.get_mut(&stream) {
            batches.truncate(usize::try_from(position.0).unwrap_or(usize::MAX));
            let head = batches.last().map_or_else(Head::default, Batch::head);
            state.heads.shorten(stream, head);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, so a poisoned lock guards consistent data.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn append(&mut self, append: &Append) -> Result<Head, AppendError> {
        let (stream, expected) = (append.stream, append.expected.position);
        let head = self.heads.get(stream);
        match judge(append, &head, self.heads.len()) {
            Verdict::Refused(error) => return Err(error),
            Verdict::Later => {
                let missed = self.read(stream, expected, MAX_MISSED_BYTES);
                let at_expected = self.hash_at(stream, expected).unwrap_or_default();
                return judge_later(append, head, &at_expected, missed);
            }
            Verdict::Fits => {}
        }
        let batch = append.to_batch();
        let head = batch.head();
        self.batches.entry(stream).or_default().push(batch);
        self.heads.set(stream, StreamEnd { head, deadline: append.deadline });
        Ok(head)
    }

    /// The hash of a stream up to a position that it has.
    fn hash_at(&self, stream: StreamId, position: Position) -> Option<Hash> {
        match position.0.checked_sub(1) {
            None => Some(Hash::default()),
            Some(before) => self.after(stream, Position(before)).first().map(|batch| batch.hash),
        }
    }

    fn has(&self, stream: StreamId, head: Head) -> bool {
        self.hash_at(stream, head.position) == Some(head.hash)
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

    fn put_snapshot(&mut self, stream: StreamId, at: Head, bytes: Bytes) -> Result<(), SaveError> {
        if bytes.len() > MAX_SNAPSHOT_BYTES {
            return Err(SaveError::Invalid("the snapshot is too large".to_owned()));
        }
        if !self.has(stream, at) {
            return Err(SaveError::Invalid(
                "the snapshot is of another history than its stream's".to_owned(),
            ));
        }
        if self.snapshot(stream).is_none_or(|(kept, _)| at.position >= kept.position) {
            self.snapshots.insert(stream, (at, bytes));
        }
        Ok(())
    }

    fn snapshot(&self, stream: StreamId) -> Option<(Head, Bytes)> {
        self.snapshots.get(&stream).filter(|(head, _)| self.has(stream, *head)).cloned()
    }
}

impl Journal for MemoryJournal {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Head, AppendError>> {
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
        from: Position,
        to: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        future::lazy(move |_| {
            self.state().heads.caught_up(consumer.0, stream, from, to);
            Ok(())
        })
        .boxed()
    }

    fn put_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> BoxFuture<'_, Result<(), SaveError>> {
        future::lazy(move |_| self.state().put_snapshot(stream, at, bytes)).boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Head, Bytes)>> {
        future::lazy(move |_| self.state().snapshot(stream)).boxed()
    }

    fn backup(&self, _to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>> {
        future::ready(Err(SaveError::Invalid("a journal in memory has no backup".to_owned()))).boxed()
    }

    fn stopped(&self) -> BoxFuture<'static, String> {
        future::pending().boxed()
    }
}
