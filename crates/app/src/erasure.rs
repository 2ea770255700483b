//! Erasing a person: after their account is deleted, no file of the data folder contains their name or address.
//!
//! Four places contain personal data, and each has its own means: rows are deleted, or emptied if orders refer to them
//! (`fairseat_store::users`); answers kept for repeated requests die with the accounts that they name (`fairseat_store::idempotency`); SQLite
//! overwrites what is deleted (`secure_delete`); and the store's write-ahead log, which keeps earlier versions of pages, is emptied here.
//! The journal and the audit trail contain ids only. Backups that were made earlier still contain the data.

use fairseat_store::Store;
use std::time::Duration;

/// How often emptying the log is tried, and the pause in between. It fails while a long transaction is running.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(1);

/// Removes from the store's files what deleted rows left there. Failures are logged: it is done again every hour.
pub async fn erase_traces(store: &Store) {
    for _ in 0..TRIES {
        match store.erase_traces().await {
            Ok(true) => return,
            Ok(false) => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                tracing::warn!(%error, "the store's log could not be emptied: deleted data stays in it for another hour");
                return;
            }
        }
    }
    tracing::warn!("the store's log was in use all the time: deleted data stays in it for another hour");
}
