//! Makes the schema, and checks when a journal opens that it is known and that the user has every right that is needed.
//!
//! A program uses its own version of the schema and the next one; [`SchemaFit`] says what a migration may therefore contain.

use fairseat_postgres::SchemaFit;
use tokio_postgres::Client;

use super::describe;
use super::open_error::PostgresOpenError;

/// Begins a transaction, and keeps a second program from changing the schema at the same time.
pub(super) const LOCK: &str = "BEGIN; SELECT pg_advisory_xact_lock(1181969780, 0)";
const VERSION: i32 = 1;
const SCHEMA: &str = include_str!("schema_1.sql");

const TABLES: [&str; 8] =
    ["schema_version", "batch", "head", "deadline", "consumer", "consumer_cursor", "snapshot", "lease"];
pub(super) const APPEND: &str =
    "append_1(bigint, bigint, bytea, bytea, bytea, bytea, bigint, bigint, bigint, boolean, bigint, integer)";
pub(super) const CAUGHT_UP: &str = "caught_up_1(bigint, text, bigint, bigint)";
const FUNCTIONS: [&str; 6] = [
    APPEND,
    CAUGHT_UP,
    "register_consumer_1(text)",
    "fill_consumer_1(text)",
    "take_lease_1(text, text, double precision)",
    "pass_barrier_1()",
];

fn failed(error: &tokio_postgres::Error) -> PostgresOpenError {
    PostgresOpenError::Failed(describe(error))
}

/// Makes the schema, unless it exists.
pub(super) async fn prepare(client: &Client) -> Result<(), PostgresOpenError> {
    client.batch_execute(LOCK).await.map_err(|error| failed(&error))?;
    let made = make(client).await;
    let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
    client.batch_execute(end).await.map_err(|error| failed(&error))?;
    made
}

async fn make(client: &Client) -> Result<(), PostgresOpenError> {
    match version(client).await {
        Err(PostgresOpenError::NoSchema) => {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS fairseat_journal; {SCHEMA}");
            client.batch_execute(&sql).await.map_err(|error| failed(&error))
        }
        Ok(found) => check_version(found),
        Err(error) => Err(error),
    }
}

/// Checks that this program can use the schema.
pub(super) async fn check(client: &Client) -> Result<(), PostgresOpenError> {
    check_rights(client, "USAGE ON SCHEMA", "has_schema_privilege", "USAGE", &[""]).await?;
    let select = &["schema_version"];
    check_rights(client, "SELECT ON", "has_table_privilege", "SELECT", select).await?;
    check_version(version(client).await?)?;
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        let grant = format!("{right} ON");
        check_rights(client, &grant, "has_table_privilege", right, &TABLES).await?;
    }
    check_rights(client, "SELECT, UPDATE ON", "has_table_privilege", "UPDATE", &["barrier"]).await?;
    check_rights(client, "EXECUTE ON FUNCTION", "has_function_privilege", "EXECUTE", &FUNCTIONS).await
}

fn check_version(found: i32) -> Result<(), PostgresOpenError> {
    let [found_version, known_version] = [found, VERSION].map(|version| u32::try_from(version).unwrap_or(0));
    let advice = match SchemaFit::of(found_version, known_version) {
        SchemaFit::Serves => return Ok(()),
        SchemaFit::TooOld => "run `fairseat database prepare` of this program first",
        SchemaFit::TooNew => "upgrade the program",
    };
    Err(PostgresOpenError::SchemaVersion { found, known: VERSION, advice })
}

async fn version(client: &Client) -> Result<i32, PostgresOpenError> {
    // The catalogue shows a table to users without any right.
    let sql = "SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                              WHERE nspname = 'fairseat_journal' AND relname = 'schema_version')";
    let exists: bool = client.query_one(sql, &[]).await.map_err(|error| failed(&error))?.get(0);
    if !exists {
        return Err(PostgresOpenError::NoSchema);
    }
    let sql = "SELECT max(version) FROM fairseat_journal.schema_version";
    let row = client.query_one(sql, &[]).await.map_err(|error| failed(&error))?;
    row.get::<_, Option<i32>>(0).ok_or(PostgresOpenError::NoSchema)
}

/// Checks a right on objects of the schema, by one of PostgreSQL's functions for that.
async fn check_rights(
    client: &Client,
    grant: &str,
    function: &str,
    right: &str,
    objects: &[&str],
) -> Result<(), PostgresOpenError> {
    for object in objects {
        let dot = if object.is_empty() { "" } else { "." };
        let name = format!("fairseat_journal{dot}{object}");
        let sql = format!(
            "SELECT {function}('{name}', '{right}'), current_user::text
             WHERE EXISTS (SELECT FROM pg_namespace WHERE nspname = 'fairseat_journal')"
        );
        let row = client.query_opt(&sql, &[]).await.map_err(|error| failed(&error))?;
        let Some(row) = row else { return Err(PostgresOpenError::NoSchema) };
        if row.get::<_, Option<bool>>(0) != Some(true) {
            return Err(PostgresOpenError::MissingRight {
                user: row.get(1),
                right: format!("{grant} {name}"),
            });
        }
    }
    Ok(())
}
