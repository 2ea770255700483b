//! `POST /invitations/{token}/decline`.

use crate::handler::{ApiError, ApiState, Path, State, StatusCode};
use fairseat_app::access::secret_token::SecretToken;
use fairseat_problems::errors::not_open;

/// Decline an invitation
///
/// For the holder of its link, who needs no account. The organization sees that it was declined, and cannot invite the address again
/// before the invitation would have expired.
#[utoipa::path(post, path = "/invitations/{token}/decline", tag = "Organizations", security(()),
    responses((status = 204, description = "Declined"), (status = 404, description = "No such open invitation")))]
pub(crate) async fn decline_invitation(
    State(app): State<ApiState>,
    Path(token): Path<String>,
) -> Result<StatusCode, ApiError> {
    let declined = app.store.invitations().decline(SecretToken::hash_of(&token), app.now()).await?;
    Ok(declined.then_some(StatusCode::NO_CONTENT).ok_or_else(not_open)?)
}
