//! Changes of password and e-mail address. Each ends all other sessions at once and tells the owner in a letter.
//!
//! What must always hold: the letter about a new address goes to the former one, so that the owner learns of it also when
//! somebody else has taken the account over.

use crate::accounts::letters::{self, LetterPermit};
use crate::accounts::own::save_problem;
use crate::handler::{ApiError, ApiState, Problem};
use fairseat_app::account_letters::{address_message, password_message};
use fairseat_domain::ids::AccountId;
use fairseat_store::SessionId;
use fairseat_store::users::{PasswordHash, ProfileChanges, SecurityChange, User};
use std::net::IpAddr;

/// Sets a new password. `keep` is the session that asks for it; the others end. Without a permit nobody is told.
pub(crate) async fn change_password(
    app: &ApiState,
    account: AccountId,
    hash: PasswordHash,
    keep: Option<SessionId>,
    permit: Option<LetterPermit>,
) -> Result<(), ApiError> {
    let (store, now) = (app.store.clone(), app.now());
    let letter = permit.map(|_permit| password_message(account, now));
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
    client: IpAddr,
) -> Result<User, ApiError> {
    let (store, now) = (app.store.clone(), app.now());
    let permit = permit_for_owner(app, &user, client);
    let letter = permit.map(|_permit| address_message(user.id, user.email.clone(), now));
    let on_new_address = SecurityChange { keep: Some(keep), letter };
    let change = async move { store.users().update_profile(user.id, changes, on_new_address, now).await };
    let saved = app.access.changing(user.id, change).await?.map_err(save_problem)?;
    Ok(saved.ok_or_else(Problem::not_found)?)
}

/// The permit for a letter to the present address of an account. A confirmed address always gets it. Another one gets it within the limits,
/// because it may be a stranger's.
pub(crate) fn permit_for_owner(app: &ApiState, user: &User, client: IpAddr) -> Option<LetterPermit> {
    match user.email_verified_at {
        Some(_) => Some(letters::to_confirmed_address()),
        None => letters::permit(app, Some(user.id), client, &user.email).ok(),
    }
}
