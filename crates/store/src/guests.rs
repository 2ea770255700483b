//! Guests: accounts without an address and a password, each for one browser.
//!
//! What must hold: a guest has no address until it registers, so nobody can sign in to it with a password or be written to through it; a guest
//! that ever tried to buy is not deleted while its orders need it.

use crate::error::StoreError;
use crate::idempotency::{self, ScopeKey};
use crate::limits::SESSION_IDLE;
use crate::sql::{Sql, cell, values};
use crate::users::{self, NewUser, SaveUserError, User, Users};
use crate::{contacts, email, mailbox, one_time_tokens, outbox};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use uuid::Uuid;

/// Guests deleted in one transaction.
const PURGED_AT_ONCE: u32 = 1_000;

impl Users<'_> {
    /// Creates a guest under a new random id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_guest(&self, claim: Option<ScopeKey>, now: Timestamp) -> Result<User, StoreError> {
        self.0
            .write("users.create_guest", move |sql| {
                let id = AccountId(Uuid::new_v4().as_u128());
                let text = "INSERT INTO users (id, email, username, password_hash, is_admin, auth_epoch, created_at, \
                            updated_at, search_key, guest) VALUES (?1, '', '', '', 0, 0, ?2, ?2, '', 1)";
                sql.execute(text, &values![id, now])?;
                idempotency::record_created(sql, claim, id.0)?;
                users::by_id(sql, id)?.ok_or(StoreError::Unreadable("a guest just created"))
            })
            .await
    }

    /// Makes a guest a full account, which keeps its id, its sessions and all it has. `None` when there is no such guest.
    ///
    /// # Errors
    /// [`SaveUserError::EmailTaken`] when another account has the address.
    pub async fn register_guest(
        &self,
        guest: AccountId,
        new: NewUser,
        claim: Option<ScopeKey>,
        now: Timestamp,
    ) -> Result<Option<User>, SaveUserError> {
        self.0
            .write("users.register_guest", move |sql| {
                let user = register(sql, guest, &new, now)?;
                idempotency::record_created(sql, claim, guest.0)?;
                Ok(user)
            })
            .await
    }
}

fn register(
    sql: &Sql<'_>,
    guest: AccountId,
    new: &NewUser,
    now: Timestamp,
) -> Result<Option<User>, SaveUserError> {
    users::refuse_taken(sql, &new.email, Some(guest), now)?;
    // The account counts as opened now, so that a guest cannot be kept to pass for an old account.
    let text = "UPDATE users SET email = ?2, email_key = ?3, username = ?4, password_hash = ?5, phone_number = ?6, \
                email_verified_at = ?7, created_at = ?8, updated_at = ?8, search_key = ?9, guest = 0 \
                WHERE id = ?1 AND guest = 1 AND deleted_at IS NULL";
    let key = email::key(&new.email);
    let values = values![
        guest,
        new.email.trim().to_owned(),
        key,
        new.username,
        new.password_hash,
        new.phone_number,
        new.email_verified.then_some(now),
        now,
        users::search_key(&new.username, &new.email),
    ];
    if sql.execute(text, &values)? == 0 {
        return Ok(None);
    }
    contacts::drop_of(sql, guest, Some(&key))?;
    Ok(users::by_id(sql, guest)?)
}

/// Deletes old guests that never tried to buy. A session of a browser lasts no longer than that.
pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    let text = "SELECT id FROM users u WHERE guest = 1 AND deleted_at IS NULL AND created_at <= ?1 \
                AND NOT EXISTS (SELECT 1 FROM order_contacts c WHERE c.user_id = u.id) \
                AND NOT EXISTS (SELECT 1 FROM order_views o WHERE o.buyer = u.id) \
                AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.expires_at > ?2) LIMIT ?3";
    let old: Vec<AccountId> = sql.all(text, &values![now.minus(SESSION_IDLE), now, PURGED_AT_ONCE], cell)?;
    for guest in old {
        one_time_tokens::drop_all(sql, guest)?;
        outbox::drop_all(sql, guest)?;
        mailbox::drop_all(sql, guest)?;
        sql.execute("DELETE FROM sessions WHERE user_id = ?1", &values![guest])?;
        sql.execute("DELETE FROM users WHERE id = ?1", &values![guest])?;
    }
    Ok(())
}
