//! Sessions. Each is a family of refresh tokens; only their SHA-256 hashes are stored.
//!
//! Using a refresh token replaces it by a new one. The replaced token is accepted once more for [`REFRESH_GRACE`], because a second tab may
//! have sent it at the same moment; that tab gets a new token of its own. If the replaced token's successor was already used, or the grace
//! period is over, somebody must have copied the token, and the session ends (RFC 9700, 4.14.2).

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::SessionId;
use crate::limits::{MAX_CURRENT_TOKENS_PER_SESSION, MAX_SESSIONS_PER_USER, REFRESH_GRACE, SESSION_TTL};
use crate::sql::{Row, Sql, values};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// SHA-256 of a token with at least 128 bits of randomness.
pub type TokenHash = [u8; 32];

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which is also in its access tokens.
    pub id: SessionId,
    /// The account.
    pub user: AccountId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last refreshed.
    pub last_used_at: Timestamp,
    /// When it ends, unless it is refreshed before.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "id, user_id, created_at, last_used_at, expires_at";

fn read(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.next()?,
        user: row.next()?,
        created_at: row.next()?,
        last_used_at: row.next()?,
        expires_at: row.next()?,
    })
}

/// The outcome of using a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was current: the new token replaces it.
    Rotated(Session),
    /// It was replaced a moment ago: the new token is valid beside its first successor, for a second tab.
    Grace(Session),
    /// It was replaced earlier. Somebody copied it, so the session was ended.
    Reused(Session),
    /// Its session has expired or ended.
    Ended,
    /// There is no such token, or it expired so long ago that it was deleted.
    Unknown,
}

/// Sessions; from [`crate::Store::sessions`].
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'s>(pub(crate) &'s Database);

impl Sessions<'_> {
    /// Begins a session of `user` with its first refresh token, for [`SESSION_TTL`]. If the account has [`MAX_SESSIONS_PER_USER`] already,
    /// its least recently used session ends.
    ///
    /// # Errors
    /// When the database fails, or there is no such account.
    pub async fn create(
        &self,
        user: AccountId,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Session, StoreError> {
        self.0.write("sessions.create", move |sql| create(sql, user, token, now)).await
    }

    /// Replaces a refresh token by a new one, given as hashes. `new` is valid after `Rotated` and `Grace`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rotate(
        &self,
        old: TokenHash,
        new: TokenHash,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        self.0.write("sessions.rotate", move |sql| rotate(sql, old, new, now)).await
    }

    /// Ends one session. Returns whether it was active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.write("sessions.revoke", move |sql| revoke(sql, session, now)).await
    }

    /// Ends the session of a refresh token, which need not be current. Returns whether the session was active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_by_token(&self, token: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let text = "UPDATE sessions SET revoked_at = ?2 WHERE revoked_at IS NULL \
                    AND id IN (SELECT session_id FROM refresh_tokens WHERE hash = ?1)";
        let values = values![token, now];
        self.0.write("sessions.revoke_by_token", move |sql| Ok(sql.execute(text, &values)? == 1)).await
    }

    /// Ends all sessions of an account and invalidates all access tokens issued before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_all(&self, user: AccountId, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .write("sessions.revoke_all", move |sql| {
                sql.execute("UPDATE users SET auth_epoch = auth_epoch + 1 WHERE id = ?1", &values![user])?;
                revoke_all(sql, user, now)
            })
            .await
    }

    /// The active session of a current refresh token. The token is not replaced: it is a browser's cookie, which stays the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_token(&self, token: TokenHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let find = "SELECT session_id FROM refresh_tokens WHERE hash = ?1 AND replaced_at IS NULL";
        self.0
            .read("sessions.of_token", move |sql| {
                let id: Option<SessionId> = sql.one(find, &values![token], |row| row.next())?;
                id.map_or(Ok(None), |id| active(sql, id, now))
            })
            .await
    }

    /// Whether a session is active: it has neither expired nor ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_active(&self, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        self.0.read("sessions.is_active", move |sql| is_active(sql, session, now)).await
    }

    /// The active sessions of an account, the most recently used first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, user: AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let text = format!(
            "SELECT {COLUMNS} FROM sessions WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2 \
             ORDER BY last_used_at DESC, id"
        );
        let values = values![user, now];
        self.0.read("sessions.list", move |sql| sql.all(&text, &values, read)).await
    }
}

/// Whether a session is active: it has neither expired nor ended.
pub(crate) fn is_active(sql: &Sql<'_>, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(active(sql, session, now)?.is_some())
}

