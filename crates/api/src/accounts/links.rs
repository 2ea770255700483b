//! Links in messages. Opening a link proves that the person can read mail sent to that address.
//!
//! Messages with links are queued here, and the mailer sends them. The secret in a link is derived from the link's number when the message
//! is sent, so no queue, log or answer contains it.

use crate::accounts::letters::LetterPermit;
use crate::handler::{ApiError, ApiState, Problem, Uuid};
use fairseat_app::access::secret_token::SecretToken;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Millis;
use fairseat_store::one_time_tokens::Purpose;
use fairseat_store::outbox::Message;
use serde_json::json;

const VERIFY_EMAIL_TTL: Millis = Millis::from_seconds(3 * 24 * 3600);

const RESET_PASSWORD_TTL: Millis = Millis::from_seconds(3600);

/// Queues a message with a link. A failure is logged and not reported to the caller, who can ask for another message.
pub(crate) async fn send_link(app: &ApiState, user: AccountId, purpose: Purpose, _permit: LetterPermit) {
    if let Err(problem) = try_send_link(app, user, purpose).await {
        tracing::warn!(kind = purpose.name(), code = problem.0.code().name(), "a message was not queued");
    }
}

async fn try_send_link(app: &ApiState, user: AccountId, purpose: Purpose) -> Result<(), ApiError> {
    let link = Uuid::new_v4();
    let token = SecretToken::of_link(&app.keys.links, link);
    let now = app.now();
    let ttl = match purpose {
        Purpose::VerifyEmail => VERIFY_EMAIL_TTL,
        Purpose::ResetPassword => RESET_PASSWORD_TTL,
    };
    let store = &app.store;
    let expires_at = now.plus(ttl);
    store.one_time_tokens().issue(user, purpose, token.hash(), now, expires_at).await?;
    let message = Message {
        dedupe_key: format!("{}:{}", purpose.name(), link),
        kind: purpose.name().to_owned(),
        recipient: user,
        event: None,
        as_of: None,
        data: json!({"link": link}).to_string(),
        expires_at,
    };
    store.outbox().queue(message, now).await?;
    Ok(())
}

/// The answer for a token that is unknown, used or expired; it does not say which of these.
pub(crate) fn unusable_token() -> Problem {
    Problem::invalid("token", "is unknown, was used, or its time is up: ask for another message")
}
