//! `POST /auth/login`, and the answer of signing in.

use crate::accounts::device::Device;
use crate::accounts::password_check;
use crate::accounts::user_json::user_json;
use crate::handler::{
    ApiError, ApiState, Body, Extension, Json, LimitedCaller, RateLimit, RequestContext, State,
};
use fairseat_contract::accounts::SignedInAnswer;

use axum::http::Extensions;
use fairseat_app::access::sessions::Tokens;
use fairseat_app::access::{ACCESS_TOKEN_TTL, Password, sessions};
use fairseat_edge::context::FoundAccount;
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
    /// The `device_token` of an earlier answer, if the person has signed in on this device before: then wrong passwords that others try
    /// elsewhere do not make them wait
    #[serde(default)]
    #[schema(max_length = 400)]
    device_token: Option<String>,
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
        device_token: None,
        user: user_json(app, user).await?,
    }))
}

/// Sign in
#[utoipa::path(post, path = "/auth/login", tag = "Accounts", security(()), request_body = Credentials,
    responses((status = 200, body = SignedInAnswer), (status = 401, description = "`invalid_credentials`")))]
pub(crate) async fn login(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    extensions: Extensions,
    Body(body): Body<Credentials>,
) -> Result<Json<SignedInAnswer>, ApiError> {
    app.check_limit(RateLimit::Login, LimitedCaller::address(context.client))?;
    let Credentials { email, password, device_token } = body;
    let device = Device::of(device_token.as_deref());
    let proven = device.proven(&app, &email);
    let user = password_check::prove(&app, &email, password, context.client, proven).await?;
    FoundAccount::note(&extensions, user.id);
    let tokens = sessions::begin(&app, &user).await?;
    let Json(mut answer) = signed_in_answer(&app, user, tokens).await?;
    answer.device_token = Some(device.token_with(&app, &email));
    Ok(Json(answer))
}
