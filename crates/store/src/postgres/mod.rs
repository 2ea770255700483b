//! The store in a PostgreSQL database.
//!
//! A unit of work runs on a blocking thread, which waits for each of its queries, in one transaction. What writes is SERIALIZABLE: where SQLite
//! relies on its write lock, PostgreSQL rolls one of two conflicting transactions back, and it runs again. What reads sees one state
//! (REPEATABLE READ). Some of what reads may be a few seconds late, and is read from a replica where there is one.

mod distribution;
mod migrations;
mod rights;
mod transaction;
mod values;

pub(crate) use transaction::Transaction;

use crate::error::StoreError;
use crate::observer::Observer;
use crate::sql::{Prepare, Sql};
use crate::waiting::Waiting;
use fairseat_postgres::{BeatStatements, Connector, Demands, Pool, Replica, Replicas, ServerError};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::time::timeout;
use transaction::{Isolation, Session};

/// What is run on each new connection.
const SETUP: &str = "SET search_path = fairseat_store";
/// Connections of one process for transactions that write; as many more for those that only read, because a write may wait for a standby.
const CONNECTIONS: usize = 16;
/// How long an answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);
/// How late a replica is; see the table `beat`.
const BEAT: BeatStatements = BeatStatements {
    write: "UPDATE beat SET number = number + 1 RETURNING number, COALESCE((SELECT keys FROM installation), '')",
    read: "SELECT number, COALESCE((SELECT keys FROM installation), '') FROM beat",
};
/// How long a caller waits for a connection to a replica, and then for each answer, before the primary is asked instead.
const REPLICA_CONNECTS_WITHIN: Duration = Duration::from_millis(500);
const REPLICA_ANSWERS_WITHIN: Duration = Duration::from_secs(4);
/// How often a transaction is tried that others keep in conflict.
const MAX_TRIES: u32 = 20;
/// The pause after the first conflict; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// The connections to one database.
pub(crate) struct PostgresDatabase {
    writers: Arc<Pool>,
    readers: Arc<Pool>,
    replicas: Option<Replicas>,
    waiting: AtomicUsize,
    observer: Observer,
}

impl fmt::Debug for PostgresDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDatabase").finish_non_exhaustive()
    }
}

impl PostgresDatabase {
    /// Connects to a prepared database, and to its read replicas.
    pub(crate) async fn open(
        url: &str,
        replicas: &[String],
        demands: Demands,
        observer: Observer,
    ) -> Result<Self, StoreError> {
        let mut opened = Self::open_unfinished(url, demands, observer).await?;
        opened.read("store.version", migrations::check_is_finished).await?;
        if !replicas.is_empty() {
            let primary = Arc::new(Connector::new(url, demands)?);
            opened.replicas = Some(Replicas::open(primary, replicas, (SETUP, CONNECTIONS), BEAT).await?);
        }
        Ok(opened)
    }

    /// The read replicas.
    pub(crate) const fn replicas(&self) -> Option<&Replicas> {
        self.replicas.as_ref()
    }

    /// Connects to a prepared database, which a venue may be moved into.
    pub(crate) async fn open_unfinished(
        url: &str,
        demands: Demands,
        observer: Observer,
    ) -> Result<Self, StoreError> {
        let opened = Self::connected(url, demands, observer)?;
        opened.read("store.version", migrations::check).await?;
        Ok(opened)
    }

    /// Whether the tables have the version that this program was written for, and not the next one.
    pub(crate) async fn has_own_version(&self) -> Result<bool, StoreError> {
        self.read("store.version", migrations::is_own).await
    }

    /// Makes the tables, or brings them to the newest version.
    pub(crate) async fn prepare(url: &str, prepare: Prepare) -> Result<(), StoreError> {
        // If the server crashes, preparing is repeated, so nothing is demanded of it.
        let demands = Demands { require_standby: false, allow_unsafe_server: true };
        let unprepared = Self::connected(url, demands, Arc::new(|_, _| {}))?;
        unprepared
            .on_connection(&unprepared.writers, move |session| {
                session
                    .transaction(Isolation::Latest, |open| migrations::run(&Sql::Postgres(open), prepare))
                    .0
            })
            .await
    }

