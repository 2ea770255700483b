//! Whether the database user may do everything that the store needs. Otherwise a missing right would show when the first request needs it.

use crate::error::StoreError;
use crate::sql::{Row, Sql, cell};

/// Every right that the user lacks, by table. The tables of the next release count too, because its programs will need them.
const MISSING: &str = "SELECT relname::text, string_agg(wanted, ', ' ORDER BY nth) \
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace, \
         (VALUES (1, 'SELECT'), (2, 'INSERT'), (3, 'UPDATE'), (4, 'DELETE')) AS rights (nth, wanted) \
    WHERE nspname = 'fairseat_store' AND relkind IN ('r', 'p') AND NOT has_table_privilege(pg_class.oid, wanted) \
      AND (relname <> 'version' OR wanted = 'SELECT') \
    GROUP BY relname ORDER BY relname";

/// Full text search, as `search/index.rs` uses it.
const FULL_TEXT: &str =
    "SELECT CAST(CAST('''a'':1' AS text) AS tsvector) @@ CAST(CAST('(''a'':*)' AS text) AS tsquery)";

/// Checks the rights on the schema and all of its tables, and that full text search works.
pub(super) fn check(sql: &Sql<'_>) -> Result<(), StoreError> {
    let text = "SELECT has_schema_privilege('fairseat_store', 'USAGE')";
    if sql.one(text, &[], cell::<bool>)? != Some(true) {
        return Err(lacks(sql, "USAGE ON SCHEMA fairseat_store")?);
    }
    let read = |row: &Row<'_>| Ok((row.next::<String>()?, row.next::<String>()?));
    let missing = sql.all(MISSING, &[], read)?;
    match missing.as_slice() {
        [] => {}
        [(table, rights)] => return Err(lacks(sql, &format!("{rights} ON fairseat_store.{table}"))?),
        _ => {
            let all = "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA fairseat_store";
            return Err(lacks(sql, all)?);
        }
    }
    match sql.one(FULL_TEXT, &[], cell::<bool>) {
        Ok(Some(true)) => Ok(()),
        Ok(_) => Err(StoreError::NoFullText("a word that is there is not found".to_owned())),
        Err(StoreError::Database(cause)) => Err(StoreError::NoFullText(cause.to_string())),
        Err(other) => Err(other),
    }
}

fn lacks(sql: &Sql<'_>, right: &str) -> Result<StoreError, StoreError> {
    let user = sql.one("SELECT quote_ident(current_user)", &[], cell)?.unwrap_or_default();
    Ok(StoreError::MissingRight { user, right: right.to_owned() })
}
