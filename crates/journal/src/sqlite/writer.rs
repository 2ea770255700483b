//! The one thread that writes.
//!
//! It takes all waiting appends, commits them together, answers them, and then takes the next group. Appends that arrive
//! during a commit form the next group, so no delay is needed to fill one. No append is answered before the commit is
//! durable and the anchor names it. After a failed commit it never writes again.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::anchor::Anchor;
use super::commit::{self, CommitFailure, PlannedCommit};
use super::journal_head::JournalHead;
use super::rows::{self, is_full};
use super::shared::{Cursor, SharedState};
use crate::limits::{MAX_COMMIT_APPENDS, MAX_COMMIT_BYTES, MAX_WAITING_APPENDS};
use crate::{Append, AppendError, Head, crash_point};

/// The write-ahead log is copied into the database when it has grown by about this much.
const CHECKPOINT_BYTES: usize = 16 << 20;

/// An append that waits for its answer.
#[derive(Debug)]
struct Request {
    append: Append,
    answer: oneshot::Sender<Option<Result<Head, AppendError>>>,
}

/// A handle on the writer's thread. Dropping it waits until the thread has written the waiting appends.
#[derive(Debug)]
pub(super) struct Handle {
    queue: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    pub(super) fn start(
        connection: Connection,
        anchor: Anchor,
        journal_head: JournalHead,
        shared: Arc<SharedState>,
    ) -> io::Result<Self> {
        let (queue, requests) = mpsc::channel(MAX_WAITING_APPENDS);
        let writer = Writer { connection, anchor, journal_head, shared, log_bytes: 0 };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(|| writer.run(requests))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Appends; `None` if the stream goes on after the expected position.
    pub(super) async fn append(&self, append: Append) -> Option<Result<Head, AppendError>> {
        let stopped = Some(Err(AppendError::Stopped));
        let Some(queue) = self.queue.as_ref() else { return stopped };
        let (answer, answered) = oneshot::channel();
        if queue.send(Request { append, answer }).await.is_err() {
            return stopped;
        }
        // The writer answers every request that it takes, unless it panics.
        answered.await.unwrap_or(Some(Err(AppendError::Unknown)))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was logged when it happened, and stopped the journal.
            drop(thread.join());
        }
    }
}

#[derive(Debug)]
struct Writer {
    connection: Connection,
    anchor: Anchor,
    journal_head: JournalHead,
    shared: Arc<SharedState>,
    /// About how much the log has grown since it was last copied.
    log_bytes: usize,
}

/// Stops the journal if the writer's thread panics, so that the server exits.
struct StopOnPanic(Arc<SharedState>);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop("the writer's thread panicked".to_owned());
        }
    }
}

