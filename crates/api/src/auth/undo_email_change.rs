//! `POST /auth/undo-email-change`: takes an account back with the link in the letter to its former address.

use crate::accounts::fields::check_password;
use crate::accounts::own::unusable_token;
use crate::caller::turn_keys;
use crate::handler::*;
use fairseat_app::access::Password;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_app::accounts::undo_address;

/// A new password for an account that is taken back.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AddressUndo {
    /// From the link in the message to the former address
    token: String,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 1024)]
    password: Password,
}

/// Undo a change of the e-mail address
///
/// For an owner whose account was taken over. The account gets back the confirmed address that it had before the change, and this password; all
/// its sessions end, and no other link works any more. The link works once, for 7 days, also if address or password were changed again meanwhile.
#[utoipa::path(post, path = "/auth/undo-email-change", tag = "Accounts", security(()), request_body = AddressUndo,
    responses((status = 204, description = "Undone; sign in with the former address and the new password"),
        (status = 422, description = "The token is unknown, used or expired, or the password is not acceptable")))]
pub(crate) async fn undo_email_change(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<AddressUndo>,
) -> Result<StatusCode, ApiError> {
    app.check_limit(RateLimit::PasswordResetByAddress, LimitedCaller::address(context.client)).await?;
    let mut check = Check::new();
    check_password(&mut check, "password", &body.password, &[]);
    check.finish()?;
    // Hashing is expensive, so a token that does not work is refused before.
    let known = app.store.users().can_undo_address(SecretToken::hash_of(&body.token), app.now()).await?;
    if !known {
        return Err(unusable_token().into());
    }
    let hash = app.access.passwords.hash(body.password, turn_keys(context.client, 0)).await?;
    match undo_address(&app, &body.token, hash).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unusable_token().into()),
    }
}
