//! Sessions as their tokens: begun by signing in, kept alive by refreshing, ended by signing out.

use super::access_tokens::Grant;
use super::secret_token::SecretToken;
use crate::app::App;
use crate::http::problem::Problem;
use fairseat_store::SessionId;
use fairseat_store::sessions::{Rotation, Session};
use fairseat_store::users::User;

/// What somebody holds after signing in.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For each request, for a quarter of an hour.
    pub access: String,
    refresh: SecretToken,
}

impl Tokens {
    /// To be traded once for new tokens.
    #[must_use]
    pub fn refresh(&self) -> &str {
        self.refresh.expose()
    }
}

/// Begins a session of somebody who has proved who they are.
///
/// # Errors
/// When the store fails.
pub async fn begin(app: &App, user: &User) -> Result<Tokens, Problem> {
    let now = app.now();
    let refresh = SecretToken::random().map_err(Problem::internal)?;
    let session = app.platform.store.sessions().create(user.id, refresh.hash(), now).await?;
    Ok(Tokens { access: access_token(app, user, &session)?, refresh })
}

/// Trades a refresh token for new tokens of the same session.
///
/// # Errors
/// `unauthenticated` for one that is unknown, used or over.
pub async fn refresh(app: &App, token: &str) -> Result<(User, Tokens), Problem> {
    let refused = || Problem::unauthenticated("The session is over. Sign in again.");
    let now = app.now();
    let refresh = SecretToken::random().map_err(Problem::internal)?;
    let sessions = app.platform.store.sessions();
    let session = match sessions.rotate(SecretToken::hash_of(token), refresh.hash(), now).await? {
        Rotation::Rotated(session) | Rotation::Grace(session) => session,
        Rotation::Reused(session) => {
            tracing::warn!(session = %session.id, "a refresh token was used twice: its session was ended");
            app.auth.session_changed(session.id);
            return Err(refused());
        }
        Rotation::Ended | Rotation::Unknown => return Err(refused()),
    };
    let user = app.platform.store.users().by_id(session.user).await?.ok_or_else(refused)?;
    let access = access_token(app, &user, &session)?;
    Ok((user, Tokens { access, refresh }))
}

/// Ends one session.
///
/// # Errors
/// When the store fails.
pub async fn end(app: &App, session: SessionId) -> Result<(), Problem> {
    app.platform.store.sessions().revoke(session, app.now()).await?;
    app.auth.session_changed(session);
    Ok(())
}

/// Ends the session of a refresh token, if it is one; within a second its access token is refused as well.
///
/// # Errors
/// When the store fails.
pub async fn end_by_refresh_token(app: &App, token: &str) -> Result<(), Problem> {
    app.platform.store.sessions().revoke_by_token(SecretToken::hash_of(token), app.now()).await?;
    Ok(())
}

fn access_token(app: &App, user: &User, session: &Session) -> Result<String, Problem> {
    let grant = Grant { account: user.id, session: session.id, auth_epoch: user.auth_epoch };
    app.auth.tokens.issue(grant, app.now()).map_err(Problem::internal)
}
