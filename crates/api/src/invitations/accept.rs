//! `POST /invitations/{token}/accept`.

use crate::handler::{ApiError, ApiState, Json, Path, SignedIn, State};
use crate::organizations::view::role_json;
use fairseat_app::membership;
use fairseat_contract::organizations::JoinedJson;

/// Accept an invitation
///
/// Makes you a member. Your address must be the invited one (`other_address`) and confirmed (`email_unverified`).
#[utoipa::path(post, path = "/invitations/{token}/accept", tag = "Organizations",
    responses((status = 200, body = JoinedJson), (status = 404, description = "No such open invitation"),
        (status = 409, description = "The organization has too many members, or you are in too many")))]
pub(crate) async fn accept_invitation(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(token): Path<String>,
) -> Result<Json<JoinedJson>, ApiError> {
    let (organization, role) = membership::accept(&app.app, signed_in.account, &token).await?;
    Ok(Json(JoinedJson {
        organization_id: organization.id.0,
        name: organization.name,
        role: role_json(role),
    }))
}
