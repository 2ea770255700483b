//! Sessions. There are two kinds, and neither can become the other: a session of a program is a family of refresh tokens, a session of a
//! browser has one cookie that stays the same. Only SHA-256 hashes of these secrets are stored, cookies and refresh tokens in different
//! tables, so that one is never accepted as the other.
//!
//! A session ends [`SESSION_IDLE`] after its last use and at the latest [`SESSION_LIFETIME`] after its beginning.
//!
//! Using a refresh token replaces it by a new one. The replaced token is accepted once more for [`REFRESH_GRACE`], because a second tab may
//! have sent it at the same moment; that tab gets a new token of its own. If the replaced token's successor was already used, or the grace
//! period is over, somebody must have copied the token, and the session ends (RFC 9700, 4.14.2). This holds wherever the token is shown: to
//! refresh, to sign out, or as a cookie.

use crate::database::Database;
use crate::error::StoreError;
use crate::ids::SessionId;
use crate::limits::{
    MAX_CURRENT_TOKENS_PER_SESSION, MAX_SESSIONS_PER_USER, REFRESH_GRACE, SESSION_IDLE, SESSION_LIFETIME,
};
use crate::sql::{Row, Sql, cell, values};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;

/// SHA-256 of a token with at least 128 bits of randomness.
pub type TokenHash = [u8; 32];

/// How a session is continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// By refresh tokens, which give access tokens.
    Tokens,
    /// By a browser's cookie.
    Cookie,
}

/// The first refresh token of a new session, or its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSecret {
    /// Makes a session of the kind [`SessionKind::Tokens`].
    RefreshToken(TokenHash),
    /// Makes a session of the kind [`SessionKind::Cookie`].
    Cookie(TokenHash),
}

/// A session to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// The account.
    pub user: AccountId,
    /// The account's epoch when its password was checked. If the password or the address has changed since, no session begins.
    pub auth_epoch: u64,
    /// What continues the session.
    pub secret: SessionSecret,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which is also in its access tokens.
    pub id: SessionId,
    /// The account.
    pub user: AccountId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to within [`crate::limits::SESSION_USE_STEP`].
    pub last_used_at: Timestamp,
    /// When it ends, unless it is used before.
    pub expires_at: Timestamp,
    /// How it is continued.
    pub kind: SessionKind,
}

const COLUMNS: &str = "id, user_id, created_at, last_used_at, expires_at, cookie_hash IS NOT NULL";

fn read(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.next()?,
        user: row.next()?,
        created_at: row.next()?,
        last_used_at: row.next()?,
        expires_at: row.next()?,
        kind: if row.next()? { SessionKind::Cookie } else { SessionKind::Tokens },
    })
}

/// When a session ends that was begun and last used at these times.
fn end_of(created_at: Timestamp, last_used_at: Timestamp) -> Timestamp {
    created_at.plus(SESSION_LIFETIME).min(last_used_at.plus(SESSION_IDLE))
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

/// What a browser's cookie turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieOwner {
    /// The cookie of this active session.
    Session(Session),
    /// A refresh token that was replaced earlier: somebody copied it. Call [`Sessions::end_reused`].
    ReusedToken,
    /// Neither; a current refresh token is no cookie either.
    Unknown,
}

/// Sessions; from [`crate::Store::sessions`].
#[derive(Clone, Copy, Debug)]
pub struct Sessions<'s>(pub(crate) &'s Database);

impl Sessions<'_> {
    /// Begins a session. If the account has [`MAX_SESSIONS_PER_USER`] already, its least recently used session ends. `None` when there is no
    /// such account, or its password or address has changed since they were checked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, new: NewSession, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.0.write("sessions.create", move |sql| create(sql, new, now)).await
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

    /// Ends the session of a refresh token, which need not be current. Returns its account if the session was active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_by_token(
        &self,
        token: TokenHash,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        let text = "UPDATE sessions SET revoked_at = ?2 WHERE revoked_at IS NULL \
                    AND id IN (SELECT session_id FROM refresh_tokens WHERE hash = ?1) RETURNING user_id";
        let values = values![token, now];
        self.0.write("sessions.revoke_by_token", move |sql| sql.one(text, &values, cell)).await
    }

    /// Ends the sessions of an account, except `keep`. Returns how many were active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_all(
        &self,
        user: AccountId,
        keep: Option<SessionId>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.0.write("sessions.revoke_all", move |sql| revoke_all(sql, user, keep, now)).await
    }

    /// What the cookie with this hash is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_cookie(&self, cookie: TokenHash, now: Timestamp) -> Result<CookieOwner, StoreError> {
        self.0
            .read("sessions.of_cookie", move |sql| {
                let text = format!(
                    "SELECT {COLUMNS} FROM sessions WHERE cookie_hash = ?1 AND revoked_at IS NULL AND expires_at > ?2"
                );
                Ok(match sql.one(&text, &values![cookie, now], read)? {
                    Some(session) => CookieOwner::Session(session),
                    None if reused(sql, cookie, now)?.is_some() => CookieOwner::ReusedToken,
                    None => CookieOwner::Unknown,
                })
            })
            .await
    }

    /// Ends the session of a refresh token that was replaced earlier and is shown again. Returns the session if it was active.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_reused(&self, token: TokenHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
        self.0
            .write("sessions.end_reused", move |sql| {
                let session = reused(sql, token, now)?;
                if let Some(session) = &session {
                    revoke(sql, session.id, now)?;
                }
                Ok(session)
            })
            .await
    }

    /// Stores that an active session is used now, which postpones its end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn used(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        self.0
            .write("sessions.used", move |sql| {
                let Some(session) = active(sql, session, now)? else { return Ok(()) };
                prolong(sql, session, now).map(drop)
            })
            .await
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

