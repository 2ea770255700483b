//! Why tables cannot be moved.

use crate::error::StoreError;

/// Why tables cannot be moved. What was moved stays, and a second run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file or the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process moves something into the same database.
    #[error("another `fairseat migrate` is writing to this database: wait for its end")]
    AnotherRuns,
    /// The database was prepared by the next release.
    #[error(
        "the database was prepared by a newer release: migrate with that release, or into a database that this one prepared"
    )]
    NewerSchema,
    /// The tables of file and server differ, which is a bug.
    #[error("{0}: report this")]
    Schema(String),
    /// A table cannot be copied or read.
    #[error("the table {table} cannot be copied")]
    Table {
        /// The table.
        table: String,
        /// Why.
        #[source]
        cause: StoreError,
    },
}

impl From<tokio_postgres::Error> for TransferError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Store(error.into())
    }
}
