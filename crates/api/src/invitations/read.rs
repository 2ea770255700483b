//! `GET /invitations/{token}`.

use crate::handler::*;
use crate::organizations::view::role_json;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_contract::organizations::ReceivedInvitationJson;
use fairseat_problems::errors::not_open;
use fairseat_store::invitations::NamedInvitation;

/// An invitation
///
/// For the holder of its link, signed in or not.
#[utoipa::path(get, path = "/invitations/{token}", tag = "Organizations", security(()),
    responses((status = 200, body = ReceivedInvitationJson), (status = 404, description = "No such open invitation")))]
pub(crate) async fn invitation(
    State(app): State<ApiState>,
    Path(token): Path<String>,
) -> Result<Json<ReceivedInvitationJson>, ApiError> {
    let found = app.store.invitations().by_token(SecretToken::hash_of(&token), app.now()).await?;
    Ok(Json(received_json(found.ok_or_else(not_open)?)))
}

pub(crate) fn received_json(named: NamedInvitation) -> ReceivedInvitationJson {
    ReceivedInvitationJson {
        organization_name: named.organization_name,
        role: role_json(named.invitation.role),
        email: named.invitation.email,
        expires_at: JsonTime(named.invitation.expires_at),
    }
}
