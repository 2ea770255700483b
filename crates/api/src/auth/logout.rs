//! `POST /auth/logout`.

use crate::caller::MaybeSignedIn;
use crate::handler::{ApiError, ApiState, Body, Problem, State, StatusCode};
use fairseat_app::access::sessions;
use fairseat_contract::accounts::RefreshRequest;

/// Sign out
///
/// Ends the session of the access token, or of the refresh token in the body.
#[utoipa::path(post, path = "/auth/logout", tag = "Accounts", security((), ("bearer" = [])),
    request_body = Option<RefreshRequest>, responses((status = 204, description = "Signed out")))]
pub(crate) async fn logout(
    State(app): State<ApiState>,
    signed_in: Result<MaybeSignedIn, ApiError>,
    body: Option<Body<Option<RefreshRequest>>>,
) -> Result<StatusCode, ApiError> {
    if let Some(Body(Some(RefreshRequest { refresh_token }))) = body {
        // The refresh token alone can end its session, even after the access token has expired.
        sessions::end_by_refresh_token(&app, &refresh_token).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let nobody = || Problem::unauthenticated("Send an access token, or the refresh token in the body.");
    let signed_in = signed_in?.0.ok_or_else(nobody)?;
    sessions::end(&app, signed_in.account, signed_in.session).await?;
    Ok(StatusCode::NO_CONTENT)
}
