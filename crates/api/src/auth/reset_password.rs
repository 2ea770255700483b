//! `POST /auth/reset-password`: sets a new password with the token of a link.

use crate::accounts::fields::check_password;
use crate::accounts::letters;
use crate::accounts::own::unusable_token;
use crate::caller::turn_keys;
use crate::handler::*;
use fairseat_app::access::Password;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_app::accounts::{change_password, guesses_at};
use fairseat_store::one_time_tokens::Purpose;

/// A new password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct PasswordReset {
    /// From the link in the message
    token: String,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 1024)]
    password: Password,
}

/// Set a new password
///
/// Ends every session of the account. Whoever sets it can sign in at once from the same network address, however many wrong passwords others
/// have tried.
#[utoipa::path(post, path = "/auth/reset-password", tag = "Accounts", security(()), request_body = PasswordReset,
    responses((status = 204, description = "Set; sign in with it"),
        (status = 422, description = "The token is unknown, used or expired, or the password is not acceptable")))]
pub(crate) async fn reset_password(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<PasswordReset>,
) -> Result<StatusCode, ApiError> {
    app.check_limit(RateLimit::PasswordResetByAddress, LimitedCaller::address(context.client)).await?;
    let mut check = Check::new();
    check_password(&mut check, "password", &body.password, &[]);
    check.finish()?;
    // Hashed first: if the queue of hashes is full, the token stays unused.
    let password_hash = app.access.passwords.hash(body.password, turn_keys(context.client, 0)).await?;
    let (store, now) = (&app.store, app.now());
    let token = SecretToken::hash_of(&body.token);
    let user = store.one_time_tokens().consume(Purpose::ResetPassword, token, now).await?;
    let user = user.ok_or_else(unusable_token)?;
    // Opening the link proves that the person can read mail sent to the address.
    let permit = Some(letters::to_confirmed_address());
    change_password(&app, user, password_hash, None, permit).await?;
    store.users().set_verified(user, now).await?;
    app.access.access_changed(user);
    // It also proves that it is the owner who signs in next from here, so that strangers who guess cannot keep them out.
    if let Some(owner) = store.users().by_id(user).await? {
        app.edge.logins.owner_is_at(guesses_at(&app.keys, &owner.email), context.client).await;
    }
    Ok(StatusCode::NO_CONTENT)
}
