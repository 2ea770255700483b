//! Spreads tables over the workers of a Citus cluster.
//!
//! What must always hold: a [`Distribution`] is carried out in one transaction, so that a database has either all of it or nothing. It can be
//! repeated: what is distributed already stays as it is, and what an update has added is distributed like the rest.

mod cluster;
mod error;

pub use cluster::{check_workers, shards_of};
pub use error::CitusError;

use crate::connect::Connection;
use tokio_postgres::Client;

/// How many shards there may be. Citus allows no more.
pub const MAX_SHARDS: u32 = 64_000;

/// Which tables of a schema are spread over the workers, and how.
///
/// Names are not qualified: all are in the schema.
#[derive(Clone, Copy, Debug)]
pub struct Distribution {
    /// The schema.
    pub schema: &'static str,
    /// Statements that come first, such as those that replace a function. They may run many times.
    pub first: &'static str,
    /// Tables of which every server has a copy.
    pub copied: &'static [&'static str],
    /// Tables and the column that says where a row lies. Rows of all of them with the same value lie on the same server.
    pub spread: &'static [(&'static str, &'static str)],
    /// The first table of another distribution, with its schema: rows with the same value lie beside its rows. Without it, `spread` is on its own.
    pub beside: Option<&'static str>,
    /// Functions, with the types of their arguments, and the argument that says on which server they run.
    pub functions: &'static [(&'static str, &'static str)],
}

/// Asks for the rights on everything at once, so that nobody reads or writes meanwhile. Sequential, because Citus does not distribute functions
/// in a transaction that has used several connections to one worker.
const SETTINGS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';
    SET LOCAL client_min_messages = warning; SET LOCAL citus.multi_shard_modify_mode = 'sequential'";

impl Distribution {
    /// Spreads the tables in so many shards. `lock` begins a transaction and keeps other programs from changing the schema.
    ///
    /// # Errors
    /// [`CitusError`]; nothing was changed.
    pub async fn apply(&self, connection: &Connection, lock: &str, shards: u32) -> Result<(), CitusError> {
        let client = &connection.client;
        client.batch_execute(lock).await?;
        let applied = self.apply_in_transaction(client, shards).await;
        let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = client.batch_execute(end).await;
        applied?;
        Ok(ended?)
    }

    /// In how many shards the tables lie; `None` if they are not distributed.
    ///
    /// # Errors
    /// [`CitusError::Failed`].
    pub async fn shards(&self, client: &Client) -> Result<Option<u32>, CitusError> {
        let Some((first, _)) = self.spread.first() else { return Ok(None) };
        shards_of(client, &format!("{}.{first}", self.schema)).await
    }

    async fn apply_in_transaction(&self, client: &Client, shards: u32) -> Result<(), CitusError> {
        cluster::check(client).await?;
        if let Some(found) = self.shards(client).await?
            && found != shards
        {
            return Err(CitusError::OtherNumber { schema: self.schema, found, wanted: shards });
        }
        self.check_owner(client).await?;
        client.batch_execute(&format!("{SETTINGS}; SET LOCAL citus.shard_count = {shards}")).await?;
        client.batch_execute(&self.lock_tables()).await?;
        client.batch_execute(self.first).await?;
        for table in self.copied {
            self.distribute(client, table, "create_reference_table($1::text::regclass)", &[]).await?;
        }
        for (table, column) in self.spread {
            let beside = self.beside_of(table);
            let call = "create_distributed_table($1::text::regclass, $2::text, colocate_with := $3::text)";
            self.distribute(client, table, call, &[column, &beside]).await?;
        }
        let Some((first, _)) = self.spread.first() else { return Ok(()) };
        let beside = self.beside.map_or_else(|| format!("{}.{first}", self.schema), str::to_owned);
        for (function, argument) in self.functions {
            let name = format!("{}.{function}", self.schema);
            let call = "SELECT create_distributed_function($1::text::regprocedure, $2::text, colocate_with := $3::text)";
            client.execute(call, &[&name, argument, &beside]).await?;
        }
        Ok(())
    }

    /// Distributes a table, unless it is, and removes the rows that are left in its old place.
    async fn distribute(
        &self,
        client: &Client,
        table: &str,
        call: &str,
        more: &[&str],
    ) -> Result<(), CitusError> {
        let name = format!("{}.{table}", self.schema);
        let is_distributed = "SELECT EXISTS (SELECT FROM pg_dist_partition
                                             WHERE logicalrelid = $1::text::regclass AND (partmethod = 'h' OR repmodel = 't'))";
        if client.query_one(is_distributed, &[&name]).await?.get(0) {
            return Ok(());
        }
        let mut parameters: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = vec![&name];
        parameters.extend(more.iter().map(|value| value as &(dyn tokio_postgres::types::ToSql + Sync)));
        client.execute(&format!("SELECT {call}"), &parameters).await?;
        let clear = "SELECT truncate_local_data_after_distributing_table($1::text::regclass)";
        client.execute(clear, &[&name]).await?;
        Ok(())
    }

    /// The table beside which a table's rows lie.
    fn beside_of(&self, table: &str) -> String {
        let first = self.spread.first().map_or("", |(first, _)| *first);
        match self.beside {
            Some(beside) => beside.to_owned(),
            None if table == first => "none".to_owned(),
            None => format!("{}.{first}", self.schema),
        }
    }

    fn lock_tables(&self) -> String {
        let spread = self.spread.iter().map(|(table, _)| table);
        let names: Vec<_> =
            self.copied.iter().chain(spread).map(|table| format!("{}.{table}", self.schema)).collect();
        format!("LOCK TABLE {}", names.join(", "))
    }

    /// Only the owner of a table may distribute it.
    async fn check_owner(&self, client: &Client) -> Result<(), CitusError> {
        let sql = "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace
                   WHERE nspname = $1 AND NOT pg_has_role(nspowner, 'USAGE')";
        match client.query_opt(sql, &[&self.schema]).await? {
            Some(row) => Err(CitusError::NotOwner { schema: self.schema, owner: row.get(0) }),
            None => Ok(()),
        }
    }
}
