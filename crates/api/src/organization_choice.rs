//! For which organization a caller acts: what they may see, and where something new belongs.

use crate::handler::{ApiError, ApiState, Permission, Problem, SignedIn, Uuid};
use fairseat_store::{OrganizationId, Scope};

/// What the caller may see beyond what everybody sees.
#[must_use]
pub(crate) fn scope_of(caller: &SignedIn) -> Scope {
    if caller.is_admin() {
        return Scope::All;
    }
    let may_see =
        caller.access.memberships.iter().filter(|(_, role)| Permission::SeeCatalogue.is_given_to(*role));
    Scope::Organizations(may_see.map(|(organization, _)| *organization).collect())
}

/// The organization something new belongs to: the one that was named, else the only one the caller manages.
///
/// # Errors
/// `forbidden` for callers who manage none, `not_found` for a foreign one, `invalid` when one must be named.
pub(crate) async fn for_new(
    app: &ApiState,
    caller: &SignedIn,
    named: Option<Uuid>,
) -> Result<OrganizationId, ApiError> {
    caller.require_manager()?;
    if let Some(named) = named.map(OrganizationId) {
        caller.require(named, Permission::ManageCatalogue)?;
        // Administrators pass for an organization that does not exist, too.
        let found = app.store.organizations().by_id(named).await?;
        return Ok(found.map(|found| found.id).ok_or_else(Problem::not_found)?);
    }
    let mut managed = caller.managed_organizations();
    match (managed.next(), managed.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Problem::invalid("organization_id", "is required: name one of your organizations").into()),
    }
}
