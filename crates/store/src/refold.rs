//! Folds stored texts again when the program folds differently than the one that stored them.

use crate::error::StoreError;
use crate::sql::{Sql, cell, values};
use crate::{contacts, counter_sales, users, venues};

/// The number of the current folding, of places (`search/places.rs`) and of tokens (`search/tokens.rs`). Raise it with any change of these.
const FORMAT: i64 = 1;

/// Brings every text that is stored for search to the current folding, unless it has that already.
pub(crate) fn run(sql: &Sql<'_>) -> Result<(), StoreError> {
    let stored: Option<i64> = sql.one("SELECT format FROM search_format", &[], cell)?;
    if stored == Some(FORMAT) {
        return Ok(());
    }
    venues::refold(sql)?;
    users::refold(sql)?;
    counter_sales::refold(sql)?;
    contacts::refold(sql)?;
    sql.execute("UPDATE search_format SET format = ?1", &values![FORMAT])?;
    Ok(())
}
