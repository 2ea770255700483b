//! The faults of the database. Refusals are not here; each operation has an enum of its own.

use rusqlite::ErrorCode;
use std::sync::Arc;

/// The store failed. Nothing was changed, unless the variant says otherwise.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process held the database for longer than the time-out. A retry is safe.
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
    Disk(#[source] Arc<rusqlite::Error>),
    /// The runtime is shutting down.
    #[error("the store is closing")]
    Closed,
    /// The file was written by a newer release.
    #[error("the store is of version {found}, this program knows versions up to {known}")]
    TooNew {
        /// The file's version.
        found: u32,
        /// The newest this program knows.
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
    Database(#[source] Arc<rusqlite::Error>),
}

impl StoreError {
    /// Whether it is safe and useful to retry the same call a moment later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::Overloaded | Self::RolledBack)
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

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::File(Arc::new(error))
    }
}
