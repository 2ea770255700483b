//! Numbered migrations of the tables on a server, applied in order. A migration that has been released never changes.
//!
//! A program uses its own version of the tables and the next one; [`SchemaFit`] says what a migration may therefore contain.

use super::rights;
use crate::error::StoreError;
use crate::sql::{Prepare, Sql, cell, values};
use fairseat_postgres::SchemaFit;

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/postgres/0001_store.sql"),
    include_str!("../../migrations/postgres/0002_event_positions.sql"),
    include_str!("../../migrations/postgres/0003_beat.sql"),
];

/// Only one process at a time prepares a database. Any number would do; no other program of ours takes this one.
const LOCK: i64 = 0x0066_6169_7273_6561;

/// Begins a transaction, and waits until nobody prepares the database.
pub(super) fn lock() -> String {
    format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The version of the tables; 0 when there are none. A user who lacks a right is refused.
fn version(sql: &Sql<'_>) -> Result<u32, StoreError> {
    // The catalogue shows a table to users without any right.
    let text = "SELECT COUNT(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
                WHERE nspname = 'fairseat_store' AND relname = 'version'";
    if sql.count(text, &[])? == 0 {
        return Ok(0);
    }
    rights::check(sql)?;
    Ok(sql.one("SELECT version FROM fairseat_store.version", &[], cell)?.unwrap_or(0))
}

/// Refuses tables that this program cannot use.
pub(super) fn check(sql: &Sql<'_>) -> Result<(), StoreError> {
    check_version(version(sql)?)
}

/// Refuses a database into which a venue is being moved; see `transfer/destination.rs`.
pub(super) fn check_is_finished(sql: &Sql<'_>) -> Result<(), StoreError> {
    let text = "SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'fairseat_migration'";
    if sql.count(text, &[])? == 0 { Ok(()) } else { Err(StoreError::Unfinished) }
}

/// Whether the tables have this program's own version.
pub(super) fn is_own(sql: &Sql<'_>) -> Result<bool, StoreError> {
    Ok(version(sql)? == known())
}

fn check_version(found: u32) -> Result<(), StoreError> {
    let known = known();
    match SchemaFit::of(found, known) {
        SchemaFit::Serves => Ok(()),
        SchemaFit::TooOld => Err(StoreError::NotPrepared),
        SchemaFit::TooNew => Err(StoreError::TooNew { found, known }),
    }
}

/// Brings the tables to the newest version. Tables that the next release has prepared stay as they are.
pub(super) fn run(sql: &Sql<'_>, prepare: Prepare) -> Result<(), StoreError> {
    let Sql::Postgres(transaction) = sql else { return Err(StoreError::OnServer) };
    sql.one("SELECT pg_advisory_xact_lock(?1)::text", &values![LOCK], cell::<String>)?;
    let (found, known) = (version(sql)?, known());
    if found > known {
        return check_version(found);
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        transaction.batch(migration)?;
    }
    sql.execute("UPDATE fairseat_store.version SET version = ?1", &values![known])?;
    prepare(sql)
}
