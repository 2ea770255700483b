//! Distributes the journal over the workers of Citus: a stream's rows lie together, and an append runs on the worker that has them.
//!
//! `lease` and `barrier` stay on the coordinator.

use fairseat_postgres::citus::{self, CitusError, Distribution};
use fairseat_postgres::{Connector, Demands};
use tokio_postgres::Client;

use super::open_error::PostgresOpenError;
use super::schema::{APPEND, CAUGHT_UP, LOCK};
use super::{APPENDS, PostgresJournal, describe};

const DISTRIBUTION: Distribution = Distribution {
    schema: "fairseat_journal",
    first: include_str!("distributed_1.sql"),
    // Each first append reads it.
    copied: &["consumer"],
    spread: &[
        ("head", "stream"),
        ("batch", "stream"),
        ("deadline", "stream"),
        ("consumer_cursor", "stream"),
        ("snapshot", "stream"),
    ],
    beside: None,
    functions: &[(APPEND, "in_stream"), (CAUGHT_UP, "in_stream")],
};

/// The table beside which others may put their rows of a stream, with its schema.
pub const STREAM_TABLE: &str = "fairseat_journal.head";

impl PostgresJournal {
    /// Distributes a prepared journal in so many shards. Nobody can append meanwhile. If it is distributed already, only what is new since then
    /// is.
    ///
    /// # Errors
    /// [`CitusError`]; nothing was changed.
    pub async fn distribute(url: &str, shards: u32) -> Result<(), CitusError> {
        // It can be repeated after a crash of the server, so nothing is demanded of it.
        let demands = Demands { require_standby: false, allow_unsafe_server: true };
        let connection = Connector::new(url, demands)?.connect(APPENDS).await?;
        let sql = "SELECT to_regclass('fairseat_journal.head') IS NOT NULL";
        if !connection.client.query_one(sql, &[]).await?.get::<_, bool>(0) {
            return Err(CitusError::NotPrepared);
        }
        DISTRIBUTION.apply(&connection, LOCK, shards).await
    }

    /// In how many shards the journal lies; `None` if it is not distributed.
    ///
    /// # Errors
    /// [`CitusError`].
    pub async fn shards(url: &str) -> Result<Option<u32>, CitusError> {
        let demands = Demands { require_standby: false, allow_unsafe_server: true };
        let connection = Connector::new(url, demands)?.connect(APPENDS).await?;
        DISTRIBUTION.shards(&connection.client).await
    }
}

/// Checks a distributed journal when it opens: its workers are durable, and its functions run there.
pub(super) async fn check(client: &Client, demands: Demands) -> Result<(), PostgresOpenError> {
    if DISTRIBUTION.shards(client).await?.is_none() {
        return Ok(());
    }
    citus::check_workers(client, demands).await?;
    let sql = "SELECT count(*) FROM pg_dist_object
               WHERE classid = 'pg_proc'::regclass AND objid = $1::text::regprocedure AND distribution_argument_index IS NOT NULL";
    for function in [APPEND, CAUGHT_UP] {
        let name = format!("fairseat_journal.{function}");
        let row = client.query_one(sql, &[&name]).await;
        let row = row.map_err(|error| PostgresOpenError::Failed(describe(&error)))?;
        if row.get::<_, i64>(0) == 0 {
            return Err(PostgresOpenError::NotDistributed);
        }
    }
    Ok(())
}

impl From<CitusError> for PostgresOpenError {
    fn from(error: CitusError) -> Self {
        let text = error.to_string();
        if let CitusError::Server(refused) = error { Self::Server(refused) } else { Self::Failed(text) }
    }
}
