//! Checks that the caller may use an organization.

use crate::handler::{ApiError, ApiState, Paging, Permission, Problem, SignedIn, Uuid};
use fairseat_store::{OrganizationId, Page};

/// The organization's id, if the caller has `permission` in it.
///
/// # Errors
/// `not_found` when there is none or the caller is not a member, `forbidden` when the caller's role there does not allow it.
pub(crate) async fn permitted(
    app: &ApiState,
    signed_in: &SignedIn,
    organization: Uuid,
    permission: Permission,
) -> Result<OrganizationId, ApiError> {
    let id = OrganizationId(organization);
    signed_in.require(id, permission)?;
    if signed_in.role_in(id).is_none() {
        // An administrator has every permission, also for an organization that does not exist.
        app.store.organizations().by_id(id).await?.ok_or_else(Problem::not_found)?;
    }
    Ok(id)
}

pub(crate) fn page(paging: Paging) -> Page {
    Page { limit: paging.limit, offset: u64::from(paging.offset) }
}
