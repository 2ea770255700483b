//! Checks that the caller may use a venue.

use crate::handler::{ApiError, ApiState, Permission, Problem, SignedIn, Uuid};
use fairseat_store::venues::Venue;
use fairseat_store::{Scope, VenueId};

/// The venue, if the caller has `permission` in its organization.
///
/// # Errors
/// `not_found` when there is none or it belongs to another organization, `forbidden` when the caller's role there does not allow it.
pub(crate) async fn venue_for(
    app: &ApiState,
    caller: &SignedIn,
    venue: Uuid,
    permission: Permission,
) -> Result<Venue, ApiError> {
    let found = app.store.venues().get(VenueId(venue), &Scope::All).await?;
    let venue = found.ok_or_else(Problem::not_found)?;
    caller.require(venue.organization, permission)?;
    Ok(venue)
}
