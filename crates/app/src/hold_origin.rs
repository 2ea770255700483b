//! From where a buyer holds seats: what the sale's limits on hoarding are told about a caller.

use crate::keys::Keys;
use fairseat_domain::command::{HoldOrigin, Holder};
use fairseat_domain::time::{Millis, Timestamp};

/// An account counts as new for this long.
const NEW_FOR: Millis = Millis::from_seconds(24 * 3_600);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// The holder of the seats that a caller reserves from a network, which is named by its number; for an account whose address was verified and
/// that was made at these times.
///
/// The sale, and so the journal, never has the address: only a hash under a secret key, which is another one every day.
#[must_use]
pub fn holder(
    keys: &Keys,
    network: u128,
    (verified_at, created_at): (Option<Timestamp>, Timestamp),
    now: Timestamp,
) -> Holder {
    let day = now.as_millis().div_euclid(DAY_MS);
    let mut hash = blake3::Hasher::new_keyed(keys.fingerprints.expose());
    hash.update(b"network that holds seats").update(&day.to_le_bytes());
    hash.update(&network.to_le_bytes());
    let origin = hash.finalize().as_bytes().first_chunk().copied().map_or(0, u64::from_le_bytes);
    let new_account = verified_at.is_none() || now.since(created_at) < NEW_FOR;
    Holder { origin: HoldOrigin(origin), new_account }
}
