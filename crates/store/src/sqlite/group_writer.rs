//! The thread that writes to a database. Writes that wait at the same time are committed together, so that they share one sync of the disk.
//!
//! What must hold: a write is answered only after its commit. A write that fails or panics is rolled back without the others of its group.
//! For this the first write runs directly in the transaction, and the group ends if it fails; each further one has a savepoint of its own
//! (which makes SQLite copy every page that it changes). A refusal waits for the commit as well, because it may rely on a write of the same
//! group.

use crate::error::StoreError;
use crate::waiting::Waiting;
use rusqlite::{Connection, TransactionBehavior};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The most writes in one group.
const MAX_GROUP: usize = 256;
/// No write joins a group that is older than this, so that a slow write delays few others.
const GROUP_TIME: Duration = Duration::from_millis(2);

/// Runs a write, or answers it with a failure if there is no connection for it.
type Job = Box<dyn FnOnce(Result<WriteTurn<'_>, StoreError>) -> RanWrite + Send>;

/// The connection for a write.
struct WriteTurn<'c> {
    connection: &'c Connection,
    /// Whether it is the first write of its transaction.
    is_first: bool,
}

/// A write that has run and is not answered yet.
struct RanWrite {
    succeeded: bool,
    /// Answers the caller, given whether the group was committed.
    answer: Box<dyn FnOnce(Result<(), StoreError>)>,
}

/// The result of a write, unless it panicked.
type Outcome<T, E> = thread::Result<Result<T, E>>;

/// The result of running a write.
struct WriteResult<T, E> {
    outcome: Outcome<T, E>,
    /// Whether SQLite rolled the whole group back because of this write, whose own error is then the cause.
    rolled_back: bool,
}

/// Called with the duration of every commit.
type CommitObserver = Box<dyn Fn(Duration) + Send>;

/// A connection and the thread that writes with it. Dropping it waits for the writes that were submitted, and closes the connection.
pub(super) struct GroupWriter {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    waiting: AtomicUsize,
}

impl fmt::Debug for GroupWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupWriter").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl GroupWriter {
    /// Starts the thread, under this name.
    ///
    /// # Errors
    /// [`StoreError::File`] when no thread can be started.
    pub(super) fn start(
        name: &str,
        connection: Connection,
        observe_commit: Box<dyn Fn(Duration) + Send>,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        let work = move || write_groups(connection, &queue, &observe_commit);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), waiting: AtomicUsize::new(0) })
    }

    /// Runs `work` in a transaction, and commits it unless the work failed.
    ///
    /// # Errors
    /// The error of `work`, or [`StoreError`] when it could not run or be committed.
    pub(super) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _waiting = Waiting::begin(&self.waiting)?;
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |turn| {
            let result = match turn {
                Ok(turn) if turn.is_first => WriteResult::alone(turn.connection, work),
                Ok(turn) => WriteResult::in_savepoint(turn.connection, work),
                Err(error) => WriteResult { outcome: Ok(Err(error.into())), rolled_back: false },
            };
            let succeeded = matches!(result.outcome, Ok(Ok(_)));
            RanWrite {
                succeeded,
                answer: Box::new(move |committed| drop(reply.send(result.after_commit(committed)))),
            }
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).map_err(|_ended| StoreError::Closed)?;
        match answer.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_ended) => Err(StoreError::Closed.into()),
        }
    }
}

impl Drop for GroupWriter {
    fn drop(&mut self) {
        drop(self.jobs.take());
        let Some(thread) = self.thread.take() else { return };
        // The last handle may be dropped on the writer's own thread, by a write that holds it; a thread cannot join itself.
        if thread.thread().id() != thread::current().id() {
            drop(thread.join());
        }
    }
}

fn write_groups(mut connection: Connection, queue: &Receiver<Job>, observe_commit: &CommitObserver) {
    while let Ok(first) = queue.recv() {
        write_group(&mut connection, first, queue, observe_commit);
    }
}

fn write_group(
    connection: &mut Connection,
    first: Job,
    queue: &Receiver<Job>,
    observe_commit: &CommitObserver,
) {
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            let error = StoreError::from(error);
            for job in std::iter::once(first).chain(queue.try_iter()) {
                (job(Err(error.clone())).answer)(Ok(()));
            }
            return;
        }
    };
    let begun = Instant::now();
    let first = first(Ok(WriteTurn { connection: &transaction, is_first: true }));
    if !first.succeeded {
        // The write may have left something half done. If the rollback fails, the next transaction fails.
        drop(transaction);
        return (first.answer)(Ok(()));
    }
    let mut done = vec![first];
    while done.len() < MAX_GROUP
        && begun.elapsed() < GROUP_TIME
        && !transaction.is_autocommit()
        && let Ok(job) = queue.try_recv()
    {
        done.push(job(Ok(WriteTurn { connection: &transaction, is_first: false })));
    }
    // After some failures, such as a full disk, SQLite rolls the whole transaction back by itself.
    let committed = if transaction.is_autocommit() {
        Err(StoreError::RolledBack)
    } else {
        let begun = Instant::now();
        let committed = transaction.commit().map_err(StoreError::from);
        observe_commit(begun.elapsed());
        committed
    };
    for done in done {
        (done.answer)(committed.clone());
    }
}

impl<T, E: From<StoreError>> WriteResult<T, E> {
    fn alone(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, E>) -> Self {
        Self { outcome: catch_unwind(AssertUnwindSafe(|| work(connection))), rolled_back: false }
    }

