//! The journal on PostgreSQL: for many nodes that write the same streams.
//!
//! ```text
//! schema fairseat_journal   tables and functions: schema_1.sql
//! append pool               one autocommit statement an append; concurrency is connections
//! other pool                reads, cursors, leases, snapshots
//! ```
//! Always true: an append is answered as won only after its commit was answered without a warning; its outcome is certain
//! or [`AppendError::Unknown`]; it is never cancelled. Nothing scans all streams. See docs/adr/0019-postgresql-journal.md.

mod append;
mod consistency;
mod distribute;
mod moving;
mod open_error;
mod options;
mod read;
mod schema;
mod snapshots;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fairseat_postgres::{Connector, Pool, Pooled, describe};
use futures::FutureExt;
use futures::future::{self, BoxFuture};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

pub use self::distribute::STREAM_TABLE;
pub use self::moving::MovedStreams;
pub use self::open_error::PostgresOpenError;
pub use self::options::PostgresOptions;

use self::read::PageError;
use crate::limits::MAX_PAYLOAD_BYTES;
use crate::{
    Append, AppendError, Batch, ConsumerName, Hash, Head, InvalidAppend, Journal, Position, ReadError,
    SaveError, StreamId, StreamKind,
};

/// Statements that poll or look up; a test prints their plans.
mod sql {
    pub(super) const HEAD: &str = "SELECT position, hash FROM fairseat_journal.head WHERE stream = $1";
    /// The heads of these streams. A stream without batches has no row.
    pub(super) const HEADS: &str =
        "SELECT stream, position, hash FROM fairseat_journal.head WHERE stream = ANY ($1)";
    pub(super) const STREAMS: &str =
        "SELECT stream, position, hash FROM fairseat_journal.head WHERE stream > $1 ORDER BY stream LIMIT $2";
    pub(super) const DUE: &str = "SELECT stream, due_at FROM fairseat_journal.deadline
        WHERE kind = $1 AND due_at <= $2 ORDER BY due_at, stream LIMIT $3";
    pub(super) const BEHIND: &str = "SELECT stream FROM fairseat_journal.consumer_cursor
        WHERE consumer = $1 AND unread AND stream > $2 AND stream <= $3 ORDER BY stream LIMIT $4";
    pub(super) const CURSOR: &str =
        "SELECT position FROM fairseat_journal.consumer_cursor WHERE stream = $1 AND consumer = $2";
    pub(super) const CAUGHT_UP: &str = "SELECT fairseat_journal.caught_up_1($1, $2, $3, $4)";
    pub(super) const REGISTER: &str = "SELECT fairseat_journal.register_consumer_1($1)";
    pub(super) const FILL: &str = "SELECT fairseat_journal.fill_consumer_1($1)";
    pub(super) const TAKE_LEASE: &str = "SELECT fairseat_journal.take_lease_1($1, $2, $3)";
    pub(super) const IN_RECOVERY: &str = "SELECT pg_is_in_recovery()";
}

/// Appends: a commit is durable before it is answered.
const APPENDS: &str = "SET statement_timeout = 0";
/// Everything else: a crash may lose the newest cursors, leases and snapshots. Citus, if it is there, asks all shards of a worker on one
/// connection, because opening more of them for every poll takes longer than the questions. Without Citus the setting means nothing.
const OTHERS: &str = "SET synchronous_commit = off; SET citus.max_adaptive_executor_pool_size = 1";
/// A node that polls due streams keeps the others from it for this long.
const DUE_LEASE_SECONDS: f64 = 3.0;
/// A node that searches for a consumer's streams keeps the others from it for this long.
const BEHIND_LEASE_SECONDS: f64 = 10.0;

/// A journal in a PostgreSQL database. It needs a tokio runtime.
#[derive(Debug)]
pub struct PostgresJournal {
    appends: Arc<Pool>,
    others: Pool,
    options: PostgresOptions,
    /// Consumers that are known to be registered.
    registered: Mutex<BTreeSet<ConsumerName>>,
}

impl PostgresJournal {
    /// Makes the journal's tables and functions in the database of a connection string, unless they exist.
    ///
    /// # Errors
    /// [`PostgresOpenError`].
    pub async fn prepare(url: &str, options: PostgresOptions) -> Result<(), PostgresOpenError> {
        let connector = Connector::new(url, options.demands())?;
        let connection = connector.connect(APPENDS).await?;
        schema::prepare(&connection.client).await
    }

    /// Opens the journal in the database of a connection string, which may name several hosts. Servers that do not accept
    /// writes are passed over.
    ///
    /// # Errors
    /// [`PostgresOpenError`]; nothing was changed.
    pub async fn open(url: &str, options: PostgresOptions) -> Result<Self, PostgresOpenError> {
        let connector = Arc::new(Connector::new(url, options.demands())?);
        let appends = Arc::new(Pool::new(Arc::clone(&connector), APPENDS, options.append_connections));
        let others = Pool::new(connector, OTHERS, options.other_connections);
        let connection = appends.get().await?;
        schema::check(&connection.client).await?;
        distribute::check(&connection.client, options.demands()).await?;
        appends.put_back(connection);
        Ok(Self { appends, others, options, registered: Mutex::default() })
    }

