//! Which tables Citus spreads over its workers; docs/adr/0024-citus.md says why the others stay on the coordinator.
//!
//! What must hold: a transaction that relies on being serializable writes on one server. So a table may be spread only if each transaction that
//! writes it names one event and writes no table of the coordinator.

use super::migrations;
use super::{PostgresDatabase, SETUP};
use fairseat_postgres::citus::{CitusError, Distribution};
use fairseat_postgres::{Connector, Demands};

impl PostgresDatabase {
    /// Spreads prepared tables in so many shards, the rows of an event beside those of its sale in `sales`, a distributed table. If they are spread
    /// already, only what is new since then is.
    pub(crate) async fn distribute(url: &str, shards: u32, sales: &'static str) -> Result<(), CitusError> {
        let distribution = Distribution {
            schema: "fairseat_store",
            first: "",
            copied: &[],
            spread: &[("payments", "event"), ("refunds", "event")],
            beside: Some(sales),
            functions: &[],
        };
        let demands = Demands { require_standby: false, allow_unsafe_server: true };
        let connection = Connector::new(url, demands)?.connect(SETUP).await?;
        let sql = "SELECT to_regclass('fairseat_store.refunds') IS NOT NULL";
        if !connection.client.query_one(sql, &[]).await?.get::<_, bool>(0) {
            return Err(CitusError::NotPrepared);
        }
        distribution.apply(&connection, &migrations::lock(), shards).await
    }
}
