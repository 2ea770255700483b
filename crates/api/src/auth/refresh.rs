//! `POST /auth/refresh`: exchanges a refresh token for a new pair of tokens.

use crate::auth::login::signed_in_answer;
use crate::handler::{ApiError, ApiState, Body, Json, State};
use fairseat_app::access::sessions;
use fairseat_contract::accounts::{RefreshRequest, SignedInAnswer};

/// Stay signed in
///
/// Exchanges a refresh token for a new pair of tokens. A refresh token that is used twice ends the session, unless the second use comes
/// within 30 seconds, for instance from another tab.
#[utoipa::path(post, path = "/auth/refresh", tag = "Accounts", security(()), request_body = RefreshRequest,
    responses((status = 200, body = SignedInAnswer), (status = 401, description = "Sign in again")))]
pub(crate) async fn refresh(
    State(app): State<ApiState>,
    Body(body): Body<RefreshRequest>,
) -> Result<Json<SignedInAnswer>, ApiError> {
    let (user, tokens) = sessions::refresh(&app, &body.refresh_token).await?;
    signed_in_answer(&app, user, tokens).await
}
