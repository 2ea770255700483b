//! Accounts. A deleted account keeps its row, because orders refer to it, but the row no longer contains personal details.
//!
//! What must hold: an e-mail address, compared without regard to case, belongs to at most one account that is not deleted.

use crate::address_undos::{self, NewUndo};
use crate::database::Database;
use crate::error::StoreError;
use crate::idempotency::{self, ScopeKey};
use crate::ids::{OrganizationId, SessionId};
use crate::outbox::Message;
use crate::search::fold;
use crate::sessions::TokenHash;
use crate::sql::{Row, Sql, values};
use crate::{contacts, email, invitations, mailbox, one_time_tokens, outbox, sessions};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use std::fmt;
use uuid::Uuid;

/// A password's hash: a PHC string, which `Debug` hides.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(secret)")
    }
}

crate::sql::column_as! {
    PasswordHash as String: |this| this.0.clone(), |stored| Some(Self(stored));
}

/// An account that is not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id, which is also in facts.
    pub id: AccountId,
    /// The e-mail address as entered.
    pub email: String,
    /// The display name, which need not be unique.
    pub username: String,
    /// The password's hash.
    pub password_hash: PasswordHash,
    /// The phone number as entered.
    pub phone_number: Option<String>,
    /// Whether the account administers the whole platform.
    pub is_admin: bool,
    /// Whether it is a guest: an account without an address (`email` is empty) and without a password.
    pub guest: bool,
    /// Counts the changes of password and address. No session begins with what was checked before such a change.
    pub auth_epoch: u64,
    /// When the e-mail address was verified.
    pub email_verified_at: Option<Timestamp>,
    /// When the account was opened.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, email, username, password_hash, phone_number, is_admin, guest, auth_epoch, email_verified_at, \
                       created_at, updated_at";

fn read(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: row.next()?,
        email: row.next()?,
        username: row.next()?,
        password_hash: row.next()?,
        phone_number: row.next()?,
        is_admin: row.next()?,
        guest: row.next()?,
        auth_epoch: row.next()?,
        email_verified_at: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

/// A new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// At most [`crate::limits::MAX_EMAIL_CHARS`] characters.
    pub email: String,
    /// At most [`crate::limits::MAX_USERNAME_CHARS`] characters.
    pub username: String,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// At most [`crate::limits::MAX_PHONE_CHARS`] characters.
    pub phone_number: Option<String>,
    /// Whether the account administers the whole platform.
    pub is_admin: bool,
    /// Whether the address counts as verified; true for accounts that an operator creates.
    pub email_verified: bool,
}

/// Changes of a profile; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChanges {
    /// A new e-mail address, which is unverified at first.
    pub email: Option<String>,
    /// A new display name.
    pub username: Option<String>,
    /// A new phone number; `Some(None)` removes it.
    pub phone_number: Option<Option<String>>,
}

/// What a change of password or address brings about in the same transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecurityChange {
    /// The session that asks for the change. All other sessions of the account end.
    pub keep: Option<SessionId>,
    /// The letter that tells the owner.
    pub letter: Option<Message>,
    /// For another address: the link that gives the account its address of now back, if that is confirmed.
    pub undo: Option<NewUndo>,
}

/// Why an account could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveUserError {
    /// Another account has this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The outcome of deleting an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// Its personal details, sessions and memberships are deleted.
    Deleted,
    /// Refused: it is the only owner of these organizations, which have other members. One of them must become owner first.
    LastOwner(Vec<OrganizationId>),
    /// Refused until then: the address was changed lately, and the link in the letter to the former one must still find the account.
    CanBeTakenBack(Timestamp),
    /// There is no such account, or it is deleted already.
    NotFound,
}

/// Accounts; from [`crate::Store::users`].
#[derive(Clone, Copy, Debug)]
pub struct Users<'s>(pub(crate) &'s Database);

