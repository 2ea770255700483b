//! Why tables cannot be distributed. Each message is one line that says what to do.

use crate::error::{ServerError, describe};

/// Why tables cannot be distributed. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CitusError {
    /// No server can be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The database does not have the extension.
    #[error(
        "the database has no Citus: install Citus on every server, put citus first in shared_preload_libraries, restart, and run CREATE \
         EXTENSION citus in this database on every server"
    )]
    NoExtension,
    /// The server is a worker.
    #[error("this server is a worker of Citus: give the address of the coordinator")]
    NotCoordinator,
    /// The coordinator is not a part of the cluster.
    #[error(
        "Citus does not know this server's address: run SELECT citus_set_coordinator_host('HOST', PORT) on it, with the address by \
         which the workers reach it"
    )]
    NoCoordinator,
    /// There is no server to distribute to.
    #[error(
        "Citus has no worker: run SELECT citus_add_node('HOST', PORT) on the coordinator for each worker"
    )]
    NoWorkers,
    /// The tables lie in another number of shards.
    #[error(
        "the tables of {schema} lie in {found} shards, not {wanted}: give --shards {found}; Citus changes the number by \
         alter_distributed_table"
    )]
    OtherNumber {
        /// The schema.
        schema: &'static str,
        /// How many there are.
        found: u32,
        /// How many were asked for.
        wanted: u32,
    },
    /// The user does not own the tables.
    #[error(
        "the schema {schema} belongs to {owner}: connect as {owner}, the user that prepared the database"
    )]
    NotOwner {
        /// The schema.
        schema: &'static str,
        /// Its owner.
        owner: String,
    },
    /// The tables do not exist.
    #[error("the database is not prepared: run `fairseat database prepare` first")]
    NotPrepared,
    /// A statement failed.
    #[error("the database server refused: {0}")]
    Failed(String),
}

impl From<tokio_postgres::Error> for CitusError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(describe(&error))
    }
}
