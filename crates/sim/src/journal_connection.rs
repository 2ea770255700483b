//! A node's connection to the journal: requests and answers are lost, delayed or duplicated, and the node may crash at
//! every step.

use crate::disk::{Disk, at_once};
use crate::incarnation::Incarnation;
use crate::world::World;
use bytes::Bytes;
use fairseat_journal::{
    Append, AppendError, Batch, ConsumerName, Head, Journal, MemoryJournal, Position, ReadError, SaveError,
    StreamId, StreamKind,
};
use futures::FutureExt;
use futures::future::{self, BoxFuture};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a node waits for an append.
const PATIENCE: Duration = Duration::from_secs(4);

/// A node's connection to the journal.
#[derive(Debug)]
pub(crate) struct JournalConnection {
    pub(crate) world: Arc<World>,
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) disk: Arc<Disk>,
}

type Delivery = JoinHandle<Result<Head, AppendError>>;

impl JournalConnection {
    /// Delivers the append, even if the node crashes meanwhile.
    fn deliver(&self, append: &Append, low_ms: u64, high_ms: u64) -> Delivery {
        let (disk, append, world) = (self.disk.clone(), append.clone(), self.world.clone());
        // With one node the journal runs in the node's process, and ends with it.
        let embedded = (self.world.style.nodes == 1).then(|| self.incarnation.clone());
        let node = self.incarnation.node;
        tokio::spawn(async move {
            world.pass_time(low_ms, high_ms).await;
            if embedded.is_some_and(|incarnation| incarnation.is_over()) {
                return Err(AppendError::Unknown);
            }
            let (batch, expected) = (append.batch.0, append.expected.position.0);
            let bytes = append.payload.len();
            let answer = disk.commit(append).await;
            let said = match &answer {
                Ok(head) => format!("stands at {}", head.position.0),
                Err(error) => error.to_string(),
            };
            world.note(format_args!(
                "append {batch:x} of node {node}, {bytes} bytes after {expected}: {said}"
            ));
            answer
        })
    }

    async fn append_somehow(&self, append: Append) -> Result<Head, AppendError> {
        if self.world.fault("append is lost", 60) {
            self.world.pass_time(500, 4_000).await;
            return Err(AppendError::Unknown);
        }
        if self.world.fault("append outlives its time-out", 80) {
            drop(self.deliver(&append, 1_000, 8_000));
            self.world.pass_time(500, 4_000).await;
            return Err(AppendError::Unknown);
        }
        let first = self.deliver(&append, 0, 3);
        let answer = if self.world.fault("append arrives twice", 40) {
            let second = self.deliver(&append, 0, 3);
            if self.world.one_in(2) { first } else { second }
        } else {
            first
        };
        let answer = timeout(PATIENCE, answer).await;
        if self.world.fault("append is not acknowledged", 40) {
            return Err(AppendError::Unknown);
        }
        match answer {
            Ok(Ok(answer)) => self.cut_short(answer),
            Ok(Err(_)) | Err(_) => Err(AppendError::Unknown),
        }
    }

    /// A conflict's answer may hold only some of the missed batches.
    fn cut_short(&self, answer: Result<Head, AppendError>) -> Result<Head, AppendError> {
        match answer {
            Err(AppendError::Conflict { mut missed }) => {
                self.world.count("fault", "append lost the race");
                if self.world.one_in(3) {
                    missed.truncate(usize::try_from(self.world.below(3)).unwrap_or(0));
                }
                Err(AppendError::Conflict { missed })
            }
            answer => answer,
        }
    }

    /// Asks the durable journal something.
    async fn ask<T>(
        &self,
        [before, after]: [&'static str; 2],
        question: impl FnOnce(&MemoryJournal) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.incarnation.crash_point(before).await;
        self.world.pass_time(0, 2).await;
        let answer = if self.world.fault("read fails", 300) {
            Err(ReadError::Failed("no answer".to_owned()))
        } else {
            self.disk.durable().and_then(|journal| question(&journal))
        };
        self.incarnation.crash_point(after).await;
        answer
    }
}

impl Journal for JournalConnection {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Head, AppendError>> {
        async move {
            self.incarnation.crash_point("append.before").await;
            let answer = self.append_somehow(append).await;
            self.incarnation.crash_point("append.after").await;
            answer
        }
        .boxed()
    }

    fn read(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Batch>, ReadError>> {
        self.ask(["read.before", "read.after"], move |journal| {
            at_once(journal.read(stream, after, max_bytes))
        })
        .boxed()
    }

    fn head(&self, stream: StreamId) -> BoxFuture<'_, Result<Head, ReadError>> {
        self.ask(["read.before", "read.after"], move |journal| at_once(journal.head(stream))).boxed()
    }

    fn streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, Head)>, ReadError>> {
        self.ask(["read.before", "read.after"], move |journal| at_once(journal.streams(after, limit))).boxed()
    }

    fn due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, i64)>, ReadError>> {
        self.ask(["due.before", "due.after"], move |journal| at_once(journal.due(kind, now_ms, limit)))
            .boxed()
    }

    fn behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        let points = ["behind.before", "behind.after"];
        self.ask(points, move |journal| at_once(journal.behind(consumer, kind, after, limit))).boxed()
    }

    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> BoxFuture<'_, Result<Position, ReadError>> {
        let points = ["cursor.before", "cursor.after"];
        self.ask(points, move |journal| at_once(journal.cursor(consumer, stream))).boxed()
    }

    fn caught_up(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        from: Position,
        to: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        let points = ["caught_up.before", "caught_up.after"];
        self.ask(points, move |journal| at_once(journal.caught_up(consumer, stream, from, to))).boxed()
    }

    fn put_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> BoxFuture<'_, Result<(), SaveError>> {
        async move {
            self.incarnation.crash_point("put_snapshot.before").await;
            let put = match self.disk.durable() {
                Ok(_) if self.world.fault("snapshot is not kept", 8) => Err(SaveError::Full),
                Ok(journal) => at_once(journal.put_snapshot(stream, at, bytes)),
                Err(error) => Err(SaveError::Failed(error.to_string())),
            };
            self.incarnation.crash_point("put_snapshot.after").await;
            put
        }
        .boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Head, Bytes)>> {
        async move {
            self.incarnation.crash_point("snapshot.before").await;
            let kept = self.disk.durable().ok().and_then(|journal| at_once(journal.snapshot(stream)));
            let kept = kept.map(|(head, bytes)| (head, self.damaged(bytes)));
            self.incarnation.crash_point("snapshot.after").await;
            kept
        }
        .boxed()
    }

    fn backup(&self, _to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>> {
        future::ready(Err(SaveError::Invalid("nobody backs up a simulation".to_owned()))).boxed()
    }

    fn stopped(&self) -> BoxFuture<'static, String> {
        future::pending().boxed()
    }
}

impl JournalConnection {
    /// A snapshot may have another program's format, and is then unusable.
    fn damaged(&self, bytes: Bytes) -> Bytes {
        if self.world.fault("snapshot is of no use", 10) { Bytes::from_static(b"\xff\xff") } else { bytes }
    }
}
