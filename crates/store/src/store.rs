//! The store itself: opening it, its parts, backup, and deleting expired rows.

use crate::audit::Audit;
use crate::audit_chain;
use crate::contacts::Contacts;
use crate::counter_sales::CounterSales;
use crate::database::Database;
use crate::error::StoreError;
use crate::events::Events;
use crate::idempotency::Idempotency;
use crate::images::Images;
use crate::invitations::Invitations;
use crate::mailbox::Mailbox;
use crate::observer::Observer;
use crate::one_time_tokens::OneTimeTokens;
use crate::organizations::Organizations;
use crate::outbox::Outbox;
use crate::postgres::PostgresDatabase;
use crate::quotas::Quotas;
use crate::refold;
use crate::search::Search;
use crate::session_access::SessionAccesses;
use crate::sessions::Sessions;
use crate::sql::{Sql, cell, values};
use crate::sqlite::{self, SqliteDatabase};
use crate::users::Users;
use crate::venues::Venues;
use crate::views::Views;
use fairseat_domain::time::Timestamp;
use fairseat_postgres::citus::CitusError;
use fairseat_postgres::{Demands, ReplicaStatus, Replicas};
use std::path::PathBuf;
use std::sync::Arc;

/// One database: a SQLite file, or a PostgreSQL database; clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) database: Arc<Database>,
}

