//! Changes of password and e-mail address. Each ends all other sessions at once and tells the owner in a letter.
//!
//! What must always hold: the letter about a new address goes to the former one, so that whoever takes an account over cannot keep its owner
//! from learning of it.

use crate::accounts::own::save_problem;
use crate::handler::{ApiError, ApiState, Problem, Uuid};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Millis;
use fairseat_store::SessionId;
use fairseat_store::outbox::Message;
use fairseat_store::users::{PasswordHash, ProfileChanges, SecurityChange, User};
use serde_json::json;

/// How long it makes sense to send these letters.
const USEFUL_FOR: Millis = Millis::from_seconds(3 * 24 * 3600);

/// Sets a new password. `keep` is the session that asks for it; the others end.
pub(crate) async fn change_password(
    app: &ApiState,
    account: AccountId,
    hash: PasswordHash,
    keep: Option<SessionId>,
) -> Result<(), ApiError> {
    let (store, now) = (app.store.clone(), app.now());
    let data = json!({"changed_at": now.as_millis()});
    let letter = Some(letter(app, account, "password_changed", &data));
    let change = async move {
        store.users().change_password(account, hash, SecurityChange { keep, letter }, now).await
    };
    app.access.changing(account, change).await??;
    Ok(())
}

/// Saves changes with another address. `keep` is the session that asks for it; the others end.
pub(crate) async fn change_address(
    app: &ApiState,
    user: User,
    changes: ProfileChanges,
    keep: SessionId,
) -> Result<User, ApiError> {
    let (store, now) = (app.store.clone(), app.now());
    let data = json!({"changed_at": now.as_millis(), "former_address": user.email});
    let letter = Some(letter(app, user.id, "email_changed", &data));
    let on_new_address = SecurityChange { keep: Some(keep), letter };
    let change = async move { store.users().update_profile(user.id, changes, on_new_address, now).await };
    let saved = app.access.changing(user.id, change).await?.map_err(save_problem)?;
    Ok(saved.ok_or_else(Problem::not_found)?)
}

fn letter(app: &ApiState, recipient: AccountId, kind: &str, data: &serde_json::Value) -> Message {
    Message {
        dedupe_key: format!("{kind}:{}", Uuid::new_v4()),
        kind: kind.to_owned(),
        recipient,
        event: None,
        as_of: None,
        data: data.to_string(),
        expires_at: app.now().plus(USEFUL_FOR),
    }
}