    /// Runs `work` in a transaction that may write, and commits it unless the work failed. It runs again when another transaction was in conflict
    /// with it.
    pub(crate) async fn write<T, E>(
        &self,
        name: &'static str,
        work: impl Fn(&Sql<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let observer = Arc::clone(&self.observer);
        self.on_connection(&self.writers, move |session| {
            let (mut pause, mut tries) = (FIRST_PAUSE, 1);
            loop {
                let begun = Instant::now();
                let (outcome, conflict) =
                    session.transaction(Isolation::Serializable, |open| work(&Sql::Postgres(open)));
                observer(name, begun.elapsed());
                if !conflict || tries >= MAX_TRIES {
                    return outcome;
                }
                // Different pauses, so that the same transactions do not meet again.
                std::thread::sleep(
                    pause + pause.mul_f64(f64::from(begun.elapsed().subsec_nanos() % 997) / 997.0),
                );
                (pause, tries) = (LONGEST_PAUSE.min(pause * 2), tries + 1);
            }
        })
        .await
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
        let observer = Arc::clone(&self.observer);
        self.on_connection(&self.readers, move |session| {
            let begun = Instant::now();
            let (outcome, _conflict) =
                session.transaction(Isolation::OneState, |open| work(&Sql::Postgres(open)));
            observer(name, begun.elapsed());
            outcome
        })
        .await
    }

    /// As [`Self::read`], but a replica may answer, whose state is up to [`fairseat_postgres::MAX_DELAY`] old. The primary answers if none can.
    pub(crate) async fn read_late<T, E>(
        &self,
        name: &'static str,
        work: impl Fn(&Sql<'_>) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let work = Arc::new(work);
        if let Some(replica) = self.replicas.as_ref().and_then(Replicas::choose)
            && let Some(answer) = self.on_replica(replica, name, Arc::clone(&work)).await
        {
            return Ok(answer);
        }
        self.read(name, move |sql| work(sql)).await
    }

    /// What a replica answers; `None` if it fails, which may be the work's own fault: so the primary must be asked.
    async fn on_replica<T, E>(
        &self,
        replica: &Replica,
        name: &'static str,
        work: Arc<impl Fn(&Sql<'_>) -> Result<T, E> + Send + Sync + 'static>,
    ) -> Option<T>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let connection = timeout(REPLICA_CONNECTS_WITHIN, replica.pool().get()).await;
        let connection = connection.unwrap_or_else(|_elapsed| {
            Err(ServerError::Unreachable("no connection is free in time".to_owned()))
        });
        let connection = match connection {
            Ok(connection) => connection,
            Err(error) => {
                replica.fail(&error.to_string());
                return None;
            }
        };
        let session = Session::new(connection, Handle::current(), REPLICA_ANSWERS_WITHIN);
        let observer = Arc::clone(&self.observer);
        let answered = on_thread(replica.pool(), session, move |session| {
            let begun = Instant::now();
            let (outcome, _conflict) =
                session.transaction(Isolation::OneState, |open| work(&Sql::Postgres(open)));
            observer(name, begun.elapsed());
            Ok::<_, StoreError>(outcome.ok())
        });
        let answer = answered.await.ok().flatten();
        if answer.is_none() {
            replica.fail("a query failed");
        }
        answer
    }

    fn connected(url: &str, demands: Demands, observer: Observer) -> Result<Self, StoreError> {
        let connector = Arc::new(Connector::new(url, demands)?);
        let pool = || Arc::new(Pool::new(Arc::clone(&connector), SETUP, CONNECTIONS));
        Ok(Self { writers: pool(), readers: pool(), replicas: None, waiting: AtomicUsize::new(0), observer })
    }

    async fn on_connection<T, E>(
        &self,
        pool: &Arc<Pool>,
        work: impl FnOnce(&Session) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let waiting = Waiting::begin(&self.waiting)?;
        let connection = pool.get().await.map_err(StoreError::from)?;
        drop(waiting);
        on_thread(pool, Session::new(connection, Handle::current(), ANSWERS_WITHIN), work).await
    }
}

/// Runs `work`, which waits for its answers, on a thread where that is allowed.
async fn on_thread<T, E>(
    pool: &Arc<Pool>,
    session: Session,
    work: impl FnOnce(&Session) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let pool = Arc::clone(pool);
    let task = tokio::task::spawn_blocking(move || {
        let outcome = work(&session);
        // After a panic or a missing answer a transaction may still be open. Then the connection is closed instead.
        if let Some(connection) = session.into_connection() {
            pool.put_back(connection);
        }
        outcome
    });
    match task.await {
        Ok(outcome) => outcome,
        Err(failure) if failure.is_panic() => std::panic::resume_unwind(failure.into_panic()),
        Err(_) => Err(StoreError::Closed.into()),
    }
}