impl Writer {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let _guard = StopOnPanic(Arc::clone(&self.shared));
        while let Some(first) = requests.blocking_recv() {
            self.commit(gather(first, &mut requests));
            if !self.shared.has_stopped() && self.log_bytes >= CHECKPOINT_BYTES {
                self.write_cursors();
                self.checkpoint("PASSIVE");
            }
            if self.shared.has_stopped() {
                return refuse_all(requests);
            }
        }
        self.close();
    }

    fn commit(&mut self, group: Vec<Request>) {
        let plan =
            PlannedCommit::of(group.iter().map(|request| &request.append), &self.shared, self.journal_head);
        let committed = if plan.is_empty() { Ok(()) } else { self.write(&plan) };
        match committed {
            Ok(()) => {
                let answers = plan.answers.into_iter().zip(group);
                answers.for_each(|(answer, request)| request.answer(answer));
            }
            Err(failure) => self.fail(group, failure),
        }
    }

    fn write(&mut self, plan: &PlannedCommit) -> Result<(), CommitFailure> {
        commit::write(&mut self.connection, plan)?;
        if self.shared.set_full(false) {
            tracing::info!("the disk has room again");
        }
        self.journal_head = plan.journal_head;
        self.log_bytes += plan.log_bytes();
        self.move_anchor();
        self.shared.publish(plan.ends.iter().map(|(stream, end)| (*stream, *end)));
        Ok(())
    }

    /// The commit is durable even if the anchor cannot be written, so its appends succeed in any case.
    fn move_anchor(&mut self) {
        match self.anchor.write(self.journal_head) {
            Ok(()) => crash_point!("journal.after_anchor"),
            // An older anchor is harmless, and the next commit moves it.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                tracing::warn!("the disk is full: the journal's anchor stays where it is");
            }
            Err(error) => self.shared.stop(format!("the anchor could not be written: {error}")),
        }
    }

    fn fail(&self, group: Vec<Request>, failure: CommitFailure) {
        let error = match failure {
            CommitFailure::Full => {
                if !self.shared.set_full(true) {
                    tracing::error!("the disk is full: nothing is written until there is room");
                }
                AppendError::Full
            }
            CommitFailure::NotWritten(reason) => {
                self.shared.stop(reason);
                AppendError::Stopped
            }
            CommitFailure::Uncertain(reason) => {
                self.shared.stop(reason);
                AppendError::Unknown
            }
        };
        group.into_iter().for_each(|request| request.answer(Some(Err(error.clone()))));
    }

    /// Writes the consumers' cursors, at checkpoints only: a commit for each would cost as much as the append that it
    /// follows. After a crash the consumers read again what came after the cursors that were written.
    fn write_cursors(&mut self) {
        let cursors = self.shared.unwritten_cursors();
        if cursors.is_empty() {
            return;
        }
        match put_cursors(&mut self.connection, &cursors) {
            Ok(()) => self.shared.forget_unwritten(&cursors),
            Err(error) if is_full(&error) => {
                tracing::warn!("the disk is full: the consumers' cursors are not written")
            }
            Err(error) => self.shared.stop(format!("the consumers' cursors could not be written: {error}")),
        }
    }

    /// Copies the log into the database, so that the log starts over. If readers hold it back, the next checkpoint copies
    /// the rest.
    fn checkpoint(&mut self, mode: &str) {
        crash_point!("journal.before_checkpoint");
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        let copied =
            self.connection.query_row(&sql, [], |row| Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)));
        match copied {
            Ok((frames, copied)) if frames == copied => self.log_bytes = 0,
            Ok(_) => self.log_bytes = CHECKPOINT_BYTES * 3 / 4,
            Err(error) if is_full(&error) => {
                tracing::warn!("the disk is full: the journal's log could not be copied");
                self.log_bytes = CHECKPOINT_BYTES * 3 / 4;
            }
            Err(error) => self.shared.stop(format!("a checkpoint failed: {error}")),
        }
        if let Err(error) = self.anchor.sync() {
            self.shared.stop(format!("the anchor could not be synced: {error}"));
        }
    }

    /// All commits are durable already; this saves the next start some work.
    fn close(mut self) {
        self.write_cursors();
        if !self.shared.has_stopped() {
            self.checkpoint("TRUNCATE");
        }
    }
}

fn put_cursors(connection: &mut Connection, cursors: &[Cursor]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (consumer, stream, position) in cursors {
        rows::put_cursor(&transaction, consumer.0, *stream, *position)?;
    }
    transaction.commit()
}

impl Request {
    /// The caller may be gone; then the answer is dropped.
    fn answer(self, answer: Option<Result<Head, AppendError>>) {
        drop(self.answer.send(answer));
    }
}

/// All waiting requests, up to the bounds of one commit.
fn gather(first: Request, requests: &mut mpsc::Receiver<Request>) -> Vec<Request> {
    let mut bytes = first.append.payload.len();
    let mut group = vec![first];
    while group.len() < MAX_COMMIT_APPENDS && bytes < MAX_COMMIT_BYTES {
        let Ok(request) = requests.try_recv() else { break };
        bytes += request.append.payload.len();
        group.push(request);
    }
    group
}

fn refuse_all(mut requests: mpsc::Receiver<Request>) {
    requests.close();
    while let Some(request) = requests.blocking_recv() {
        request.answer(Some(Err(AppendError::Stopped)));
    }
}
