//! The versioned byte format of entries and plans. It has types of its own, and old versions stay readable for ever.
//!
//! A batch is a version byte, then entries in postcard's format (which writes fields in order and enum variants by
//! position). So: never reorder or remove a field or variant of a version's types; variants may be added at the end
//! as long as no released program wrote them; anything else is a new version beside the old one. A batch that this program
//! does not know in full is an error, never skipped.

mod entry;
mod error;
mod fact;
mod mirror;
pub mod seating_plan;
mod terms;

use crate::entry::Entry;
use crate::seating_plan::SeatingPlan;
use entry::EntryV1;
use error::VERSION;
pub use error::WireError;
use seating_plan::PlanV1;

/// The bytes of a batch of entries.
///
/// # Errors
/// [`WireError::Unwritable`] when an entry cannot be encoded: a bug.
pub fn encode_batch(entries: &[Entry]) -> Result<Vec<u8>, WireError> {
    let mut bytes = vec![VERSION];
    for entry in entries {
        bytes = append_entry(bytes, entry)?;
    }
    Ok(bytes)
}

/// Adds one entry to a batch begun by [`encode_batch`]; the size grows by exactly the entry's.
///
/// # Errors
/// [`WireError::Unwritable`] when the entry cannot be encoded: a bug.
pub fn append_entry(batch: Vec<u8>, entry: &Entry) -> Result<Vec<u8>, WireError> {
    postcard::to_extend(&EntryV1::from(entry), batch)
        .map_err(|error| WireError::Unwritable(error.to_string()))
}

/// The entries of a batch.
///
/// # Errors
/// [`WireError`]; this program must not write to the sale.
pub fn decode_batch(bytes: &[u8]) -> Result<Vec<Entry>, WireError> {
    let unreadable = |error: &dyn std::fmt::Display| WireError::Unreadable(error.to_string());
    let Some((version, mut rest)) = bytes.split_first() else {
        return Err(unreadable(&"it is empty"));
    };
    if *version != VERSION {
        return Err(of_version(*version));
    }
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (entry, after): (EntryV1, &[u8]) =
            postcard::take_from_bytes(rest).map_err(|error| unreadable(&error))?;
        entries.push(Entry::try_from(entry)?);
        rest = after;
    }
    Ok(entries)
}

/// Version 0 was never written, so those bytes are damaged.
fn of_version(version: u8) -> WireError {
    match version {
        0 => WireError::Unreadable("its version is 0".to_owned()),
        newer => WireError::UnknownVersion(newer),
    }
}

/// The bytes of a plan alone, as a catalogue keeps it.
///
/// # Errors
/// [`WireError::Unwritable`] when the plan cannot be encoded: a bug.
pub fn encode_plan(plan: &SeatingPlan) -> Result<Vec<u8>, WireError> {
    let encoded = postcard::to_extend(&PlanV1::from(plan), vec![VERSION]);
    encoded.map_err(|error| WireError::Unwritable(error.to_string()))
}

/// Decodes the bytes of [`encode_plan`].
///
/// # Errors
/// [`WireError`] when they are damaged or of an unknown version.
pub fn decode_plan(bytes: &[u8]) -> Result<SeatingPlan, WireError> {
    let unreadable = |error: &dyn std::fmt::Display| WireError::Unreadable(error.to_string());
    match bytes.split_first() {
        Some((&VERSION, rest)) => {
            let plan: PlanV1 = postcard::from_bytes(rest).map_err(|error| unreadable(&error))?;
            SeatingPlan::try_from(plan).map_err(|error| unreadable(&error))
        }
        Some((version, _)) => Err(of_version(*version)),
        None => Err(unreadable(&"it is empty")),
    }
}
