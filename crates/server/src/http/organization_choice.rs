//! For which organization somebody acts: what they may see, and where something new belongs.

use super::problem::Problem;
use crate::app::App;
use crate::auth::{Permission, SignedIn};
use fairseat_store::{OrganizationId, Scope};
use uuid::Uuid;

/// What the caller may see beyond what everybody sees.
#[must_use]
pub fn scope_of(caller: &SignedIn) -> Scope {
    if caller.is_admin() {
        return Scope::All;
    }
    let may_see =
        caller.access.memberships.iter().filter(|(_, role)| Permission::SeeCatalogue.is_given_to(*role));
    Scope::Organizations(may_see.map(|(organization, _)| *organization).collect())
}

/// Only who manages the catalogue of some organization passes, or an administrator.
///
/// # Errors
/// `forbidden`.
pub fn require_manager(caller: &SignedIn) -> Result<(), Problem> {
    if caller.is_admin() || managed(caller).next().is_some() {
        return Ok(());
    }
    Err(Problem::forbidden("Only owners and managers of an organization may do this."))
}

/// The organization something new belongs to: the one that was named, else the only one the caller manages.
///
/// # Errors
/// `forbidden` for who manages none, `not_found` for a foreign one, `invalid` when one must be named.
pub async fn for_new(app: &App, caller: &SignedIn, named: Option<Uuid>) -> Result<OrganizationId, Problem> {
    require_manager(caller)?;
    if let Some(named) = named.map(OrganizationId) {
        caller.require(named, Permission::ManageCatalogue)?;
        // An administrator passes for an organization that does not exist, too.
        let found = app.platform.store.organizations().by_id(named).await?;
        return found.map(|found| found.id).ok_or_else(Problem::not_found);
    }
    let mut managed = managed(caller);
    match (managed.next(), managed.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Problem::invalid("organization_id", "is required: name one of your organizations")),
    }
}

fn managed(caller: &SignedIn) -> impl Iterator<Item = OrganizationId> + '_ {
    let memberships = caller.access.memberships.iter();
    memberships
        .filter(|(_, role)| Permission::ManageCatalogue.is_given_to(*role))
        .map(|(organization, _)| *organization)
}
