//! From where a buyer holds seats: what the sale's limits on hoarding are told about a caller.

use crate::handler::{ApiState, LimitedCaller, RequestContext, SignedIn};
use fairseat_domain::command::{HoldOrigin, Holder};
use fairseat_domain::time::{Millis, Timestamp};

/// An account counts as new for this long.
const NEW_FOR: Millis = Millis::from_seconds(24 * 3_600);
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// The holder of the seats that this caller reserves; `None` when callers are not limited.
///
/// The sale, and so the journal, never has the address: only a hash under a secret key, which is another one every day.
pub(crate) fn holder(app: &ApiState, signed_in: &SignedIn, context: &RequestContext) -> Option<Holder> {
    holder_since(app, signed_in.access.verified_at, signed_in.access.created_at, context)
}

/// As [`holder`], for an account whose address is verified and that was made at these times.
pub(crate) fn holder_since(
    app: &ApiState,
    verified_at: Option<Timestamp>,
    created_at: Timestamp,
    context: &RequestContext,
) -> Option<Holder> {
    if !app.edge.limits.are_on() {
        return None;
    }
    let now = app.now();
    let day = now.as_millis().div_euclid(DAY_MS);
    let mut hash = blake3::Hasher::new_keyed(app.keys.fingerprints.expose());
    hash.update(b"network that holds seats").update(&day.to_le_bytes());
    hash.update(&LimitedCaller::address(context.client).key().to_le_bytes());
    let origin = hash.finalize().as_bytes().first_chunk().copied().map_or(0, u64::from_le_bytes);
    let new_account = verified_at.is_none() || now.since(created_at) < NEW_FOR;
    Some(Holder { origin: HoldOrigin(origin), new_account })
}
