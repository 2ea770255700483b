//! `POST /auth/forgot-password`: sends a link that sets a new password.

use crate::accounts::fields::check_email;
use crate::accounts::letters;
use crate::handler::*;
use fairseat_app::accounts;
use fairseat_contract::accounts::MessageAccepted;
use fairseat_store::one_time_tokens::Purpose;

/// The address of the account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ForgottenPassword {
    #[schema(format = Email)]
    email: String,
}

/// Ask for a new password
///
/// Sends a link if the address has an account. The answer is the same if it has none.
#[utoipa::path(post, path = "/auth/forgot-password", tag = "Accounts", security(()), request_body = ForgottenPassword,
    responses((status = 202, body = MessageAccepted)))]
pub(crate) async fn forgot_password(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Body(body): Body<ForgottenPassword>,
) -> Result<(StatusCode, Json<MessageAccepted>), ApiError> {
    app.check_limit(RateLimit::PasswordResetByAddress, LimitedCaller::address(context.client)).await?;
    let mut check = Check::new();
    let email = check_email(&mut check, "email", &body.email);
    check.finish()?;
    // Answers before the look-up, so that the response time does not reveal whether the address has an account.
    drop(tokio::spawn(async move { send_link(&app, &email).await }));
    Ok((StatusCode::ACCEPTED, Json(MessageAccepted::ACCEPTED)))
}

pub(crate) async fn send_link(app: &ApiState, email: &str) {
    match app.store.users().by_email(email).await {
        Ok(Some(user)) => {
            // These limits stop strangers from filling a mailbox. The caller does not learn that they were reached.
            if let Ok(permit) = letters::permit_link(app, &user).await {
                accounts::send_link(app, user.id, Purpose::ResetPassword, permit).await;
            }
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "a forgotten password was not looked up"),
    }
}
