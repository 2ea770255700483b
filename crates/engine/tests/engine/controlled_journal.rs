//! A journal in memory that can be held back and made to fail.

use bytes::Bytes;
use fairseat_journal::{
    Append, AppendError, ConsumerName, Head, Journal, MemoryJournal, Position, ReadError, SaveError,
    StreamId, StreamKind,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::watch;

#[derive(Debug, Default)]
pub(crate) struct ControlledJournal {
    pub(crate) inside: Arc<MemoryJournal>,
    /// Answers of the next appends, which are not carried out.
    pub(crate) errors: Mutex<VecDeque<AppendError>>,
    /// The answer of every append while set; none is carried out.
    pub(crate) always: Mutex<Option<AppendError>>,
    /// The next append is carried out and answered as unknown.
    pub(crate) loses_next: AtomicBool,
    /// Conflicts are answered without the missed batches.
    pub(crate) is_silent: AtomicBool,
    pub(crate) appends: AtomicUsize,
    /// Positions that were read after, in order.
    pub(crate) reads: Mutex<Vec<Position>>,
    /// While shut, appends and reads wait.
    shut: watch::Sender<bool>,
    /// While late, an append that was carried out is not answered.
    late: watch::Sender<bool>,
}

impl ControlledJournal {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn shut(&self) {
        self.shut.send_replace(true);
    }

    pub(crate) fn open(&self) {
        self.shut.send_replace(false);
    }

    pub(crate) fn be_late(&self, late: bool) {
        self.late.send_replace(late);
    }

    async fn until_off(switch: &watch::Sender<bool>) {
        drop(switch.subscribe().wait_for(|on| !*on).await);
    }
}

impl Journal for ControlledJournal {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Head, AppendError>> {
        async move {
            self.appends.fetch_add(1, Ordering::Relaxed);
            Self::until_off(&self.shut).await;
            if let Some(error) = self.errors.lock().pop_front().or_else(|| self.always.lock().clone()) {
                return Err(error);
            }
            let appended = self.inside.append(append).await;
            Self::until_off(&self.late).await;
            match appended {
                Ok(_) if self.loses_next.swap(false, Ordering::Relaxed) => Err(AppendError::Unknown),
                Err(AppendError::Conflict { .. }) if self.is_silent.load(Ordering::Relaxed) => {
                    Err(AppendError::Conflict { missed: Vec::new() })
                }
                appended => appended,
            }
        }
        .boxed()
    }

    fn read(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<fairseat_journal::Batch>, ReadError>> {
        async move {
            Self::until_off(&self.shut).await;
            self.reads.lock().push(after);
            self.inside.read(stream, after, max_bytes).await
        }
        .boxed()
    }

    fn head(&self, stream: StreamId) -> BoxFuture<'_, Result<Head, ReadError>> {
        async move {
            Self::until_off(&self.shut).await;
            self.inside.head(stream).await
        }
        .boxed()
    }

    fn streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, Head)>, ReadError>> {
        self.inside.streams(after, limit)
    }

    fn due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, i64)>, ReadError>> {
        self.inside.due(kind, now_ms, limit)
    }

    fn behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        self.inside.behind(consumer, kind, after, limit)
    }

    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> BoxFuture<'_, Result<Position, ReadError>> {
        self.inside.cursor(consumer, stream)
    }

    fn caught_up(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        from: Position,
        to: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        self.inside.caught_up(consumer, stream, from, to)
    }

    fn put_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> BoxFuture<'_, Result<(), SaveError>> {
        self.inside.put_snapshot(stream, at, bytes)
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Head, Bytes)>> {
        self.inside.snapshot(stream)
    }

    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>> {
        self.inside.backup(to)
    }

    fn stopped(&self) -> BoxFuture<'static, String> {
        self.inside.stopped()
    }
}