impl Users<'_> {
    /// Creates an account under a new random id. `claim` is the key of the request that creates it, claimed in
    /// [`crate::Store::idempotency`].
    ///
    /// # Errors
    /// [`SaveUserError::EmailTaken`], also for one of two simultaneous calls with the same address.
    pub async fn create(
        &self,
        new: NewUser,
        claim: Option<ScopeKey>,
        now: Timestamp,
    ) -> Result<User, SaveUserError> {
        self.0
            .write("users.create", move |sql| {
                let user = insert(sql, &new, now)?;
                idempotency::record_created(sql, claim, user.id.0)?;
                Ok(user)
            })
            .await
    }

    /// The account with this e-mail address, compared without regard to case, unless it is deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        // No text in PostgreSQL has this character, so it refuses to compare with it.
        if email.contains('\0') {
            return Ok(None);
        }
        let values = values![email::key(email)];
        let text = format!("SELECT {COLUMNS} FROM users WHERE email_key = ?1 AND deleted_at IS NULL");
        self.0.read("users.by_email", move |sql| sql.one(&text, &values, read)).await
    }

    /// The account with this id, unless it is deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_id(&self, id: AccountId) -> Result<Option<User>, StoreError> {
        self.0.read("users.by_id", move |sql| by_id(sql, id)).await
    }

    /// Changes name, phone number or e-mail address. A new address is unverified, links sent to the old one stop working, and what
    /// `on_new_address` says is done. Returns the changed account, or `None` when there is no such account.
    ///
    /// # Errors
    /// [`SaveUserError::EmailTaken`] when another account has the new address.
    pub async fn update_profile(
        &self,
        id: AccountId,
        changes: ProfileChanges,
        on_new_address: SecurityChange,
        now: Timestamp,
    ) -> Result<Option<User>, SaveUserError> {
        let work = move |sql: &Sql<'_>| update_profile(sql, id, &changes, &on_new_address, now);
        self.0.write("users.update_profile", work).await
    }

    /// Sets a new password. That ends all other sessions and invalidates all links. Returns whether there is such an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_password(
        &self,
        id: AccountId,
        password_hash: PasswordHash,
        change: SecurityChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0
            .write("users.change_password", move |sql| {
                let text = "UPDATE users SET password_hash = ?2, updated_at = ?3 WHERE id = ?1 AND deleted_at IS NULL";
                let changed = sql.execute(text, &values![id, password_hash, now])? == 1;
                if changed {
                    secure(sql, id, &change, now)?;
                }
                Ok(changed)
            })
            .await
    }

    /// Gives an account the address back that it had before a change, and a new password, if `token` is the hash of the secret in the letter
    /// about that change. That ends all sessions and invalidates all links. Returns the account; `None` when the token is unknown, expired or
    /// used already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn undo_address(
        &self,
        token: TokenHash,
        password_hash: PasswordHash,
        letter: impl Fn(AccountId) -> Message + Send + 'static,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let work = move |sql: &Sql<'_>| address_undos::undo(sql, token, &password_hash, &letter, now);
        self.0.write("users.undo_address", work).await
    }

    /// Whether such a token works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn can_undo_address(&self, token: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let text = "SELECT COUNT(*) FROM address_undos WHERE hash = ?1 AND expires_at > ?2";
        let values = values![token, now];
        self.0.read("users.can_undo_address", move |sql| Ok(sql.count(text, &values)? > 0)).await
    }

    /// Replaces the hash of an unchanged password; sessions stay. Does nothing when the password was changed meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehash(
        &self,
        id: AccountId,
        old: PasswordHash,
        new: PasswordHash,
    ) -> Result<(), StoreError> {
        let text = "UPDATE users SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2";
        let values = values![id, old, new];
        self.0.write("users.rehash", move |sql| sql.execute(text, &values).map(drop)).await
    }

    /// Marks the e-mail address as verified; if it already is, the first time stays. Returns whether there is such an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_verified(&self, id: AccountId, now: Timestamp) -> Result<bool, StoreError> {
        let text = "UPDATE users SET email_verified_at = COALESCE(email_verified_at, ?2), updated_at = ?2 \
                    WHERE id = ?1 AND deleted_at IS NULL";
        let values = values![id, now];
        self.0.write("users.set_verified", move |sql| Ok(sql.execute(text, &values)? == 1)).await
    }

    /// Grants or withdraws the administrator's rights. Returns whether there is such an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_admin(&self, id: AccountId, is_admin: bool, now: Timestamp) -> Result<bool, StoreError> {
        let text = "UPDATE users SET is_admin = ?2, updated_at = ?3 WHERE id = ?1 AND deleted_at IS NULL";
        let values = values![id, is_admin, now];
        self.0
            .write("users.set_admin", move |sql| {
                if !is_admin {
                    invitations::end_those_of_administrator(sql, id)?;
                }
                Ok(sql.execute(text, &values)? == 1)
            })
            .await
    }

    /// Deletes an account's personal details, sessions and memberships; its e-mail address becomes free. Its orders stay, with the account's
    /// id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: AccountId, now: Timestamp) -> Result<Deletion, StoreError> {
        self.0.write("users.delete", move |sql| delete(sql, id, now)).await
    }
}

