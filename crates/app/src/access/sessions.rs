//! Sessions: signing in begins one, refreshing continues it, signing out ends it.

use super::access_tokens::SessionClaims;
use super::secret_token::SecretToken;
use crate::app::App;
use crate::failure::Failure;
use fairseat_store::sessions::{Rotation, Session};
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

/// Begins a session for an authenticated user.
///
/// # Errors
/// When the store fails.
pub async fn begin(app: &App, user: &User) -> Result<Tokens, Failure> {
    let now = app.now();
    let refresh = SecretToken::random().map_err(Failure::bug)?;
    let session = app.store.sessions().create(user.id, refresh.hash(), now).await?;
    Ok(Tokens { access: access_token(app, user, &session)?, refresh })
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
            app.access.session_changed(session.id);
            return Err(RefreshError::SessionOver);
        }
        Rotation::Ended | Rotation::Unknown => return Err(RefreshError::SessionOver),
    };
    let user = app.store.users().by_id(session.user).await?.ok_or(RefreshError::SessionOver)?;
    let access = access_token(app, &user, &session)?;
    Ok((user, Tokens { access, refresh }))
}

/// Ends one session.
///
/// # Errors
/// When the store fails.
pub async fn end(app: &App, session: SessionId) -> Result<(), Failure> {
    app.store.sessions().revoke(session, app.now()).await?;
    app.access.session_changed(session);
    Ok(())
}

/// Ends the session of a refresh token, if it has one. Its access token is refused within a second.
///
/// # Errors
/// When the store fails.
pub async fn end_by_refresh_token(app: &App, token: &str) -> Result<(), Failure> {
    app.store.sessions().revoke_by_token(SecretToken::hash_of(token), app.now()).await?;
    Ok(())
}

fn access_token(app: &App, user: &User, session: &Session) -> Result<String, Failure> {
    let claims = SessionClaims { account: user.id, session: session.id, auth_epoch: user.auth_epoch };
    app.access.tokens.issue(claims, app.now()).map_err(Failure::bug)
}
