//! The store in a SQLite file: the pools of its connections.
//!
//! One connection writes, on a thread of its own ([`GroupWriter`]); a few read. A reader waits for a permit without blocking a thread, then
//! runs one transaction on a blocking thread; no lock is held across an await. Each unit of work has a name. Its duration, without waiting
//! and commit, is reported to the observer. Other processes may use the same file: a transaction that writes takes SQLite's write lock at
//! its start and waits up to [`BUSY_TIMEOUT`] for it.

mod group_writer;
mod migrations;

use crate::error::StoreError;
use crate::observer::Observer;
use crate::sql::{Prepare, Sql};
use crate::waiting::Waiting;
use group_writer::GroupWriter;
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Connections that read.
const READERS: usize = 4;
/// How long a statement waits for another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long emptying the log waits for the transactions that are running.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(200);
/// The pause before a retry, for the case in which SQLite does not wait by itself.
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// Prepared statements that each connection caches.
const STATEMENTS: usize = 128;

/// The pools of one database file.
pub(crate) struct SqliteDatabase {
    path: PathBuf,
    writer: GroupWriter,
    readers: Arc<Pool>,
    observer: Observer,
}

impl fmt::Debug for SqliteDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteDatabase").field("path", &self.path).finish_non_exhaustive()
    }
}

impl SqliteDatabase {
    /// Opens or creates the file and brings it to the current version; `prepare` does the part of it that SQL alone cannot do. Blocks.
    pub(crate) fn open(path: &Path, observer: Observer, prepare: Prepare) -> Result<Self, StoreError> {
        let mut writer = connect(path)?;
        write_ahead(&writer)?;
        let found = migrations::run(&mut writer)?;
        if migrations::left_deleted_data(found) {
            // Written by a release that did not overwrite what it deleted. If the disk has no room for a copy, only that stays as it was.
            drop(writer.execute_batch("VACUUM"));
        }
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        prepare(&Sql::Sqlite(&transaction))?;
        transaction.commit()?;
        let observe_commit = observer.clone();
        let observe_commit = Box::new(move |took| observe_commit("store.commit", took));
        let writer = GroupWriter::start("store", writer, observe_commit)?;
        let readers = (0..READERS).map(|_| connect_to_read(path)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { path: path.to_owned(), writer, readers: Arc::new(Pool::of(readers)), observer })
    }

    /// Opens or creates a file of records with these tables, which a power cut may lose. Blocks.
    pub(crate) fn open_records(path: &Path, tables: &str) -> Result<Self, StoreError> {
        let writer = connect(path)?;
        write_ahead(&writer)?;
        writer.pragma_update(None, "synchronous", "NORMAL")?;
        writer.execute_batch(tables)?;
        Ok(Self {
            path: path.to_owned(),
            writer: GroupWriter::start("records", writer, Box::new(|_| {}))?,
            // Its few reads wait for the writer, since they follow its writes.
            readers: Arc::new(Pool::of(Vec::new())),
            observer: Arc::new(|_, _| {}),
        })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in a transaction that may write, and commits it unless the work failed.
    pub(crate) async fn write<T, E>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Sql<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let observer = self.observer.clone();
        let written = self.writer.write(move |connection| {
            let begun = Instant::now();
            let outcome = work(&Sql::Sqlite(connection));
            observer(name, begun.elapsed());
            outcome
        });
        written.await
    }

    /// Moves all of the write-ahead log into the database file and empties it, so that it keeps no earlier version of a page. Returns whether it
    /// did: it gives up at once when a transaction is running for longer than [`CHECKPOINT_WAIT`], because writers wait meanwhile. Blocks.
    pub(crate) fn empty_log(&self) -> Result<bool, StoreError> {
        let connection = connect(&self.path)?;
        connection.busy_timeout(CHECKPOINT_WAIT)?;
        let blocked: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
        Ok(blocked == 0)
    }

    /// Runs `work` in a transaction that sees one state of the database from its first query to its last.
    pub(crate) async fn read<T, E>(
        &self,
        name: &'static str,
        work: impl FnOnce(&Sql<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let lease = Pool::lease(&self.readers).await?;
        let observer = Arc::clone(&self.observer);
        let task = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let outcome = lease.transaction(work);
            observer(name, begun.elapsed());
            outcome
        });
        match task.await {
            Ok(outcome) => outcome,
            Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
            Err(_) => Err(StoreError::Closed.into()),
        }
    }
}

/// The connections that read, and the permits to use them.
struct Pool {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    waiting: AtomicUsize,
}

impl Pool {
    fn of(idle: Vec<Connection>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(idle.len())),
            idle: Mutex::new(idle),
            waiting: AtomicUsize::new(0),
        }
    }

    async fn lease(pool: &Arc<Self>) -> Result<Lease, StoreError> {
        let waiting = Waiting::begin(&pool.waiting)?;
        let permit = Arc::clone(&pool.permits).acquire_owned().await.ok().ok_or(StoreError::Closed)?;
        drop(waiting);
        let connection = pool.idle.lock().pop().ok_or(StoreError::Closed)?;
        Ok(Lease { connection: Some(connection), pool: Arc::clone(pool), _permit: permit })
    }
}

/// A connection that returns to its pool when dropped, also after a panic. The permit is released only after that, because
/// fields are dropped after the body of `drop`.
struct Lease {
    connection: Option<Connection>,
    pool: Arc<Pool>,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Lease {
    fn transaction<T, E: From<StoreError>>(
        mut self,
        work: impl FnOnce(&Sql<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = self.connection.as_mut().ok_or(StoreError::Closed)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(StoreError::from)?;
        let answer = work(&Sql::Sqlite(&transaction))?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(answer)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.pool.idle.lock().extend(self.connection.take());
    }
}

/// Opens the file and sets the options that every connection needs.
pub(crate) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Query planner stability: otherwise SQLite prepares a statement again whenever its plan could depend on a bound value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is deleted is overwritten with zeros: otherwise names and addresses stay in free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    Ok(connection)
}

/// Turns the write-ahead log on; the file remembers it.
///
/// If two connections do so at once, SQLite refuses one of them immediately, because waiting would deadlock: each holds the shared lock
/// that the other waits for. The refused connection retries.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let begun = Instant::now();
    loop {
        let refused = match connection.pragma_update(None, "journal_mode", "WAL") {
            Ok(()) => return Ok(()),
            Err(error) => StoreError::from(error),
        };
        if !matches!(refused, StoreError::Busy) || begun.elapsed() > BUSY_TIMEOUT {
            return Err(refused);
        }
        std::thread::sleep(BUSY_PAUSE);
    }
}

fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Copies all pages in one step, in one read transaction: in WAL mode this blocks nobody, and no write makes the copy start over.
pub(crate) fn copy(source: &Path, target: &Path) -> Result<(), StoreError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
    let source = connect(source)?;
    let mut copy = rusqlite::Connection::open(target)?;
    let backup = rusqlite::backup::Backup::new(&source, &mut copy)?;
    if backup.step(-1)? != rusqlite::backup::StepResult::Done {
        return Err(StoreError::Busy);
    }
    drop(backup);
    copy.close().map_err(|(_, error)| StoreError::from(error))?;
    file.sync_all()?;
    Ok(())
}