pub(crate) fn by_id(sql: &Sql<'_>, id: AccountId) -> Result<Option<User>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM users WHERE id = ?1 AND deleted_at IS NULL");
    sql.one(&text, &values![id], read)
}

fn insert(sql: &Sql<'_>, new: &NewUser, now: Timestamp) -> Result<User, SaveUserError> {
    refuse_taken(sql, &new.email, None, now)?;
    let id = AccountId(Uuid::new_v4().as_u128());
    let text = "INSERT INTO users (id, email, email_key, username, password_hash, phone_number, is_admin, auth_epoch, \
                email_verified_at, created_at, updated_at, search_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?9, ?10) \
                ON CONFLICT (email_key) DO NOTHING";
    let values = values![
        id,
        new.email.trim().to_owned(),
        email::key(&new.email),
        new.username,
        new.password_hash,
        new.phone_number,
        new.is_admin,
        new.email_verified.then_some(now),
        now,
        search_key(&new.username, &new.email),
    ];
    if sql.execute(text, &values)? == 0 {
        return Err(SaveUserError::EmailTaken);
    }
    Ok(by_id(sql, id)?.ok_or(StoreError::Unreadable("an account just opened"))?)
}

/// Ends everything that was begun with the former password or address, and queues the letter about it.
fn secure(sql: &Sql<'_>, id: AccountId, change: &SecurityChange, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("UPDATE users SET auth_epoch = auth_epoch + 1 WHERE id = ?1", &values![id])?;
    sessions::revoke_all(sql, id, change.keep, now)?;
    one_time_tokens::drop_all(sql, id)?;
    if let Some(letter) = &change.letter {
        outbox::queue(sql, letter, now)?;
    }
    Ok(())
}

fn update_profile(
    sql: &Sql<'_>,
    id: AccountId,
    changes: &ProfileChanges,
    on_new_address: &SecurityChange,
    now: Timestamp,
) -> Result<Option<User>, SaveUserError> {
    let Some(mut user) = by_id(sql, id)? else { return Ok(None) };
    if let Some(email) = changes.email.as_ref().map(|email| email.trim().to_owned()) {
        if email::key(&email) != email::key(&user.email) {
            refuse_taken(sql, &email, Some(id), now)?;
            if let Some(undo) = on_new_address.undo {
                address_undos::keep(sql, &user, undo)?;
            }
            secure(sql, id, on_new_address, now)?;
            user.auth_epoch = user.auth_epoch.saturating_add(1);
            user.email_verified_at = None;
        }
        user.email = email;
    }
    user.username = changes.username.clone().unwrap_or(user.username);
    user.phone_number = changes.phone_number.clone().unwrap_or(user.phone_number);
    user.updated_at = now;
    let text = "UPDATE users SET email = ?2, email_key = ?3, username = ?4, phone_number = ?5, email_verified_at = ?6, \
                updated_at = ?7, search_key = ?8 WHERE id = ?1";
    let key = email::key(&user.email);
    let values = values![
        id,
        user.email,
        key,
        user.username,
        user.phone_number,
        user.email_verified_at,
        user.updated_at,
        search_key(&user.username, &user.email),
    ];
    sql.execute(text, &values)?;
    Ok(Some(user))
}

