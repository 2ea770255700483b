//! Replays every sale on both sides: the reports must be the same.

use super::{Move, open_journal, open_target, options};
use crate::verify::{Report, verify, verify_audit};
use anyhow::{Error, Result, anyhow};
use fairseat_journal::{PostgresJournal, SqliteJournal};
use fairseat_store::{STORE_FILE, Store};

/// The error for differences between folder and database.
pub(super) fn differ(differences: &[String]) -> Error {
    anyhow!(
        "folder and database differ, so the folder stays the only truth: {}. Report this; to go on with the folder, remove its file {}",
        differences.join("; "),
        super::mark::Mark::FILE
    )
}

/// Replays every sale and the audit trail on both sides and compares the reports. Returns how many violations both have.
pub(super) async fn replays_are_equal(job: Move<'_>) -> Result<u64> {
    let store = Store::open(job.folder.join(STORE_FILE)).await?;
    let mut original = match SqliteJournal::exists(job.folder) {
        true => verify(async || open_journal(job.folder).await, &store).await?,
        false => Report::default(),
    };
    verify_audit(&store, None, &mut original).await?;
    let store = open_target(job).await?;
    let mut copy =
        verify(async || Ok(PostgresJournal::open(job.to, options(job.demands)).await?), &store).await?;
    verify_audit(&store, None, &mut copy).await?;
    let [original, copy] = [&original, &copy].map(serde_json::to_value);
    let (original, copy) = (original?, copy?);
    if original != copy {
        return Err(differ(&["a replay of all sales gives other figures or views".to_owned()]));
    }
    let violations = original.get("violations").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    Ok(u64::try_from(violations).unwrap_or(u64::MAX))
}