    /// The append runs in a task of its own, so that it ends even if its caller does not wait for it.
    async fn append_once(&self, append: Append) -> Result<Head, AppendError> {
        if let Some(invalid) = invalid(&append) {
            return Err(invalid.into());
        }
        let (pool, require_standby) = (Arc::clone(&self.appends), self.options.require_standby);
        let appended = tokio::spawn(async move {
            let connection =
                pool.get().await.map_err(|refusal| AppendError::Unavailable(refusal.to_string()))?;
            let (answer, is_usable) = append::append(&connection, &append, require_standby).await;
            if is_usable {
                pool.put_back(connection);
            }
            answer
        });
        appended.await.unwrap_or(Err(AppendError::Unknown))
    }

    async fn connection(&self) -> Result<Pooled, ReadError> {
        self.others.get().await.map_err(|refusal| ReadError::Failed(refusal.to_string()))
    }

    async fn query(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, ReadError> {
        let connection = self.connection().await?;
        let queried = async {
            let statement = connection.prepare(sql).await?;
            connection.client.query(&statement, parameters).await
        };
        let rows = queried.await.map_err(|error| ReadError::Failed(describe(&error)))?;
        self.others.put_back(connection);
        Ok(rows)
    }

    async fn read_page(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> Result<Vec<Batch>, ReadError> {
        let connection = self.connection().await?;
        match read::page(&connection, stream, after, max_bytes).await {
            Ok(page) => {
                self.others.put_back(connection);
                Ok(page)
            }
            Err(PageError::Read(error)) => Err(error),
            Err(PageError::Server(error)) => Err(ReadError::Failed(describe(&error))),
        }
    }

    async fn head_of(&self, stream: StreamId) -> Result<Head, ReadError> {
        let rows = self.query(sql::HEAD, &[&signed(stream.0)]).await?;
        rows.first().map_or(Ok(Head::default()), |row| head_from(stream, row.get(0), row.get(1)))
    }

    async fn list_moved(&self, known: &[(StreamId, Head)]) -> Result<Vec<StreamId>, ReadError> {
        let streams: Vec<i64> = known.iter().map(|(stream, _)| signed(stream.0)).collect();
        let rows = self.query(sql::HEADS, &[&streams]).await?;
        let heads = rows.iter().map(|row| {
            let stream = stream_from(row.get(0));
            Ok((stream, head_from(stream, row.get(1), row.get(2))?))
        });
        let heads: HashMap<StreamId, Head> = heads.collect::<Result<_, ReadError>>()?;
        let moved = known.iter().filter(|(stream, known)| match heads.get(stream) {
            Some(head) => head != known,
            None => known.position != Position::START,
        });
        Ok(moved.map(|(stream, _)| *stream).collect())
    }

    async fn list_streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<(StreamId, Head)>, ReadError> {
        let after = after.map_or(-1, |after| signed(after.0));
        let rows = self.query(sql::STREAMS, &[&after, &signed(limit as u64)]).await?;
        let parsed = rows.iter().map(|row| {
            let stream = stream_from(row.get(0));
            Ok((stream, head_from(stream, row.get(1), row.get(2))?))
        });
        parsed.collect()
    }

    async fn list_due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> Result<Vec<(StreamId, i64)>, ReadError> {
        if !self.polls(&format!("due {}", kind.0), DUE_LEASE_SECONDS).await? {
            return Ok(Vec::new());
        }
        let rows = self.query(sql::DUE, &[&i16::from(kind.0), &now_ms, &signed(limit as u64)]).await?;
        Ok(rows.iter().map(|row| (stream_from(row.get(0)), row.get(1))).collect())
    }

    async fn list_behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamId>, ReadError> {
        self.register(consumer).await?;
        let lease = format!("behind {consumer} {}", kind.0);
        if !self.polls(&lease, BEHIND_LEASE_SECONDS).await? {
            return Ok(Vec::new());
        }
        let first = signed(StreamId::new(kind, 0).0) - 1;
        let after = after.map_or(first, |after| signed(after.0).max(first));
        let last = signed(StreamId::new(kind, StreamId::MAX_NUMBER).0);
        let rows = self.query(sql::BEHIND, &[&consumer.0, &after, &last, &signed(limit as u64)]).await?;
        Ok(rows.iter().map(|row| stream_from(row.get(0))).collect())
    }

    /// Whether this node polls a list now.
    async fn polls(&self, lease: &str, seconds: f64) -> Result<bool, ReadError> {
        let rows = self.query(sql::TAKE_LEASE, &[&lease, &self.options.node, &seconds]).await?;
        Ok(rows.first().and_then(|row| row.get::<_, Option<bool>>(0)) == Some(true))
    }

    /// Gives a consumer a cursor in every stream, once. A new consumer has to read every stream anyway.
    async fn register(&self, consumer: ConsumerName) -> Result<(), ReadError> {
        if self.registered().contains(&consumer) {
            return Ok(());
        }
        let rows = self.query(sql::REGISTER, &[&consumer.0]).await?;
        if rows.first().and_then(|row| row.get::<_, Option<bool>>(0)) != Some(true) {
            self.query(sql::FILL, &[&consumer.0]).await?;
        }
        self.registered().insert(consumer);
        Ok(())
    }

    fn registered(&self) -> std::sync::MutexGuard<'_, BTreeSet<ConsumerName>> {
        // No code panics while it holds the lock, so a poisoned lock guards consistent data.
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn cursor_of(&self, consumer: ConsumerName, stream: StreamId) -> Result<Position, ReadError> {
        let rows = self.query(sql::CURSOR, &[&signed(stream.0), &consumer.0]).await?;
        Ok(rows.first().map_or(Position::START, |row| Position(row.get::<_, i64>(0).unsigned_abs())))
    }

    async fn move_cursor(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        from: Position,
        to: Position,
    ) -> Result<(), ReadError> {
        self.register(consumer).await?;
        let (from, to) = (signed(from.0), signed(to.0));
        self.query(sql::CAUGHT_UP, &[&signed(stream.0), &consumer.0, &from, &to]).await.map(drop)
    }

    /// Whether a connection for appends can be had, and its server accepts writes.
    async fn is_ready(&self) -> Result<(), AppendError> {
        let connection =
            self.appends.get().await.map_err(|error| AppendError::Unavailable(error.to_string()))?;
        let asked = connection.client.query_one(sql::IN_RECOVERY, &[]).await;
        match asked.map(|row| row.get::<_, bool>(0)) {
            Ok(false) => {
                self.appends.put_back(connection);
                Ok(())
            }
            Ok(true) => Err(AppendError::Unavailable("the server is a standby".to_owned())),
            Err(error) => Err(AppendError::Unavailable(describe(&error))),
        }
    }
}

fn invalid(append: &Append) -> Option<InvalidAppend> {
    let bytes = append.payload.len();
    if bytes > MAX_PAYLOAD_BYTES {
        return Some(InvalidAppend::PayloadTooLarge { bytes, limit: MAX_PAYLOAD_BYTES });
    }
    let stream = append.stream;
    i64::try_from(stream.0).is_err().then_some(InvalidAppend::StreamOutOfRange { stream })
}

/// SQL integers are signed. Numbers out of range are refused before a write; in a read they lie past every head.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn stream_from(number: i64) -> StreamId {
    StreamId(number.unsigned_abs())
}

fn head_from(stream: StreamId, position: i64, hash: &[u8]) -> Result<Head, ReadError> {
    let position = Position(position.unsigned_abs());
    let hash: Result<Hash, _> = hash.try_into();
    hash.map(|hash| Head { position, hash }).map_err(|_wrong_length| ReadError::Damaged {
        stream,
        position,
        detail: "the head's hash has the wrong length".to_owned(),
    })
}

impl Journal for PostgresJournal {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Head, AppendError>> {
        self.append_once(append).boxed()
    }

