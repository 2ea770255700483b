//! `/organizations/{organization_id}/invitations`: the invitations that have not expired, and withdrawing one.

use crate::handler::*;
use crate::organizations::access::{page, permitted};
use crate::organizations::view::role_json;
use fairseat_app::membership;
use fairseat_contract::organizations::{InvitationJson, Invitations};
use fairseat_store::InvitationId;
use fairseat_store::invitations::{Invitation, NamedInvitation};

pub(crate) fn invitation_json(invitation: Invitation, invited_by: Option<String>) -> InvitationJson {
    InvitationJson {
        invitation_id: invitation.id.0,
        email: invitation.email,
        role: role_json(invitation.role),
        status: if invitation.declined_at.is_some() { "declined" } else { "open" },
        created_at: JsonTime(invitation.created_at),
        sent_at: JsonTime(invitation.sent_at),
        expires_at: JsonTime(invitation.expires_at),
        invited_by,
    }
}

/// Invitations of an organization
///
/// Those that are open, and those that were declined and have not expired. The newest first.
#[utoipa::path(get, path = "/organizations/{organization_id}/invitations", tag = "Organizations", params(Paging),
    responses((status = 200, body = Invitations)))]
pub(crate) async fn list_invitations(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(organization_id): Path<Uuid>,
    paging: Paging,
) -> Result<Json<Invitations>, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::SeeMembers).await?;
    let listing = app.store.invitations().list(organization, page(paging), app.now()).await?;
    let json =
        |NamedInvitation { invitation, inviter_name, .. }| invitation_json(invitation, Some(inviter_name));
    let invitations = listing.rows.into_iter().map(json).collect();
    Ok(Json(Invitations { invitations, total: listing.total, limit: paging.limit, offset: paging.offset }))
}

/// Withdraw an invitation
///
/// Its link no longer works. A declined invitation cannot be withdrawn.
#[utoipa::path(delete, path = "/organizations/{organization_id}/invitations/{invitation_id}", tag = "Organizations",
    responses((status = 204, description = "Withdrawn"), (status = 404, description = "No such open invitation")))]
pub(crate) async fn withdraw_invitation(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path((organization_id, invitation_id)): Path<(Uuid, Uuid)>,
) -> Result<StatusCode, ApiError> {
    let organization = permitted(&app, &signed_in, organization_id, Permission::ManageMembers).await?;
    let id = InvitationId(invitation_id);
    let open = app.store.invitations().by_id(id, app.now()).await?;
    let NamedInvitation { invitation, .. } = open.ok_or_else(Problem::not_found)?;
    // The store compares the organization.
    match membership::withdraw(&app, signed_in.account, organization, (id, invitation.role)).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found().into()),
    }
}
