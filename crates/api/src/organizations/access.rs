//! Checks that the caller may use an organization, and the problems of changing its members.

use crate::handler::{ApiError, ApiState, Code, Paging, Permission, Problem, SignedIn, Uuid};
use fairseat_store::organizations::SetMemberError;
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

pub(crate) fn set_member_problem(error: SetMemberError) -> ApiError {
    match error {
        SetMemberError::NotFound => Problem::not_found().into(),
        SetMemberError::LastOwner => last_owner().into(),
        SetMemberError::TooMany => {
            let detail = "The organization has too many members, or the person is a member of too many.";
            Problem::new(Code::Conflict, detail).into()
        }
        SetMemberError::Store(error) => error.into(),
    }
}

pub(crate) fn last_owner() -> Problem {
    let detail = "An organization has at least one owner. First make another member owner, or invite somebody as owner and wait until they \
                  have accepted.";
    Problem::new(Code::Conflict, detail)
}

pub(crate) fn page(paging: Paging) -> Page {
    Page { limit: paging.limit, offset: u64::from(paging.offset) }
}
