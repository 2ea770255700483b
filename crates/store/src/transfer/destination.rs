//! The database that a venue is moved into, and the mark that it has until everything is there.
//!
//! The mark is a schema of its own, `fairseat_migration`, so that it is no part of the store's tables. It is made before the first row is copied and
//! dropped after the last check; a server that finds it does not start (`postgres/migrations.rs`).

use super::error::TransferError;
use super::tables::{self, Table};
use crate::error::StoreError;
use crate::postgres::PostgresDatabase;
use crate::sql::Prepare;
use fairseat_postgres::{Connection, Connector, Demands};
use std::sync::Arc;
use tokio_postgres::Client;

/// Kept by the connection of a running move. Any number would do; no other program of ours takes this one.
const LOCK: i64 = 0x0066_6d69_6772_6174;

const HAS_MARK: &str = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'fairseat_migration')";

/// What a database contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DestinationState {
    /// Nothing: it is prepared and nobody has used it.
    Empty,
    /// A part of a venue: the move with this id has begun and has not ended.
    Begun(String),
    /// The data of a venue that is used with these keys.
    Used(Option<[u8; 32]>),
}

/// The database that a venue is moved into. No other process moves something into it while this one has it.
#[derive(Debug)]
pub struct Destination {
    url: String,
    connection: Connection,
    tables: Vec<Table>,
}

impl Destination {
    /// Opens a prepared database on a server that meets the demands.
    ///
    /// # Errors
    /// As [`crate::Store::open_postgres`]; [`TransferError::AnotherRuns`].
    pub async fn open(url: &str, demands: Demands) -> Result<Self, TransferError> {
        let opened = PostgresDatabase::open_unfinished(url, demands, Arc::new(|_, _| {})).await?;
        if !opened.has_own_version().await? {
            return Err(TransferError::NewerSchema);
        }
        let connector = Connector::new(url, demands).map_err(StoreError::from)?;
        let connection = connector.connect("SET statement_timeout = 0").await.map_err(StoreError::from)?;
        if !connection.client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?.get::<_, bool>(0)
        {
            return Err(TransferError::AnotherRuns);
        }
        let tables = tables::read(&connection.client).await?;
        Ok(Self { url: url.to_owned(), connection, tables })
    }

    /// What the database contains, apart from the journal.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state(&self) -> Result<DestinationState, TransferError> {
        if self.client().query_one(HAS_MARK, &[]).await?.get(0) {
            let row = self.client().query_one("SELECT id FROM fairseat_migration.state", &[]).await?;
            return Ok(DestinationState::Begun(row.get(0)));
        }
        let keys = self.client().query_opt("SELECT keys FROM fairseat_store.installation", &[]).await?;
        if let Some(row) = keys {
            return Ok(DestinationState::Used(row.get::<_, Vec<u8>>(0).try_into().ok()));
        }
        for table in &self.tables {
            // Preparing writes the head of an audit trail without lines.
            let condition = if table.name == "audit_head" { "WHERE line > 0" } else { "" };
            let text = format!("SELECT EXISTS (SELECT FROM fairseat_store.\"{}\" {condition})", table.name);
            if self.client().query_one(&text, &[]).await?.get(0) {
                return Ok(DestinationState::Used(None));
            }
        }
        Ok(DestinationState::Empty)
    }

    /// Marks an empty database as one into which the move `id` has begun, for an installation with these keys.
    ///
    /// # Errors
    /// When the database fails, or the user may not make a schema; nothing was changed then.
    pub async fn begin(&self, id: &str, keys: [u8; 32]) -> Result<(), TransferError> {
        let begun = async {
            self.client()
                .batch_execute(
                    "BEGIN; CREATE SCHEMA fairseat_migration;
                     CREATE TABLE fairseat_migration.state (id text NOT NULL);
                     DELETE FROM fairseat_store.audit_head",
                )
                .await?;
            let claim = "INSERT INTO fairseat_store.installation (\"only\", keys) VALUES (1, $1)";
            self.client().execute(claim, &[&keys.as_slice()]).await?;
            self.client().execute("INSERT INTO fairseat_migration.state (id) VALUES ($1)", &[&id]).await?;
            self.client().batch_execute("COMMIT").await
        };
        if let Err(error) = begun.await {
            // If this fails, the connection is closed, and so the transaction is rolled back.
            drop(self.client().batch_execute("ROLLBACK").await);
            return Err(error.into());
        }
        Ok(())
    }

    /// Removes the mark: everything is there. The server's statistics of the tables are made first, so that it plans the first queries well.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self) -> Result<(), TransferError> {
        for table in self.tables.iter().map(|table| table.name.as_str()).chain(["event_text"]) {
            self.client().batch_execute(&format!("ANALYZE fairseat_store.\"{table}\"")).await?;
        }
        Ok(self.client().batch_execute("DROP SCHEMA fairseat_migration CASCADE").await?)
    }

    pub(super) fn client(&self) -> &Client {
        &self.connection.client
    }

    pub(super) fn tables(&self) -> &[Table] {
        &self.tables
    }

    pub(super) async fn count(&self, table: &Table) -> Result<u64, StoreError> {
        let text = format!("SELECT COUNT(*) FROM fairseat_store.\"{}\"", table.name);
        Ok(self.client().query_one(&text, &[]).await?.get::<_, i64>(0).unsigned_abs())
    }

    /// Runs a part of preparing the store once more.
    pub(super) async fn prepare(&self, work: Prepare) -> Result<(), StoreError> {
        PostgresDatabase::prepare(&self.url, work).await
    }
}
