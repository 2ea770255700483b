//! The one thread that writes.
//!
//! It takes everything that waits, commits it together, answers, and only then looks again: the batch that gathers
//! meanwhile is the next group, so no delay is needed to fill one. Nobody is answered before the commit is durable and
//! the anchor names it. After a failed commit it never writes again.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::anchor::Anchor;
use super::commit::{self, CommitFailure, Plan};
use super::core::Core;
use super::rows::{self, is_full};
use super::tip::Tip;
use crate::limits::{MAX_COMMIT_APPENDS, MAX_COMMIT_BYTES, MAX_WAITING_APPENDS};
use crate::{Append, AppendError, Position, StreamId, crash_point};

/// The write-ahead log is copied into the database about whenever it has grown by this much.
const CHECKPOINT_BYTES: usize = 16 << 20;

/// An append that waits for its answer.
#[derive(Debug)]
struct Request {
    append: Append,
    answer: oneshot::Sender<Result<Position, AppendError>>,
}

/// The way to the writer's thread. Dropping it lets the thread finish what waits, and waits for that.
#[derive(Debug)]
pub(super) struct Handle {
    queue: Option<mpsc::Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    pub(super) fn start(
        connection: Connection,
        anchor: Anchor,
        tip: Tip,
        core: Arc<Core>,
    ) -> io::Result<Self> {
        let (queue, requests) = mpsc::channel(MAX_WAITING_APPENDS);
        let writer = Writer { connection, anchor, tip, core, log_bytes: 0 };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(|| writer.run(requests))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Appends; the batches missed in a conflict are left out of the answer.
    pub(super) async fn append(&self, append: Append) -> Result<Position, AppendError> {
        let queue = self.queue.as_ref().ok_or(AppendError::Stopped)?;
        let (answer, answered) = oneshot::channel();
        let sent = queue.send(Request { append, answer }).await;
        sent.map_err(|_closed| AppendError::Stopped)?;
        // The writer answers everything it takes; only a panic in it leaves a request without an answer.
        answered.await.unwrap_or(Err(AppendError::Unknown))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was reported when it happened, and stopped the journal.
            drop(thread.join());
        }
    }
}

#[derive(Debug)]
struct Writer {
    connection: Connection,
    anchor: Anchor,
    tip: Tip,
    core: Arc<Core>,
    /// About how much the log has grown since it was last copied.
    log_bytes: usize,
}

/// Stops the journal if the writer's thread ends in a panic, so that the server exits instead of hanging on.
struct StopOnPanic(Arc<Core>);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop("the writer's thread panicked".to_owned());
        }
    }
}

impl Writer {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let _guard = StopOnPanic(Arc::clone(&self.core));
        while let Some(first) = requests.blocking_recv() {
            self.commit(gather(first, &mut requests));
            if !self.core.has_stopped() && self.log_bytes >= CHECKPOINT_BYTES {
                self.note_taken();
                self.checkpoint("PASSIVE");
            }
            if self.core.has_stopped() {
                return refuse_all(requests);
            }
        }
        self.close();
    }

    fn commit(&mut self, group: Vec<Request>) {
        let plan = Plan::of(group.iter().map(|request| &request.append), &self.core, self.tip);
        let committed = if plan.is_empty() { Ok(()) } else { self.write(&plan) };
        match committed {
            Ok(()) => {
                let answers = plan.answers.into_iter().zip(group);
                answers.for_each(|(answer, request)| request.answer(answer));
            }
            Err(failure) => self.fail(group, failure),
        }
    }

    fn write(&mut self, plan: &Plan) -> Result<(), CommitFailure> {
        commit::write(&mut self.connection, plan)?;
        if self.core.set_full(false) {
            tracing::info!("the disk has room again");
        }
        self.tip = plan.tip;
        self.log_bytes += plan.log_bytes();
        self.move_anchor();
        self.core.publish(plan.heads.iter().map(|(stream, head)| (*stream, *head)));
        Ok(())
    }

    /// The commit is durable whether or not its anchor can be written, so this never turns a yes into a no.
    fn move_anchor(&mut self) {
        match self.anchor.write(self.tip) {
            Ok(()) => crash_point!("journal.after_anchor"),
            // An older anchor is harmless, and the next commit moves it.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                tracing::warn!("the disk is full: the journal's anchor stays where it is");
            }
            Err(error) => self.core.stop(format!("the anchor could not be written: {error}")),
        }
    }

    fn fail(&self, group: Vec<Request>, failure: CommitFailure) {
        let error = match failure {
            CommitFailure::Full => {
                if !self.core.set_full(true) {
                    tracing::error!("the disk is full: nothing is written until there is room");
                }
                AppendError::Full
            }
            CommitFailure::NotWritten(reason) => {
                self.core.stop(reason);
                AppendError::Stopped
            }
            CommitFailure::Uncertain(reason) => {
                self.core.stop(reason);
                AppendError::Unknown
            }
        };
        group.into_iter().for_each(|request| request.answer(Err(error.clone())));
    }

    /// Writes down how far the views have come: now and then only, since a commit for each would cost as much as the
    /// append it is about, and what a crash forgets costs the views one look at each stream.
    fn note_taken(&mut self) {
        let taken = self.core.unwritten_taken();
        if taken.is_empty() {
            return;
        }
        match write_taken(&mut self.connection, &taken) {
            Ok(()) => self.core.forget_unwritten(&taken),
            Err(error) if is_full(&error) => {
                tracing::warn!("the disk is full: the views' marks are not written")
            }
            Err(error) => self.core.stop(format!("the views' marks could not be written: {error}")),
        }
    }

    /// Copies the log into the database, so that it can start over. Readers in the middle of something leave the
    /// rest for the next time.
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
            Err(error) => self.core.stop(format!("a checkpoint failed: {error}")),
        }
        if let Err(error) = self.anchor.sync() {
            self.core.stop(format!("the anchor could not be synced: {error}"));
        }
    }

    /// Everything is durable already; this only spares the next start some work.
    fn close(mut self) {
        self.note_taken();
        if !self.core.has_stopped() {
            self.checkpoint("TRUNCATE");
        }
    }
}

fn write_taken(connection: &mut Connection, taken: &[(StreamId, Position)]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (stream, position) in taken {
        rows::put_taken(&transaction, *stream, *position)?;
    }
    transaction.commit()
}

impl Request {
    /// Nobody may wait any more: then the answer is of no use.
    fn answer(self, answer: Result<Position, AppendError>) {
        drop(self.answer.send(answer));
    }
}

/// Everything that waits, up to the bounds of one commit.
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
        request.answer(Err(AppendError::Stopped));
    }
}
