//! Sessions: signing in begins one, refreshing continues it, signing out ends it.
//!
//! What must always hold: a session has refresh tokens or a cookie, and neither can be exchanged for the other; a session that was ended is
//! refused from the next request on.

use super::access_tokens::SessionClaims;
use super::secret_token::SecretToken;
use crate::app::App;
use crate::failure::Failure;
use fairseat_domain::ids::AccountId;
use fairseat_store::sessions::{NewSession, Rotation, Session, SessionSecret};
use fairseat_store::users::User;
use fairseat_store::{SessionId, StoreError};

/// The tokens of a session.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token, sent with each request, valid for 15 minutes.
    pub access: String,
    refresh: SecretToken,
}

impl Tokens {
    /// The refresh token, which can be exchanged once for new tokens.
    #[must_use]
    pub fn refresh(&self) -> &str {
        self.refresh.expose()
    }
}

/// Why a session was not continued.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is unknown, used or expired: sign in again.
    #[error("the session has ended")]
    SessionOver,
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreError> for RefreshError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Why no session began.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The password or the address was changed since it was checked, or the account was deleted.
    #[error("the account was changed meanwhile")]
    AccountChanged,
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreError> for BeginError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Begins a session with tokens for an authenticated user: for programs.
///
/// # Errors
/// [`BeginError`], by variant.
pub async fn begin(app: &App, user: &User) -> Result<Tokens, BeginError> {
    let refresh = SecretToken::random().map_err(Failure::bug)?;
    let session = create(app, user, SessionSecret::RefreshToken(refresh.hash())).await?;
    Ok(Tokens { access: access_token(app, &session)?, refresh })
}

/// Begins a session with a cookie for an authenticated user: for browsers. Returns the value of the cookie.
///
/// # Errors
/// [`BeginError`], by variant.
pub async fn begin_with_cookie(app: &App, user: &User) -> Result<SecretToken, BeginError> {
    let cookie = SecretToken::random().map_err(Failure::bug)?;
    create(app, user, SessionSecret::Cookie(cookie.hash())).await?;
    Ok(cookie)
}

async fn create(app: &App, user: &User, secret: SessionSecret) -> Result<Session, BeginError> {
    let new = NewSession { user: user.id, auth_epoch: user.auth_epoch, secret };
    app.store.sessions().create(new, app.now()).await?.ok_or(BeginError::AccountChanged)
}

/// Exchanges a refresh token for new tokens of the same session.
///
/// # Errors
/// [`RefreshError::SessionOver`] for a token that is unknown, used or expired.
pub async fn refresh(app: &App, token: &str) -> Result<(User, Tokens), RefreshError> {
    let now = app.now();
    let refresh = SecretToken::random().map_err(Failure::bug)?;
    let sessions = app.store.sessions();
    let session = match sessions.rotate(SecretToken::hash_of(token), refresh.hash(), now).await? {
        Rotation::Rotated(session) | Rotation::Grace(session) => session,
        Rotation::Reused(session) => {
            tracing::warn!(session = %session.id, "a refresh token was used twice: its session was ended");
            app.access.access_changed(session.user);
            return Err(RefreshError::SessionOver);
        }
        Rotation::Ended | Rotation::Unknown => return Err(RefreshError::SessionOver),
    };
    let user = app.store.users().by_id(session.user).await?.ok_or(RefreshError::SessionOver)?;
    let access = access_token(app, &session)?;
    Ok((user, Tokens { access, refresh }))
}

/// Ends one session of an account.
///
/// # Errors
/// When the store fails.
pub async fn end(app: &App, account: AccountId, session: SessionId) -> Result<(), Failure> {
    let (store, now) = (app.store.clone(), app.now());
    app.access.changing(account, async move { store.sessions().revoke(session, now).await }).await??;
    Ok(())
}

/// Ends the sessions of an account, except `keep`. Returns how many there were.
///
/// # Errors
/// When the store fails.
pub async fn end_all(app: &App, account: AccountId, keep: Option<SessionId>) -> Result<usize, Failure> {
    let (store, now) = (app.store.clone(), app.now());
    let end = async move { store.sessions().revoke_all(account, keep, now).await };
    Ok(app.access.changing(account, end).await??)
}

/// Ends the session of a refresh token, if it has one.
///
/// # Errors
/// When the store fails.
pub async fn end_by_refresh_token(app: &App, token: &str) -> Result<(), Failure> {
    let account = app.store.sessions().revoke_by_token(SecretToken::hash_of(token), app.now()).await?;
    if let Some(account) = account {
        app.access.access_changed(account);
    }
    Ok(())
}

fn access_token(app: &App, session: &Session) -> Result<String, Failure> {
    let claims = SessionClaims { account: session.user, session: session.id };
    app.access.tokens.issue(claims, app.now()).map_err(Failure::bug)
}
