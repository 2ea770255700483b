//! Makes and checks the tables.

use fairseat_postgres::{Connector, Demands, ServerError, describe};

const VERSION: i32 = 1;
const SCHEMA: &str = include_str!("schema_1.sql");
/// Only one program at a time makes the tables.
const LOCK: &str = "BEGIN; SELECT pg_advisory_xact_lock(1181969780, 1)";

/// Why a node cannot join the others.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodesError {
    /// No server can be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The tables are missing.
    #[error("the database has no tables for nodes: run `fairseat database prepare` and start again")]
    NotPrepared,
    /// The server refused a statement.
    #[error("the table of nodes cannot be used: {0}")]
    Failed(String),
}

impl From<tokio_postgres::Error> for NodesError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(describe(&error))
    }
}

/// Makes the tables in the database of a connection string, unless they exist. The journal must be prepared first.
///
/// # Errors
/// [`NodesError`].
pub async fn prepare(url: &str) -> Result<(), NodesError> {
    // Preparing can be repeated after a crash of the server, so nothing is demanded of it.
    let demands = Demands { require_standby: false, allow_unsafe_server: true };
    let connection = Connector::new(url, demands)?.connect("").await?;
    let client = &connection.client;
    client.batch_execute(LOCK).await?;
    if version(client).await?.is_none() {
        client.batch_execute("CREATE SCHEMA IF NOT EXISTS fairseat_nodes").await?;
        client.batch_execute(SCHEMA).await?;
    }
    Ok(client.batch_execute("COMMIT").await?)
}

/// Refuses a database whose tables this program cannot use. Tables of the next version serve this one as well.
pub(crate) async fn check(client: &tokio_postgres::Client) -> Result<(), NodesError> {
    match version(client).await? {
        Some(found) if (VERSION..=VERSION + 1).contains(&found) => Ok(()),
        Some(found) if found > VERSION => Err(NodesError::Failed(format!(
            "its version is {found}, and this program knows {VERSION}: use the newer program"
        ))),
        Some(_) | None => Err(NodesError::NotPrepared),
    }
}

async fn version(client: &tokio_postgres::Client) -> Result<Option<i32>, NodesError> {
    let exists =
        client.query_one("SELECT to_regclass('fairseat_nodes.schema_version') IS NOT NULL", &[]).await?;
    if !exists.get::<_, bool>(0) {
        return Ok(None);
    }
    let found = client.query_one("SELECT max(version) FROM fairseat_nodes.schema_version", &[]).await?;
    Ok(found.get(0))
}
