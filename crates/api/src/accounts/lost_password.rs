//! Forgotten passwords: a link to the address, and a new password for whoever follows it.

use super::fields::{check_email, check_password};
use super::messages;
use super::verify_email::unusable_token;
use crate::error::ApiError;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_app::access::Password;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_edge::body::Body;
use fairseat_edge::check::Check;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_store::one_time_tokens::Purpose;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
pub(super) struct ForgottenPassword {
    #[schema(format = Email)]
    email: String,
}

/// The same whether the address has an account or not.
#[derive(Serialize, ToSchema)]
pub(super) struct MessagePromised {
    #[schema(example = "accepted")]
    status: &'static str,
}

impl MessagePromised {
    pub(super) const ACCEPTED: Self = Self { status: "accepted" };
}

/// A new password.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordReset {
    /// From the link in the message
    token: String,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 1024)]
    password: Password,
}

/// Ask for a new password
///
/// Sends a link if the address has an account; the answer does not tell.
#[utoipa::path(post, path = "/auth/forgot-password", tag = "Accounts", security(()), request_body = ForgottenPassword,
    responses((status = 202, body = MessagePromised)))]
pub(super) async fn forgot_password(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<ForgottenPassword>,
) -> Result<(StatusCode, Json<MessagePromised>), ApiError> {
    app.check_limit(Class::PasswordResetByAddress, Who::address(context.client))?;
    let mut check = Check::new();
    let email = check_email(&mut check, "email", &body.email);
    check.finish()?;
    // Answered before anything is looked up, so that no stop-watch tells whether there was anything to do.
    drop(tokio::spawn(async move { send_link(&app, &email).await }));
    Ok((StatusCode::ACCEPTED, Json(MessagePromised::ACCEPTED)))
}

async fn send_link(app: &ApiState, email: &str) {
    match app.store.users().by_email(email).await {
        Ok(Some(user)) => {
            // Nobody's mailbox is filled by strangers; the refusal is kept from them, too.
            let wanted = app.check_limit(Class::PasswordResetByAccount, Who::Account(user.id));
            if wanted.is_ok() {
                messages::send_link(app, user.id, Purpose::ResetPassword).await;
            }
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "a forgotten password was not looked up"),
    }
}

/// Set a new password
///
/// Ends every session of the account.
#[utoipa::path(post, path = "/auth/reset-password", tag = "Accounts", security(()), request_body = PasswordReset,
    responses((status = 204, description = "Set; sign in with it"),
        (status = 422, description = "The token is unknown, used or over, or the password will not do")))]
pub(super) async fn reset_password(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<PasswordReset>,
) -> Result<StatusCode, ApiError> {
    app.check_limit(Class::PasswordResetByAddress, Who::address(context.client))?;
    let mut check = Check::new();
    check_password(&mut check, "password", &body.password);
    check.finish()?;
    // Hashed first: a token that was used up must not be lost to a full queue.
    let password_hash = app.access.passwords.hash(body.password).await?;
    let (store, now) = (&app.store, app.now());
    let token = SecretToken::hash_of(&body.token);
    let user = store.one_time_tokens().consume(Purpose::ResetPassword, token, now).await?;
    let user = user.ok_or_else(unusable_token)?;
    store.users().change_password(user, password_hash, now).await?;
    // Whoever followed the link reads the address's mail.
    store.users().set_verified(user, now).await?;
    app.access.access_changed(user);
    Ok(StatusCode::NO_CONTENT)
}
