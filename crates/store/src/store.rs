//! The store itself: opening it, its parts, backup, and deleting expired rows.

use crate::audit::Audit;
use crate::audit_chain;
use crate::contacts::Contacts;
use crate::counter_sales::CounterSales;
use crate::database::{self, Database, Observer};
use crate::error::StoreError;
use crate::events::Events;
use crate::idempotency::Idempotency;
use crate::images::Images;
use crate::invitations::Invitations;
use crate::mailbox::Mailbox;
use crate::one_time_tokens::OneTimeTokens;
use crate::organizations::Organizations;
use crate::outbox::Outbox;
use crate::quotas::Quotas;
use crate::refold;
use crate::search::Search;
use crate::session_access::SessionAccesses;
use crate::sessions::Sessions;
use crate::sql::Sql;
use crate::users::Users;
use crate::venues::Venues;
use crate::views::Views;
use fairseat_domain::time::Timestamp;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One database file; clones share it.
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
        let database = blocking(move || Database::open(&path, observer, prepare)).await?;
        Ok(Self { database: Arc::new(database) })
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
    /// current while the number is the same.
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

    /// Writes a consistent copy of the whole store to `target`, which must not exist; the store stays in use meanwhile. When this
    /// returns, the copy is durable.
    ///
    /// # Errors
    /// When the copy cannot be read or written; an incomplete file may remain.
    pub async fn backup(&self, target: impl Into<PathBuf>) -> Result<(), StoreError> {
        let source = self.database.path().to_owned();
        let target = target.into();
        blocking(move || copy(&source, &target)).await
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

    /// Deletes sessions, tokens, message keys and answers that have expired by `now`. This only saves space, because expired rows are
    /// Deletes sessions, tokens, invitations, message keys and answers that have expired by `now`, the contacts of events long over, and old
    /// guests that never tried to buy.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<(), StoreError> {
        self.database
            .write("store.purge", move |sql| {
                crate::sessions::purge(sql, now)?;
                crate::one_time_tokens::purge(sql, now)?;
                crate::address_undos::purge(sql, now)?;
                crate::invitations::purge(sql, now)?;
                crate::outbox::purge(sql, now)?;
                crate::contacts::purge(sql, now)?;
                crate::guests::purge(sql, now)?;
                crate::idempotency::purge(sql, now)
            })
            .await
    }
}

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

/// Copies all pages in one step, in one read transaction: in WAL mode this blocks nobody, and no write makes the copy start over.
fn copy(source: &Path, target: &Path) -> Result<(), StoreError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
    let source = database::connect(source)?;
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