fn create(sql: &Sql<'_>, new: NewSession, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let NewSession { user, auth_epoch, secret } = new;
    let epoch = "SELECT auth_epoch FROM users WHERE id = ?1 AND deleted_at IS NULL";
    if sql.one(epoch, &values![user], cell)? != Some(auth_epoch) {
        return Ok(None);
    }
    let make_room = "DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN \
                     (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY last_used_at DESC LIMIT ?2)";
    sql.execute(make_room, &values![user, MAX_SESSIONS_PER_USER.saturating_sub(1)])?;
    let session = Session {
        id: SessionId::random(),
        user,
        created_at: now,
        last_used_at: now,
        expires_at: end_of(now, now),
        kind: match secret {
            SessionSecret::RefreshToken(_) => SessionKind::Tokens,
            SessionSecret::Cookie(_) => SessionKind::Cookie,
        },
    };
    let (token, cookie) = match secret {
        SessionSecret::RefreshToken(token) => (Some(token), None),
        SessionSecret::Cookie(cookie) => (None, Some(cookie)),
    };
    let text = "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, cookie_hash) \
                VALUES (?1, ?2, ?3, ?3, ?4, ?5)";
    sql.execute(text, &values![session.id, user, now, session.expires_at, cookie])?;
    if let Some(token) = token {
        issue(sql, session.id, token, None, now)?;
    }
    Ok(Some(session))
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

/// The session, if it is active: it has neither expired nor ended.
pub(crate) fn active(sql: &Sql<'_>, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let text =
        format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1 AND revoked_at IS NULL AND expires_at > ?2");
    sql.one(&text, &values![id, now], read)
}

/// The active session of a refresh token that was replaced earlier than the grace period allows.
fn reused(sql: &Sql<'_>, token: TokenHash, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let find =
        "SELECT session_id, replaced_at FROM refresh_tokens WHERE hash = ?1 AND replaced_at IS NOT NULL";
    let found = sql.one(find, &values![token], |row| Ok((row.next()?, row.next()?)))?;
    let Some((id, replaced_at)) = found else { return Ok(None) };
    if in_grace(sql, token, replaced_at, now)? { Ok(None) } else { active(sql, id, now) }
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
    prolong(sql, session, now)
}

fn prolong(sql: &Sql<'_>, session: Session, now: Timestamp) -> Result<Session, StoreError> {
    let used = Session { last_used_at: now, expires_at: end_of(session.created_at, now), ..session };
    let text = "UPDATE sessions SET last_used_at = ?2, expires_at = ?3 WHERE id = ?1";
    sql.execute(text, &values![used.id, now, used.expires_at])?;
    Ok(used)
}

fn revoke(sql: &Sql<'_>, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let text = "UPDATE sessions SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
    Ok(sql.execute(text, &values![session, now])? == 1)
}

/// Ends the sessions of an account, except `keep`. Returns how many were active.
pub(crate) fn revoke_all(
    sql: &Sql<'_>,
    user: AccountId,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let text = "UPDATE sessions SET revoked_at = ?2 \
                WHERE user_id = ?1 AND id IS DISTINCT FROM ?3 AND revoked_at IS NULL AND expires_at > ?2";
    sql.execute(text, &values![user, now, keep])
}

/// Deletes expired sessions with their tokens.
pub(crate) fn purge(sql: &Sql<'_>, now: Timestamp) -> Result<(), StoreError> {
    sql.execute("DELETE FROM sessions WHERE expires_at <= ?1", &values![now])?;
    Ok(())
}
