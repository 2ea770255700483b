//! `POST /auth/login`, and the answer of signing in.

use crate::accounts::password_check;
use crate::accounts::user_json::UserJson;
use crate::error::ApiError;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use fairseat_app::access::sessions::Tokens;
use fairseat_app::access::{ACCESS_TOKEN_TTL, Password, sessions};
use fairseat_edge::body::Body;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_store::users::User;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody's address and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Credentials {
    #[schema(format = Email)]
    email: String,
    #[schema(value_type = String, format = Password)]
    password: Password,
}

/// What somebody holds after signing in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInAnswer {
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
    pub(crate) async fn new(app: &ApiState, user: User, tokens: Tokens) -> Result<Json<Self>, ApiError> {
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
pub(crate) async fn login(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<Credentials>,
) -> Result<Json<SignedInAnswer>, ApiError> {
    app.check_limit(Class::Login, Who::address(context.client))?;
    let user = password_check::prove(&app, &body.email, body.password, context.client).await?;
    let tokens = sessions::begin(&app, &user).await?;
    SignedInAnswer::new(&app, user, tokens).await
}