fn create(sql: &Sql<'_>, user: AccountId, token: TokenHash, now: Timestamp) -> Result<Session, StoreError> {
    let make_room = "DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN \
                     (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY last_used_at DESC LIMIT ?2)";
    sql.execute(make_room, &values![user, MAX_SESSIONS_PER_USER.saturating_sub(1)])?;
    let session = Session {
        id: SessionId::random(),
        user,
        created_at: now,
        last_used_at: now,
        expires_at: now.plus(SESSION_TTL),
    };
    let text = "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)";
    sql.execute(text, &values![session.id, user, now, session.expires_at])?;
    issue(sql, session.id, token, None, now)?;
    Ok(session)
}

fn issue(
    sql: &Sql<'_>,
    session: SessionId,
    token: TokenHash,
    parent: Option<TokenHash>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text =
        "INSERT INTO refresh_tokens (hash, session_id, parent_hash, issued_at) VALUES (?1, ?2, ?3, ?4)";
    sql.execute(text, &values![token, session, parent, now])?;
    Ok(())
}

fn rotate(sql: &Sql<'_>, old: TokenHash, new: TokenHash, now: Timestamp) -> Result<Rotation, StoreError> {
    let find = "SELECT session_id, replaced_at FROM refresh_tokens WHERE hash = ?1";
    let found = sql.one(find, &values![old], |row| Ok((row.next()?, row.next()?)))?;
    let Some((id, replaced_at)) = found else { return Ok(Rotation::Unknown) };
    let Some(session) = active(sql, id, now)? else { return Ok(Rotation::Ended) };
    match replaced_at {
        None => {
            sql.execute("UPDATE refresh_tokens SET replaced_at = ?2 WHERE hash = ?1", &values![old, now])?;
            Ok(Rotation::Rotated(refresh(sql, session, old, new, now)?))
        }
        Some(replaced_at) if in_grace(sql, old, replaced_at, now)? => {
            Ok(Rotation::Grace(refresh(sql, session, old, new, now)?))
        }
        Some(_) => {
            revoke(sql, id, now)?;
            Ok(Rotation::Reused(session))
        }
    }
}

fn active(sql: &Sql<'_>, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let text =
        format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2");
    sql.one(&text, &values![id, now], read)
}

/// If a successor was used, the client received it, so a client that still sends the old token is another one.
fn in_grace(
    sql: &Sql<'_>,
    token: TokenHash,
    replaced_at: Timestamp,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let text = "SELECT COUNT(*) FROM refresh_tokens WHERE parent_hash = ?1 AND replaced_at IS NOT NULL";
    let successors_used = sql.count(text, &values![token])?;
    Ok(successors_used == 0 && now.since(replaced_at) <= REFRESH_GRACE)
}

fn refresh(
    sql: &Sql<'_>,
    session: Session,
    old: TokenHash,
    new: TokenHash,
    now: Timestamp,
) -> Result<Session, StoreError> {
    issue(sql, session.id, new, Some(old), now)?;
    let retire = "DELETE FROM refresh_tokens WHERE session_id = ?1 AND replaced_at IS NULL AND hash NOT IN \
                  (SELECT hash FROM refresh_tokens WHERE session_id = ?1 AND replaced_at IS NULL \
                   ORDER BY issued_at DESC LIMIT ?2)";
    sql.execute(retire, &values![session.id, MAX_CURRENT_TOKENS_PER_SESSION])?;
    let refreshed = Session { last_used_at: now, expires_at: now.plus(SESSION_TTL), ..session };
    let text = "UPDATE sessions SET last_used_at = ?2, expires_at = ?3 WHERE id = ?1";
    sql.execute(text, &values![refreshed.id, now, refreshed.expires_at])?;
    Ok(refreshed)
}

fn revoke(sql: &Sql<'_>, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let text = "UPDATE sessions SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    Ok(sql.execute(text, &values![session, now])? == 1)
}

pub(crate) fn revoke_all(sql: &Sql<'_>, user: AccountId, now: Timestamp) -> Result<(), StoreError> {
    let text = "UPDATE sessions SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL";
    sql.execute(text, &values![user, now])?;
    Ok(())
}

/// Deletes expired sessions. Also deletes replaced tokens that are older than a session may last, so that a session that is refreshed for
/// years does not grow.
pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM sessions WHERE expires_at <= ?1", &values![now])?;
    let text = "DELETE FROM refresh_tokens WHERE replaced_at <= ?1";
    sql.execute(text, &values![now.minus(SESSION_TTL)])?;
    Ok(())
}
