//! `POST /auth/login`, and the answer of signing in.

use crate::accounts::password_check;
use crate::accounts::user_json::user_json;
use crate::handler::{
    ApiError, ApiState, Body, Extension, Json, LimitedCaller, RateLimit, RequestContext, State,
};
use fairseat_contract::accounts::SignedInAnswer;

use fairseat_app::access::sessions::Tokens;
use fairseat_app::access::{ACCESS_TOKEN_TTL, Password, sessions};
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
#[utoipa::path(post, path = "/auth/login", tag = "Accounts", security(()), request_body = Credentials,
    responses((status = 200, body = SignedInAnswer), (status = 401, description = "`invalid_credentials`")))]
pub(crate) async fn login(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<Credentials>,
) -> Result<Json<SignedInAnswer>, ApiError> {
    app.check_limit(RateLimit::Login, LimitedCaller::address(context.client))?;
    let user = password_check::prove(&app, &body.email, body.password, context.client).await?;
    let tokens = sessions::begin(&app, &user).await?;
    signed_in_answer(&app, user, tokens).await
}