    fn in_savepoint(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, E>) -> Self {
        let run = |text: &str| -> Result<(), StoreError> {
            connection.prepare_cached(text)?.execute(())?;
            Ok(())
        };
        let result = |outcome| Self { outcome, rolled_back: false };
        if let Err(error) = run("SAVEPOINT one_write") {
            return result(Ok(Err(error.into())));
        }
        let Self { outcome, .. } = Self::alone(connection, work);
        // After a rollback of the transaction by SQLite there is no savepoint left.
        if connection.is_autocommit() {
            return Self { outcome, rolled_back: true };
        }
        let undone = if matches!(outcome, Ok(Ok(_))) { Ok(()) } else { run("ROLLBACK TO one_write") };
        match undone.and_then(|()| run("RELEASE one_write")) {
            Ok(()) => result(outcome),
            Err(error) => result(Ok(Err(error.into()))),
        }
    }

    fn after_commit(self, committed: Result<(), StoreError>) -> Outcome<T, E> {
        match (self.outcome, committed) {
            (Err(panic), _) => Err(panic),
            (Ok(Err(error)), Err(_)) if self.rolled_back => Ok(Err(error)),
            (Ok(_), Err(error)) => Ok(Err(error.into())),
            (Ok(answer), Ok(())) => Ok(answer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> (tempfile::TempDir, GroupWriter) {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("file.db")).unwrap();
        connection.execute_batch("CREATE TABLE numbers (number INTEGER PRIMARY KEY)").unwrap();
        (folder, GroupWriter::start("writer", connection, Box::new(|_| {})).unwrap())
    }

    fn insert(number: i64) -> impl FnOnce(&Connection) -> Result<(), StoreError> + Send {
        move |sql| Ok(sql.execute("INSERT INTO numbers VALUES (?1)", [number]).map(drop)?)
    }

    async fn stored(writer: &GroupWriter) -> Vec<i64> {
        let read = |sql: &Connection| -> Result<Vec<i64>, StoreError> {
            let mut select = sql.prepare("SELECT number FROM numbers ORDER BY number")?;
            let rows = select.query_map((), |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        writer.write(read).await.unwrap()
    }

    /// Holds the writer until the returned sender is dropped, so that the writes after it form one group.
    fn hold(writer: &GroupWriter) -> (Sender<()>, impl Future<Output = Result<(), StoreError>>) {
        let (sender, receiver) = channel::<()>();
        let held = writer.write(move |_| {
            let _released = receiver.recv();
            Ok(())
        });
        (sender, held)
    }

    #[tokio::test]
    async fn a_write_that_fails_or_panics_leaves_the_others_of_its_group() {
        let (_folder, writer) = writer();
        let (release, held) = hold(&writer);
        let panics = async {
            let work = |sql: &Connection| -> Result<(), StoreError> {
                insert(3)(sql)?;
                panic!("as intended")
            };
            AssertUnwindSafe(writer.write(work)).await
        };
        let fails = writer.write(|sql| {
            insert(2)(sql)?;
            Err::<(), _>(StoreError::Unreadable("on purpose"))
        });
        let all = async {
            tokio::join!(held, writer.write(insert(1)), fails, writer.write(insert(4)), async {
                drop(release);
            })
        };
        let (held, first, failed, last, ()) = all.await;
        assert!(held.is_ok() && first.is_ok() && last.is_ok());
        assert!(matches!(failed, Err(StoreError::Unreadable("on purpose"))));
        let caught = futures_catch(panics).await;
        assert!(caught, "the caller panics, the writer goes on");
        assert_eq!(stored(&writer).await, [1, 4]);
    }

    async fn futures_catch(work: impl Future<Output = Result<(), StoreError>>) -> bool {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(std::task::Poll::Pending) => std::task::Poll::Pending,
            Ok(std::task::Poll::Ready(_)) => std::task::Poll::Ready(false),
            Err(_panic) => std::task::Poll::Ready(true),
        })
        .await
    }

    #[tokio::test]
    async fn no_write_of_a_group_that_sqlite_rolled_back_succeeds() {
        let (_folder, writer) = writer();
        let rolls_back = writer.write(|sql| {
            sql.execute_batch("ROLLBACK")?;
            Err::<(), _>(StoreError::Full)
        });
        let (first, rolled_back) = tokio::join!(writer.write(insert(1)), rolls_back);
        assert!(matches!(rolled_back, Err(StoreError::Full)), "{rolled_back:?}");
        // Alone in its group it was committed; together with the other it was not, and says so.
        let expected = if first.is_ok() { vec![1] } else { vec![] };
        assert_eq!(stored(&writer).await, expected);
        writer.write(insert(2)).await.unwrap();
        assert!(stored(&writer).await.contains(&2), "the writer goes on");
    }

    #[tokio::test]
    async fn a_cancelled_caller_changes_nothing_for_the_others() {
        let (_folder, writer) = writer();
        {
            let gone = writer.write(insert(1));
            let mut gone = std::pin::pin!(gone);
            let polled = std::future::poll_fn(|context| std::task::Poll::Ready(gone.as_mut().poll(context)));
            assert!(polled.await.is_pending());
        }
        writer.write(insert(2)).await.unwrap();
        assert_eq!(stored(&writer).await, [1, 2], "what was begun is done");
        assert_eq!(writer.waiting.load(std::sync::atomic::Ordering::Relaxed), 0);
    }
}
