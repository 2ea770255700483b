//! Links that give an account its former address back, for an owner whose account was taken over.
//!
//! What must hold: a link works once, and for some days; whoever changed the address, or changes it again, or the password, cannot make it
//! stop working, nor delete the account meanwhile. Until it expires, no other account can get the former address. Only a confirmed address is kept: another one may be a
//! stranger's.

use crate::error::StoreError;
use crate::outbox::Message;
use crate::sessions::TokenHash;
use crate::sql::{Row, Sql, values};
use crate::users::{PasswordHash, User};
use crate::{email, one_time_tokens, outbox, sessions, users};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// The link in the letter about a new address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewUndo {
    /// The hash of its secret.
    pub token: TokenHash,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// The former address of an account.
struct Former {
    user: AccountId,
    email: String,
    verified_at: Timestamp,
}

fn read(row: &Row<'_>) -> Result<Former, StoreError> {
    Ok(Former { user: row.next()?, email: row.next()?, verified_at: row.next()? })
}

/// Keeps the address that an account has now, if it is confirmed.
pub(crate) fn keep(sql: &Sql<'_>, user: &User, undo: NewUndo) -> Result<(), StoreError> {
    let Some(verified_at) = user.email_verified_at else { return Ok(()) };
    let text = "INSERT INTO address_undos (hash, user_id, email, email_key, verified_at, expires_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let NewUndo { token, expires_at } = undo;
    let values = values![token, user.id, user.email, email::key(&user.email), verified_at, expires_at];
    sql.execute(text, &values).map(drop)
}

/// Whether another account than `user` had this address lately and may get it back.
pub(crate) fn is_kept_for_another(
    sql: &Sql<'_>,
    address: &str,
    user: Option<AccountId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let text =
        "SELECT COUNT(*) FROM address_undos WHERE email_key = ?1 AND expires_at > ?2 AND user_id <> ?3";
    let user = user.unwrap_or(AccountId(0));
    Ok(sql.count(text, &values![email::key(address), now, user])? > 0)
}

/// Uses a link: the account gets its former address back, and a new password. That ends all its sessions and links, this one included.
pub(crate) fn undo(
    sql: &Sql<'_>,
    token: TokenHash,
    password: &PasswordHash,
    letter: impl FnOnce(AccountId) -> Message,
    now: Timestamp,
) -> Result<Option<AccountId>, StoreError> {
    let text =
        "DELETE FROM address_undos WHERE hash = ?1 AND expires_at > ?2 RETURNING user_id, email, verified_at";
    let Some(Former { user, email, verified_at }) = sql.one(text, &values![token, now], read)? else {
        return Ok(None);
    };
    let Some(account) = users::by_id(sql, user)? else { return Ok(None) };
    let text = "UPDATE users SET email = ?2, email_key = ?3, email_verified_at = ?4, password_hash = ?5, updated_at = ?6, \
                search_key = ?7, auth_epoch = auth_epoch + 1 WHERE id = ?1";
    let search_key = users::search_key(&account.username, &email);
    let key = email::key(&email);
    sql.execute(text, &values![user, email, key, verified_at, *password, now, search_key])?;
    sessions::revoke_all(sql, user, None, now)?;
    one_time_tokens::drop_all(sql, user)?;
    drop_all(sql, user)?;
    outbox::queue(sql, &letter(user), now)?;
    Ok(Some(user))
}

/// Until when the account can be taken back; `None` when there is no such link.
pub(crate) fn open_until(
    sql: &Sql<'_>,
    user: AccountId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let text = "SELECT MAX(expires_at) FROM address_undos WHERE user_id = ?1 AND expires_at > ?2";
    Ok(sql.one(text, &values![user, now], |row| row.next::<Option<Timestamp>>())?.flatten())
}

/// Deletes what is kept for an account.
pub(crate) fn drop_all(sql: &Sql<'_>, user: AccountId) -> Result<(), StoreError> {
    sql.execute("DELETE FROM address_undos WHERE user_id = ?1", &values![user]).map(drop)
}

pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM address_undos WHERE expires_at <= ?1", &values![now]).map(drop)
}
