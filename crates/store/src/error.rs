//! The faults of the database. Refusals are not here; each operation has an enum of its own.

use fairseat_postgres::ServerError;
use rusqlite::ErrorCode;
use std::error::Error;
use std::sync::Arc;
use tokio_postgres::error::SqlState;

/// What the database, or its library, says.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// The store failed. Nothing was changed, unless the variant says otherwise.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process held the database for longer than the time-out, or other transactions kept being in conflict. A retry is safe.
    #[error("the database is busy")]
    Busy,
    /// Too many callers wait for a connection. A retry is safe.
    #[error("too many requests are waiting for the database")]
    Overloaded,
    /// The database rolled back a whole group of writes because one of them failed. A retry is safe.
    #[error("another write of the same group failed, so this one was rolled back")]
    RolledBack,
    /// The disk is full: reads still work, writes do not.
    #[error("the disk is full")]
    Full,
    /// The disk failed: whether a change was made is not known.
    #[error("the disk failed")]
    Disk(#[source] Cause),
    /// The database's server cannot be reached, or refuses connections. A retry is safe.
    #[error("the database cannot be used")]
    Unreachable(#[source] Cause),
    /// The connection broke during a commit: whether a change was made is not known.
    #[error("the connection to the database broke while a change was being committed")]
    Unknown(#[source] Cause),
    /// The database on the server has no store yet, or that of an earlier release.
    #[error(
        "the database is not prepared for this program: run `fairseat database prepare` of this program first"
    )]
    NotPrepared,
    /// A venue is being moved into the database.
    #[error(
        "a data folder is being moved into this database, and not all of it is there: run `fairseat migrate` with that folder again, which \
         goes on where it was interrupted, or use another database"
    )]
    Unfinished,
    /// The database user may not do something that the store needs.
    #[error("the database user {user} lacks a right: GRANT {right} TO {user}")]
    MissingRight {
        /// The user.
        user: String,
        /// The right, as in a GRANT statement.
        right: String,
    },
    /// The database server cannot search texts.
    #[error(
        "full text search (tsvector, tsquery and @@) does not work on this server: {0}. Use PostgreSQL, or give the right to its functions back"
    )]
    NoFullText(String),
    /// A file is needed, and the store is on a server.
    #[error("the store is on a database server, whose own tools do this")]
    OnServer,
    /// The runtime is shutting down.
    #[error("the store is closing")]
    Closed,
    /// The file was written by a newer release, or the tables on a server were prepared by a release after the next one.
    #[error(
        "the store is of version {found}, and this program was written for version {known}: upgrade the program"
    )]
    TooNew {
        /// The version found.
        found: u32,
        /// The version that this program was written for.
        known: u32,
    },
    /// A stored value cannot be decoded.
    #[error("a stored value is unreadable: {0}")]
    Unreadable(&'static str),
    /// A file could not be read or written.
    #[error("the store's file failed")]
    File(#[source] Arc<std::io::Error>),
    /// Anything else the database says.
    #[error("the database failed")]
    Database(#[source] Cause),
}

impl StoreError {
    /// Whether it is safe and useful to retry the same call a moment later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Overloaded | Self::RolledBack | Self::Unreachable(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::SystemIoFailure) => Self::Disk(Arc::new(error)),
            _ => Self::Database(Arc::new(error)),
        }
    }
}

/// What a database server says about an error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct DatabaseSaid(String);

impl From<ServerError> for StoreError {
    fn from(error: ServerError) -> Self {
        Self::Unreachable(Arc::new(error))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(state) = error.code().cloned() else {
            return if error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>()) {
                Self::Unreachable(Arc::new(error))
            } else {
                Self::Database(Arc::new(error))
            };
        };
        // Classes 08 and 57P: the connection failed, or the server is starting, stopping or ending it.
        let is_away = ["08", "57P", "25P03"].iter().any(|class| state.code().starts_with(class));
        let error = DatabaseSaid(match error.as_db_error() {
            // Not its detail, which may have values.
            Some(said) => format!("{} (SQLSTATE {})", said.message(), state.code()),
            None => error.to_string(),
        });
        match state {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Busy,
            // It waited for seconds already.
            SqlState::LOCK_NOT_AVAILABLE => Self::Overloaded,
            SqlState::DISK_FULL => Self::Full,
            SqlState::TOO_MANY_CONNECTIONS => Self::Unreachable(Arc::new(error)),
            SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unreachable(Arc::new(error)),
            SqlState::IO_ERROR => Self::Disk(Arc::new(error)),
            _ if is_away => Self::Unreachable(Arc::new(error)),
            _ => Self::Database(Arc::new(error)),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}
