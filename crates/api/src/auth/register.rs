//! `POST /auth/register`.

use crate::accounts::fields::{check_email, check_password, check_phone_number, check_username};
use crate::accounts::links;
use crate::accounts::own::{email_taken, save_problem};
use crate::accounts::password_check::{target, turn_keys};
use crate::accounts::user_json::newcomer_json;
use crate::handler::{
    ApiError, ApiState, Check, Extension, LimitedCaller, Problem, RateLimit, RequestContext, State,
    StatusCode,
};
use fairseat_contract::accounts::UserJson;

use crate::idempotency::{Answer, Claimed, IdempotencyHeader, IdempotentBody};
use fairseat_app::access::Password;
use fairseat_domain::ids::AccountId;
use fairseat_store::one_time_tokens::Purpose;
use fairseat_store::users::{NewUser, User};
use serde::Deserialize;
use std::net::IpAddr;
use utoipa::ToSchema;

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Registration {
    #[schema(format = Email, max_length = 254)]
    email: String,
    /// The name that others see; it need not be unique
    #[schema(min_length = 1, max_length = 100)]
    username: String,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 1024)]
    password: Password,
    #[serde(default)]
    #[schema(max_length = 50, pattern = r"^([-+/.() ]*[0-9]){3,20}[-+/.() ]*$")]
    phone_number: Option<String>,
}

/// Make an account
///
/// The account can sign in and buy at once. A message asks the person to confirm the address.
#[utoipa::path(post, path = "/auth/register", tag = "Accounts", security(()), params(IdempotencyHeader),
    request_body = Registration,
    responses((status = 201, body = UserJson), (status = 409, description = "`email_taken`")))]
pub(crate) async fn register(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    IdempotentBody { body, key }: IdempotentBody<Registration>,
) -> Result<Answer, ApiError> {
    app.check_limit(RateLimit::Registration, LimitedCaller::address(context.client))?;
    let doing = app.clone();
    key.once(&app, None, |claimed| async move { open_account(&doing, body, claimed, context.client).await })
        .await
}

async fn open_account(
    app: &ApiState,
    body: Registration,
    claimed: Claimed,
    client: IpAddr,
) -> Result<Answer, ApiError> {
    let mut check = Check::new();
    let email = check_email(&mut check, "email", &body.email);
    let username = check_username(&mut check, &body.username);
    let phone_number = body.phone_number.map(|text| check_phone_number(&mut check, &text));
    check_password(&mut check, "password", &body.password, &[&email, &username]);
    check.finish()?;
    let users = app.store.users();
    if let Some(id) = claimed.created {
        let user = users.by_id(AccountId(id)).await?.ok_or_else(Problem::not_found)?;
        return newcomer(app, user).await;
    }
    // Checked before the password is hashed, because hashing is expensive. The insertion checks it once more.
    if users.by_email(&email).await?.is_some() {
        return Err(email_taken().into());
    }
    let password_hash =
        app.access.passwords.hash(body.password, turn_keys(client, target(app, &email))).await?;
    let new =
        NewUser { email, username, password_hash, phone_number, is_admin: false, email_verified: false };
    newcomer(app, users.create(new, claimed.key, app.now()).await.map_err(save_problem)?).await
}

async fn newcomer(app: &ApiState, user: User) -> Result<Answer, ApiError> {
    links::send_link(app, user.id, Purpose::VerifyEmail).await;
    Answer::json(StatusCode::CREATED, &newcomer_json(user))
}
