//! Tokens in links sent by e-mail. They prove that the recipient reads that address; each is stored as a hash and works once.

use crate::database::Database;
use crate::error::StoreError;
use crate::limits::MAX_ONE_TIME_TOKENS;
use crate::sessions::TokenHash;
use crate::sql::{Sql, cell, text_enum, values};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

text_enum! {
    /// The purpose of a token; it can be used for nothing else.
    Purpose {
        /// Verifying an e-mail address.
        VerifyEmail = "verify_email",
        /// Setting a new password without the old one.
        ResetPassword = "reset_password",
    }
}

/// One-time tokens; from [`crate::Store::one_time_tokens`].
#[derive(Clone, Copy, Debug)]
pub struct OneTimeTokens<'s>(pub(crate) &'s Database);

impl OneTimeTokens<'_> {
    /// Stores a token. If the account has [`MAX_ONE_TIME_TOKENS`] of this purpose already, the oldest is deleted.
    ///
    /// # Errors
    /// When the database fails, or there is no such account.
    pub async fn issue(
        &self,
        user: AccountId,
        purpose: Purpose,
        token: TokenHash,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let work = move |sql: &Sql<'_>| issue(sql, user, purpose, token, now, expires_at);
        self.0.write("one_time_tokens.issue", work).await
    }

    /// Uses a token. Returns its account, or `None` when the token is unknown, expired, used already, or for another purpose. Of two
    /// simultaneous calls, only one gets the account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn consume(
        &self,
        purpose: Purpose,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let text = "DELETE FROM one_time_tokens WHERE hash = ?1 AND purpose = ?2 AND expires_at > ?3 RETURNING user_id";
        let values = values![token, purpose, now];
        self.0.write("one_time_tokens.consume", move |sql| sql.one(text, &values, cell)).await
    }
}

fn issue(
    sql: &Sql<'_>,
    user: AccountId,
    purpose: Purpose,
    token: TokenHash,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let make_room = "DELETE FROM one_time_tokens WHERE user_id = ?1 AND purpose = ?2 AND hash NOT IN \
                     (SELECT hash FROM one_time_tokens WHERE user_id = ?1 AND purpose = ?2 \
                      ORDER BY issued_at DESC LIMIT ?3)";
    sql.execute(make_room, &values![user, purpose, MAX_ONE_TIME_TOKENS.saturating_sub(1)])?;
    let text = "INSERT INTO one_time_tokens (hash, user_id, purpose, issued_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    sql.execute(text, &values![token, user, purpose, now, expires_at])?;
    Ok(())
}

/// Deletes all tokens of an account.
pub(crate) fn drop_all(sql: &Sql<'_>, user: AccountId) -> Result<(), StoreError> {
    sql.execute("DELETE FROM one_time_tokens WHERE user_id = ?1", &values![user])?;
    Ok(())
}

pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM one_time_tokens WHERE expires_at <= ?1", &values![now])?;
    Ok(())
}
