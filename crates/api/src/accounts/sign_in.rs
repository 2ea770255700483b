//! Signing in, staying signed in, signing out.

use super::password_check;
use super::user_json::UserJson;
use crate::caller::MaybeSignedIn;
use crate::error::ApiError;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_app::access::sessions::{self, Tokens};
use fairseat_app::access::{ACCESS_TOKEN_TTL, Password};
use fairseat_edge::body::Body;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_edge::problem::Problem;
use fairseat_store::users::User;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody's address and password.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    #[schema(format = Email)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Password,
}

/// What keeps somebody signed in.
#[derive(Deserialize, ToSchema)]
pub(super) struct RefreshRequest {
    refresh_token: String,
}

/// What somebody holds after signing in.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedInAnswer {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds the access token is good for
    #[schema(example = 900)]
    expires_in: i64,
    /// Good once; the answer to its use has the next one
    refresh_token: String,
    user: UserJson,
}

impl SignedInAnswer {
    async fn new(app: &ApiState, user: User, tokens: Tokens) -> Result<Json<Self>, ApiError> {
        Ok(Json(Self {
            refresh_token: tokens.refresh().to_owned(),
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_TTL.0 / 1_000,
            user: UserJson::read(app, user).await?,
        }))
    }
}

/// Sign in
#[utoipa::path(post, path = "/auth/login", tag = "Accounts", security(()), request_body = Credentials,
    responses((status = 200, body = SignedInAnswer), (status = 401, description = "`invalid_credentials`")))]
pub(super) async fn login(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<Credentials>,
) -> Result<Json<SignedInAnswer>, ApiError> {
    app.check_limit(Class::Login, Who::address(context.client))?;
    let user = password_check::prove(&app, &body.email, body.password, context.client).await?;
    let tokens = sessions::begin(&app, &user).await?;
    SignedInAnswer::new(&app, user, tokens).await
}

/// Stay signed in
///
/// Trades a refresh token for a new pair. A token used twice, except by a second tab within 30 seconds, ends the session.
#[utoipa::path(post, path = "/auth/refresh", tag = "Accounts", security(()), request_body = RefreshRequest,
    responses((status = 200, body = SignedInAnswer), (status = 401, description = "Sign in again")))]
pub(super) async fn refresh(
    State(app): State<ApiState>,
    Body(body): Body<RefreshRequest>,
) -> Result<Json<SignedInAnswer>, ApiError> {
    let (user, tokens) = sessions::refresh(&app, &body.refresh_token).await?;
    SignedInAnswer::new(&app, user, tokens).await
}

/// Sign out
///
/// Ends the session of the access token, or of the refresh token in the body.
#[utoipa::path(post, path = "/auth/logout", tag = "Accounts", security((), ("bearer" = [])),
    request_body = Option<RefreshRequest>, responses((status = 204, description = "Signed out")))]
pub(super) async fn logout(
    State(app): State<ApiState>,
    signed_in: Result<MaybeSignedIn, ApiError>,
    body: Option<Body<Option<RefreshRequest>>>,
) -> Result<StatusCode, ApiError> {
    if let Some(Body(Some(RefreshRequest { refresh_token }))) = body {
        // Whoever holds it may end its session, also when their access token is over.
        sessions::end_by_refresh_token(&app, &refresh_token).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let nobody = || Problem::unauthenticated("Send an access token, or the refresh token in the body.");
    let signed_in = signed_in?.0.ok_or_else(nobody)?;
    sessions::end(&app, signed_in.session).await?;
    Ok(StatusCode::NO_CONTENT)
}