impl Store {
    /// Opens the store in `path`, creating or migrating it where needed. Several processes may have it open.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] for the file of a newer release; else when the file cannot be opened or migrated.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::open_observed(path, Arc::new(|_, _| {})).await
    }

    /// As [`Store::open`]; `observer` is called with the name and the duration of every transaction.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_observed(path: impl Into<PathBuf>, observer: Observer) -> Result<Self, StoreError> {
        let path = path.into();
        let database = blocking(move || SqliteDatabase::open(&path, observer, prepare)).await?;
        Ok(Self { database: Arc::new(database.into()) })
    }

    /// Opens the store in a PostgreSQL database, which [`Store::prepare_postgres`] has prepared, on a server that meets
    /// the demands; `observer` is called with the name and the duration of every transaction.
    ///
    /// # Errors
    /// [`StoreError::NotPrepared`], [`StoreError::TooNew`], [`StoreError::Unfinished`], [`StoreError::MissingRight`], [`StoreError::NoFullText`], or
    /// [`StoreError::Unreachable`].
    pub async fn open_postgres(url: &str, demands: Demands, observer: Observer) -> Result<Self, StoreError> {
        Self::open_replicated(url, &[], demands, observer).await
    }

    /// As [`Store::open_postgres`], with read replicas at these addresses, for [`Store::for_lists`].
    ///
    /// # Errors
    /// As [`Store::open_postgres`]; [`StoreError::Unreachable`] also when a replica belongs to another database. A replica that is away is used once it
    /// is there.
    pub async fn open_replicated(
        url: &str,
        replicas: &[String],
        demands: Demands,
        observer: Observer,
    ) -> Result<Self, StoreError> {
        let database = PostgresDatabase::open(url, replicas, demands, observer).await?;
        Ok(Self { database: Arc::new(database.into()) })
    }

    /// This store, for lists and searches. If they may be late, by up to [`crate::MAX_DELAY`], a replica answers them where there is one.
    #[must_use]
    pub fn for_lists(&self, may_be_late: bool) -> Self {
        if may_be_late && self.database.replicas().is_some() {
            Self { database: Arc::new(self.database.accepting_late()) }
        } else {
            self.clone()
        }
    }

    /// The state of each read replica.
    #[must_use]
    pub fn replicas(&self) -> Vec<ReplicaStatus> {
        self.database.replicas().map(Replicas::status).unwrap_or_default()
    }

    /// As [`Store::open_postgres`], while a venue is being moved into the database: for [`crate::transfer`] and its checks.
    ///
    /// # Errors
    /// As [`Store::open_postgres`].
    pub async fn open_unfinished_postgres(
        url: &str,
        demands: Demands,
        observer: Observer,
    ) -> Result<Self, StoreError> {
        let database = PostgresDatabase::open_unfinished(url, demands, observer).await?;
        Ok(Self { database: Arc::new(database.into()) })
    }

    /// Makes the store's tables in a PostgreSQL database, or brings them to the newest version. Several processes may do so at once.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] for the tables of a release after the next one; else when the database fails or the user may not make tables.
    pub async fn prepare_postgres(url: &str) -> Result<(), StoreError> {
        PostgresDatabase::prepare(url, prepare).await
    }

    /// Spreads the tables that [`Store::prepare_postgres`] has made over the workers of Citus, in so many shards; the rows of an event beside those
    /// of its sale in `sales`, a distributed table with its schema. Nobody may use the store meanwhile. It can be repeated after an update.
    ///
    /// # Errors
    /// [`CitusError`]; nothing was changed.
    pub async fn distribute_postgres(url: &str, shards: u32, sales: &'static str) -> Result<(), CitusError> {
        PostgresDatabase::distribute(url, shards, sales).await
    }

    /// Accounts of users.
    #[must_use]
    pub fn users(&self) -> Users<'_> {
        Users(&self.database)
    }

    /// Refresh-token families.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(&self.database)
    }

    /// Tokens sent by e-mail.
    #[must_use]
    pub fn one_time_tokens(&self) -> OneTimeTokens<'_> {
        OneTimeTokens(&self.database)
    }

    /// Whether sessions are active and what their accounts may do.
    #[must_use]
    pub fn session_access(&self) -> SessionAccesses<'_> {
        SessionAccesses(&self.database)
    }

    /// Organizations and their members.
    #[must_use]
    pub fn organizations(&self) -> Organizations<'_> {
        Organizations(&self.database)
    }

    /// Invitations to become a member of an organization.
    #[must_use]
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations(&self.database)
    }

    /// How much an organization may have.
    #[must_use]
    pub fn quotas(&self) -> Quotas<'_> {
        Quotas(&self.database)
    }

    /// Venues.
    #[must_use]
    pub fn venues(&self) -> Venues<'_> {
        Venues(&self.database)
    }

    /// Events.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events(&self.database)
    }

    /// Pictures of events.
    #[must_use]
    pub fn images(&self) -> Images<'_> {
        Images(&self.database)
    }

    /// A number that changes with every change of an event, a venue or an organization through this handle. A cached result of these is
    /// current while the number is the same, unless another process changed something: so caches also expire.
    #[must_use]
    pub fn catalogue_version(&self) -> u64 {
        self.database.catalogue_version()
    }

    /// Searches events.
    #[must_use]
    pub fn search(&self) -> Search<'_> {
        Search(&self.database)
    }

    /// Views of the sales' journals.
    #[must_use]
    pub fn views(&self) -> Views<'_> {
        Views(&self.database)
    }

    /// The audit trail.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit(&self.database)
    }

    /// The names and addresses of customers at the counter.
    #[must_use]
    pub fn counter_sales(&self) -> CounterSales<'_> {
        CounterSales(&self.database)
    }

    /// The addresses that guests give for what they buy.
    #[must_use]
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts(&self.database)
    }

    /// Messages to be sent.
    #[must_use]
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox(&self.database)
    }

    /// The demo's mailbox.
    #[must_use]
    pub fn mailbox(&self) -> Mailbox<'_> {
        Mailbox(&self.database)
    }

    /// Answers to requests with an idempotency key.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency<'_> {
        Idempotency(&self.database)
    }

    /// Writes a consistent copy of the whole store's file to `target`, which must not exist; the store stays in use meanwhile. When this
    /// returns, the copy is durable.
    ///
    /// # Errors
    /// [`StoreError::OnServer`] for PostgreSQL; else when the copy cannot be read or written; an incomplete file may remain.
    pub async fn backup(&self, target: impl Into<PathBuf>) -> Result<(), StoreError> {
        let source = self.database.path().ok_or(StoreError::OnServer)?.to_owned();
        let target = target.into();
        blocking(move || sqlite::copy(&source, &target)).await
    }

    /// The fingerprint of the keys with which a database on a server is used; `None` if nobody has used it, or for a file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn installation_keys(&self) -> Result<Option<[u8; 32]>, StoreError> {
        if self.database.path().is_some() {
            return Ok(None);
        }
        self.database
            .read("store.installation", |sql| sql.one("SELECT keys FROM installation", &[], cell))
            .await
    }

    /// Records the fingerprint of the keys with which a database on a server is used, unless one is recorded; returns the one that is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_installation(&self, keys: [u8; 32]) -> Result<[u8; 32], StoreError> {
        if self.database.path().is_some() {
            return Ok(keys);
        }
        let work = move |sql: &Sql<'_>| {
            let text =
                "INSERT INTO installation (\"only\", keys) VALUES (1, ?1) ON CONFLICT (\"only\") DO NOTHING";
            sql.execute(text, &values![keys])?;
            Ok(sql.one("SELECT keys FROM installation", &[], cell)?.unwrap_or(keys))
        };
        self.database.write("store.claim_installation", work).await
    }

    /// Removes what deleted rows left in the write-ahead log. Rows are overwritten in the database file when they are deleted, but the log keeps
    /// earlier versions of their pages until it is emptied. Returns whether it was emptied; a long transaction prevents it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn erase_traces(&self) -> Result<bool, StoreError> {
        let database = self.database.clone();
        blocking(move || database.empty_log()).await
    }

    /// Deletes sessions, tokens, invitations, message keys and answers that have expired by `now`, the contacts of events long over, and old
    /// guests that never tried to buy.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<(), StoreError> {
        // Each in a transaction of its own: on a server, a large one would be in conflict with everybody's.
        for purge in PURGES {
            self.database.write("store.purge", move |sql| purge(sql, now)).await?;
        }
        Ok(())
    }
}

/// Deletes what has expired in one part of the store.
type Purge = fn(&Sql<'_>, Timestamp) -> Result<(), StoreError>;

const PURGES: [Purge; 8] = [
    crate::sessions::purge,
    crate::one_time_tokens::purge,
    crate::address_undos::purge,
    crate::invitations::purge,
    crate::outbox::purge,
    crate::contacts::purge,
    crate::guests::purge,
    crate::idempotency::purge,
];

/// The parts of migrations that SQL alone cannot do.
fn prepare(sql: &Sql<'_>) -> Result<(), StoreError> {
    refold::run(sql)?;
    audit_chain::begin(sql)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.ok().ok_or(StoreError::Closed)?
}
