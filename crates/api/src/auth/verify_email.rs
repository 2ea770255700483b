//! `POST /auth/verify-email`, and `POST /auth/verify-email/resend`, which sends another message with a link.

use crate::accounts::letters;
use crate::accounts::own::{own_account, unusable_token};
use crate::handler::*;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_app::accounts::send_link;
use fairseat_contract::accounts::{MessageAccepted, Verification};
use fairseat_store::one_time_tokens::Purpose;

/// Confirm an e-mail address
#[utoipa::path(post, path = "/auth/verify-email", tag = "Accounts", security(()), request_body = Verification,
    responses((status = 204, description = "Confirmed"), (status = 422, description = "The token is unknown, used or expired")))]
pub(crate) async fn verify_email(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<Verification>,
) -> Result<StatusCode, ApiError> {
    app.check_limit(RateLimit::PasswordResetByAddress, LimitedCaller::address(context.client)).await?;
    let (store, now) = (&app.store, app.now());
    let token = SecretToken::hash_of(&body.token);
    let user = store.one_time_tokens().consume(Purpose::VerifyEmail, token, now).await?;
    let user = user.ok_or_else(unusable_token)?;
    store.users().set_verified(user, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for another message that confirms your address
///
/// Links of earlier messages stay valid until they expire.
#[utoipa::path(post, path = "/auth/verify-email/resend", tag = "Accounts",
    responses((status = 202, body = MessageAccepted), (status = 409, description = "The address is confirmed already")))]
pub(crate) async fn resend_verification(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
) -> Result<(StatusCode, Json<MessageAccepted>), ApiError> {
    app.check_limit(RateLimit::PasswordResetByAddress, LimitedCaller::address(context.client)).await?;
    signed_in.require_address()?;
    let user = own_account(&app, &signed_in).await?;
    if user.email_verified_at.is_some() {
        return Err(Problem::new(Code::Conflict, "Your e-mail address is confirmed already.").into());
    }
    let permit = letters::permit_link(&app, &user).await?;
    send_link(&app, user.id, Purpose::VerifyEmail, permit).await;
    Ok((StatusCode::ACCEPTED, Json(MessageAccepted::ACCEPTED)))
}
