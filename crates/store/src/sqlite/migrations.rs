//! Numbered migrations of the schema, applied in order. Each runs in its own transaction, which also stores its number.
//!
//! A migration that has been released never changes. `tests/repositories/fixtures` has a store of version 1, and a test migrates it to the newest
//! version.

use crate::error::StoreError;
use rusqlite::{Connection, TransactionBehavior};

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_accounts.sql"),
    include_str!("../../migrations/sqlite/0002_catalogue.sql"),
    include_str!("../../migrations/sqlite/0003_views.sql"),
    include_str!("../../migrations/sqlite/0004_search.sql"),
    include_str!("../../migrations/sqlite/0005_messages_and_answers.sql"),
    include_str!("../../migrations/sqlite/0006_mail.sql"),
    include_str!("../../migrations/sqlite/0007_counter.sql"),
    include_str!("../../migrations/sqlite/0008_audit.sql"),
    include_str!("../../migrations/sqlite/0009_moved.sql"),
    include_str!("../../migrations/sqlite/0010_images.sql"),
    include_str!("../../migrations/sqlite/0011_enclosures.sql"),
    include_str!("../../migrations/sqlite/0012_folded_text.sql"),
    include_str!("../../migrations/sqlite/0013_offered_prices.sql"),
    include_str!("../../migrations/sqlite/0014_deleted_venues.sql"),
    include_str!("../../migrations/sqlite/0020_session_kinds.sql"),
    include_str!("../../migrations/sqlite/0021_invitations.sql"),
    include_str!("../../migrations/sqlite/0030_guests.sql"),
    include_str!("../../migrations/sqlite/0040_audit_chain.sql"),
    include_str!("../../migrations/sqlite/0041_answers_of_accounts.sql"),
    include_str!("../../migrations/sqlite/0042_quotas.sql"),
    include_str!("../../migrations/sqlite/0043_event_options.sql"),
    include_str!("../../migrations/sqlite/0044_address_undos.sql"),
    include_str!("../../migrations/sqlite/0050_performers.sql"),
    include_str!("../../migrations/sqlite/0060_event_positions.sql"),
];

/// The first version that overwrites what it deletes.
const OVERWRITES_DELETED: u32 = 14;

/// Whether a database of this version may have deleted data in free pages. A new database has none.
pub(crate) fn left_deleted_data(version: u32) -> bool {
    (1..OVERWRITES_DELETED).contains(&version)
}

/// Brings the database to the newest version; returns the version that it had. Two processes may do so at once, because each migration reads
/// the version once more under the write lock.
pub(crate) fn run(connection: &mut Connection) -> Result<u32, StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let mut before = None;
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = version(&transaction)?;
        let before = *before.get_or_insert(found);
        if found > known {
            return Err(StoreError::TooNew { found, known });
        }
        let next = usize::try_from(found).ok().and_then(|found| MIGRATIONS.get(found));
        let Some(migration) = next else { return Ok(before) };
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", found.saturating_add(1))?;
        transaction.commit()?;
    }
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
