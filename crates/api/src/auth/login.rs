//! `POST /auth/login`, and the answer of signing in.

use crate::accounts::password_check;
use crate::accounts::user_json::user_json;
use crate::handler::{
    ApiError, ApiState, Body, Extension, IntoResponse as _, Json, LimitedCaller, RateLimit, RequestContext,
    Response, State, StatusCode,
};
use fairseat_contract::accounts::{SessionKindJson, SignedInAnswer};
use fairseat_contract::set_session_cookie;

use axum::http::header;
use fairseat_app::access::sessions::Tokens;
use fairseat_app::access::{ACCESS_TOKEN_TTL, Password, sessions};
use fairseat_store::limits::SESSION_LIFETIME;
use fairseat_store::users::User;
use serde::Deserialize;
use utoipa::ToSchema;

/// E-mail address and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Credentials {
    #[schema(format = Email)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Password,
    #[serde(default)]
    session: SessionKindJson,
}

/// Begins a session of this kind. The answer has the tokens and this status; for a browser it has the cookie and no content (204).
pub(crate) async fn begin_session(
    app: &ApiState,
    user: User,
    kind: SessionKindJson,
    status: StatusCode,
) -> Result<Response, ApiError> {
    match kind {
        SessionKindJson::Tokens => {
            let tokens = sessions::begin(app, &user).await?;
            Ok((status, signed_in_answer(app, user, tokens).await?).into_response())
        }
        SessionKindJson::Cookie => {
            let cookie = sessions::begin_with_cookie(app, &user).await?;
            let cookie = set_session_cookie(cookie.expose(), SESSION_LIFETIME.0 / 1_000);
            Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
        }
    }
}

pub(crate) async fn signed_in_answer(
    app: &ApiState,
    user: User,
    tokens: Tokens,
) -> Result<Json<SignedInAnswer>, ApiError> {
    Ok(Json(SignedInAnswer {
        refresh_token: tokens.refresh().to_owned(),
        access_token: tokens.access,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_TTL.0 / 1_000,
        user: user_json(app, user).await?,
    }))
}

/// Sign in
///
/// A session ends 30 days after its last use and at the latest 90 days after signing in. A browser asks for `"session": "cookie"` and gets
/// `Set-Cookie` instead of tokens.
#[utoipa::path(post, path = "/auth/login", tag = "Accounts", security(()), request_body = Credentials,
    responses((status = 200, body = SignedInAnswer), (status = 204, description = "Signed in by cookie"),
        (status = 401, description = "`invalid_credentials`")))]
pub(crate) async fn login(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<Credentials>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::Login, LimitedCaller::address(context.client))?;
    let user = password_check::prove(&app, &body.email, body.password, context.client).await?;
    begin_session(&app, user, body.session, StatusCode::OK).await
}