/// The text in which the search for orders looks for an account. A domain in another script is found in both its forms.
pub(crate) fn search_key(username: &str, address: &str) -> String {
    let ascii = if address.is_ascii() { String::new() } else { email::key(address) };
    fold::plain(&format!("{username} {address} {ascii}"))
}

/// Folds the names and addresses of all accounts again.
pub(crate) fn refold(sql: &Sql<'_>) -> Result<(), StoreError> {
    let text = format!("SELECT {COLUMNS} FROM users WHERE deleted_at IS NULL");
    let users = sql.all(&text, &[], read)?;
    let row = |user: &User| values![user.id, search_key(&user.username, &user.email)].to_vec();
    sql.execute_each("UPDATE users SET search_key = ?2 WHERE id = ?1", users.iter().map(row))
}

/// Checks that an address is free, and that no other account than `user` may get it back. The transaction holds the write lock, so the address
/// stays free until it commits.
pub(crate) fn refuse_taken(
    sql: &Sql<'_>,
    email: &str,
    user: Option<AccountId>,
    now: Timestamp,
) -> Result<(), SaveUserError> {
    let taken = sql.count("SELECT COUNT(*) FROM users WHERE email_key = ?1", &values![email::key(email)])?;
    if taken > 0 || address_undos::is_kept_for_another(sql, email, user, now)? {
        return Err(SaveUserError::EmailTaken);
    }
    Ok(())
}

/// What an answer that names this account contains: its id, or its name and address as JSON writes them.
fn texts_in_answers(user: &User) -> [String; 3] {
    let in_json = |text: &str| serde_json::Value::from(text).to_string();
    [Uuid::from_u128(user.id.0).to_string(), in_json(&user.email), in_json(&user.username)]
}

fn delete(sql: &Sql<'_>, id: AccountId, now: Timestamp) -> Result<Deletion, StoreError> {
    let Some(user) = by_id(sql, id)? else { return Ok(Deletion::NotFound) };
    let orphaned = crate::organizations::left_ownerless_without(sql, id)?;
    if !orphaned.is_empty() {
        return Ok(Deletion::LastOwner(orphaned));
    }
    if let Some(until) = address_undos::open_until(sql, id, now)? {
        return Ok(Deletion::CanBeTakenBack(until));
    }
    sql.execute("DELETE FROM members WHERE user_id = ?1", &values![id])?;
    sessions::revoke_all(sql, id, None, now)?;
    one_time_tokens::drop_all(sql, id)?;
    address_undos::drop_all(sql, id)?;
    invitations::drop_all(sql, id, &user.email)?;
    outbox::drop_all(sql, id)?;
    mailbox::drop_all(sql, id)?;
    contacts::drop_of(sql, id, None)?;
    idempotency::forget_account(sql, id, &texts_in_answers(&user))?;
    let text = "UPDATE users SET email = NULL, email_key = NULL, username = '', password_hash = '', phone_number = NULL, search_key = '', \
                is_admin = 0, guest = 0, auth_epoch = auth_epoch + 1, email_verified_at = NULL, updated_at = ?2, deleted_at = ?2 \
                WHERE id = ?1";
    sql.execute(text, &values![id, now])?;
    Ok(Deletion::Deleted)
}
