//! The organizations for which a caller acts: what they may see, and where a new object belongs.

use crate::handler::{ApiError, ApiState, Permission, Problem, SignedIn, Uuid};
use fairseat_store::{OrganizationId, Scope};

/// The organizations whose objects the caller may see, drafts included.
#[must_use]
pub(crate) fn scope_of(caller: &SignedIn) -> Scope {
    if caller.is_admin() {
        return Scope::All;
    }
    let may_see =
        caller.access.memberships.iter().filter(|(_, role)| Permission::SeeCatalogue.is_given_to(*role));
    Scope::Organizations(may_see.map(|(organization, _)| *organization).collect())
}

/// The organization of a new object: the one that was named, else the only one that the caller manages.
///
/// # Errors
/// `forbidden` for callers who manage none, `not_found` for another organization, `invalid` when the caller manages several and names none.
pub(crate) async fn for_new(
    app: &ApiState,
    caller: &SignedIn,
    named: Option<Uuid>,
) -> Result<OrganizationId, ApiError> {
    caller.require_manager()?;
    if let Some(named) = named.map(OrganizationId) {
        caller.require(named, Permission::ManageCatalogue)?;
        // Administrators pass `require` even for an organization that does not exist.
        let found = app.store.organizations().by_id(named).await?;
        return Ok(found.map(|found| found.id).ok_or_else(Problem::not_found)?);
    }
    let mut managed = caller.managed_organizations();
    match (managed.next(), managed.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Problem::invalid("organization_id", "is required: name one of your organizations").into()),
    }
}