    fn read(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Batch>, ReadError>> {
        self.read_page(stream, after, max_bytes).boxed()
    }

    fn head(&self, stream: StreamId) -> BoxFuture<'_, Result<Head, ReadError>> {
        self.head_of(stream).boxed()
    }

    fn moved(&self, known: Vec<(StreamId, Head)>) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        async move { self.list_moved(&known).await }.boxed()
    }

    fn streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, Head)>, ReadError>> {
        self.list_streams(after, limit).boxed()
    }

    /// Only the node that holds the lease gets the list; for the others it is empty, so that one node does the work.
    fn due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, i64)>, ReadError>> {
        self.list_due(kind, now_ms, limit).boxed()
    }

    /// Only the node that holds the lease gets the list; for the others it is empty, so that one node does the work.
    fn behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        self.list_behind(consumer, kind, after, limit).boxed()
    }

    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> BoxFuture<'_, Result<Position, ReadError>> {
        self.cursor_of(consumer, stream).boxed()
    }

    fn caught_up(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        from: Position,
        to: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        self.move_cursor(consumer, stream, from, to).boxed()
    }

    fn put_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> BoxFuture<'_, Result<(), SaveError>> {
        self.save_snapshot(stream, at, bytes).boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Head, Bytes)>> {
        self.load_snapshot(stream).boxed()
    }

    fn backup(&self, _to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>> {
        let reason = "the journal is in a database: back up that database";
        future::ready(Err(SaveError::Invalid(reason.to_owned()))).boxed()
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.is_ready().boxed()
    }

    fn stopped(&self) -> BoxFuture<'static, String> {
        future::pending().boxed()
    }
}
