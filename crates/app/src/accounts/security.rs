//! Changes of password and e-mail address, and links in letters. Each change ends all other sessions at once and tells the owner in a letter.
//!
//! What must always hold: the letter about a new address goes to the former one, so that the owner learns of it also when somebody else has
//! taken the account over. The secret in a link is derived from the link's number when the letter is sent, so no queue, log or answer
//! contains it.

use crate::access::secret_token::SecretToken;
use crate::account_letters::{address_message, password_message};
use crate::app::App;
use crate::failure::{Failure, OrFailure};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Millis;
use fairseat_store::address_undos::NewUndo;
use fairseat_store::one_time_tokens::Purpose;
use fairseat_store::outbox::Message;
use fairseat_store::users::{PasswordHash, ProfileChanges, SaveUserError, SecurityChange, User};
use fairseat_store::{SessionId, StoreError};
use serde_json::json;
use uuid::Uuid;

const VERIFY_EMAIL_TTL: Millis = Millis::from_seconds(3 * 24 * 3600);
const RESET_PASSWORD_TTL: Millis = Millis::from_seconds(3600);
/// How long the owner of a former address can take the account back.
const UNDO_ADDRESS_TTL: Millis = Millis::from_seconds(7 * 24 * 3600);

/// The right to queue one letter. Who queues a letter to an address that somebody typed counts it first, and says so with this.
#[derive(Debug)]
pub struct LetterPermit(());

impl LetterPermit {
    /// A permit. Only the code that counts letters may make one.
    #[must_use]
    pub const fn counted() -> Self {
        Self(())
    }
}

/// Queues a letter with a link. A failure is logged and not reported to the caller, who can ask for another letter.
pub async fn send_link(app: &App, user: AccountId, purpose: Purpose, _permit: LetterPermit) {
    if let Err(error) = try_send_link(app, user, purpose).await {
        tracing::warn!(kind = purpose.name(), %error, "a message was not queued");
    }
}

async fn try_send_link(app: &App, user: AccountId, purpose: Purpose) -> Result<(), StoreError> {
    let link = Uuid::new_v4();
    let token = SecretToken::of_link(&app.keys.links, link);
    let now = app.now();
    let ttl = match purpose {
        Purpose::VerifyEmail => VERIFY_EMAIL_TTL,
        Purpose::ResetPassword => RESET_PASSWORD_TTL,
    };
    let expires_at = now.plus(ttl);
    app.store.one_time_tokens().issue(user, purpose, token.hash(), now, expires_at).await?;
    let message = Message {
        dedupe_key: format!("{}:{}", purpose.name(), link),
        kind: purpose.name().to_owned(),
        recipient: user,
        event: None,
        as_of: None,
        data: json!({"link": link}).to_string(),
        expires_at,
    };
    app.store.outbox().queue(message, now).await?;
    Ok(())
}

/// Sets a new password. `keep` is the session that asks for it; the others end. Without a permit nobody is told.
///
/// # Errors
/// When the store fails.
pub async fn change_password(
    app: &App,
    account: AccountId,
    hash: PasswordHash,
    keep: Option<SessionId>,
    permit: Option<LetterPermit>,
) -> Result<(), Failure> {
    let (store, now) = (app.store.clone(), app.now());
    let letter = permit.map(|_permit| password_message(account, now));
    let change = async move {
        store.users().change_password(account, hash, SecurityChange { keep, letter, undo: None }, now).await
    };
    app.access.changing(account, change).await??;
    Ok(())
}

/// Saves changes with another address. `keep` is the session that asks for it; the others end. `None` when there is no such account.
/// Without a permit the owner is not told.
///
/// # Errors
/// [`SaveUserError`], or a failure.
pub async fn change_address(
    app: &App,
    user: User,
    changes: ProfileChanges,
    keep: SessionId,
    permit: Option<LetterPermit>,
) -> Result<Option<User>, OrFailure<SaveUserError>> {
    let (store, now) = (app.store.clone(), app.now());
    let link = Uuid::new_v4();
    let undo = user.email_verified_at.is_some().then(|| NewUndo {
        token: SecretToken::of_link(&app.keys.links, link).hash(),
        expires_at: now.plus(UNDO_ADDRESS_TTL),
    });
    let offered = undo.map(|undo| (link, undo.expires_at));
    let letter = permit.map(|_permit| address_message(user.id, user.email.clone(), offered, now));
    let on_new_address = SecurityChange { keep: Some(keep), letter, undo };
    let change = async move { store.users().update_profile(user.id, changes, on_new_address, now).await };
    app.access.changing(user.id, change).await?.map_err(OrFailure::Refused)
}

/// Gives an account its former address back, and a new password, with the token of the link in the letter to that address. Returns whether the
/// link worked.
///
/// # Errors
/// When the store fails.
pub async fn undo_address(app: &App, token: &str, hash: PasswordHash) -> Result<bool, Failure> {
    let now = app.now();
    let letter = move |owner| password_message(owner, now);
    let undone = app.store.users().undo_address(SecretToken::hash_of(token), hash, letter, now).await?;
    if let Some(account) = undone {
        app.access.access_changed(account);
    }
    Ok(undone.is_some())
}
