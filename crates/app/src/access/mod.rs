//! Authentication and permissions: passwords, access tokens, sessions, roles.
//!
//! What must always hold: a password is in memory in clear only until it is hashed; an access token names an account but no permissions,
//! because roles are read for each request; a token that is not ours, has expired or was revoked is refused, never treated as anonymous; a
//! refresh token that was copied ends its session wherever it is shown.
//! What deliberately does not live here: routes, and limits on guessing passwords (both in the HTTP crates).

mod access_cache;
mod access_reader;
mod access_tokens;
mod cookies;
mod hs256;
mod passwords;
mod role_permissions;
pub mod secret_token;
pub mod sessions;
mod signed_in;

pub use access_tokens::{ACCESS_TOKEN_TTL, AccessTokens, SessionClaims};
pub use passwords::{HashError, Password, PasswordCost, Passwords, Verdict};
pub use role_permissions::Permission;
pub use signed_in::{AccessDenied, SignedIn};

pub use fairseat_messages::MailAddress;

use crate::failure::Failure;
use crate::keys::Keys;
use access_cache::AccessCache;
use cookies::{Cookies, ReadCookie};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use fairseat_store::{Store, StoreError};
use tokio::sync::broadcast;

/// Authenticates callers and reads their permissions.
#[derive(Debug)]
pub struct Access {
    /// Makes and reads access tokens.
    pub tokens: AccessTokens,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    cache: AccessCache,
    cookies: Cookies,
    changes: broadcast::Sender<AccountId>,
}

/// Changes that a slow reader may be behind. A reader that missed some must assume that any access changed.
const CHANGES: usize = 256;

impl Access {
    /// Uses the installation's keys, and hashes passwords at this cost.
    ///
    /// # Errors
    /// When Argon2 does not allow the cost.
    pub fn new(keys: &Keys, cost: PasswordCost) -> Result<Self, argon2::Error> {
        let passwords = Passwords::new(cost)?;
        let tokens = AccessTokens::new(&keys.tokens);
        let changes = broadcast::Sender::new(CHANGES);
        Ok(Self { tokens, passwords, cache: AccessCache::new(), cookies: Cookies::new(), changes })
    }

    /// The caller with this access token; `None` if it is not valid or its session has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_token(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        match self.tokens.verify(token, now) {
            Some(claims) => self.signed_in(store, claims, now).await,
            None => Ok(None),
        }
    }

    /// The caller with this session cookie; `None` if it is unknown or its session has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn by_cookie(
        &self,
        store: &Store,
        cookie: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        match self.cookies.read(store, cookie, now).await? {
            ReadCookie::Session(claims) => self.signed_in(store, claims, now).await,
            ReadCookie::ReusedToken(token) => {
                let ended = store.sessions().end_reused(token, now).await?;
                if let Some(session) = ended {
                    self.access_changed(session.user);
                    tracing::warn!(session = %session.id, "a replaced refresh token was shown as a cookie: its session was ended");
                }
                Ok(None)
            }
            ReadCookie::Unknown => Ok(None),
        }
    }

    async fn signed_in(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let SessionClaims { account, session } = claims;
        let access = self.cache.of(store, claims, now).await?;
        Ok(access.map(|access| SignedIn { account, session, access }))
    }

    /// Call this after changing what `account` may do or ending a session of it, so that its next request reads it again.
    pub fn access_changed(&self, account: AccountId) {
        drop(self.cache.change(account));
        self.announce(account);
    }

    /// Carries out a change of what `account` may do, or of its sessions, also if the caller goes away meanwhile. The account's next request
    /// after the change reads everything again.
    ///
    /// # Errors
    /// When the change panics, which is a bug.
    pub async fn changing<T: Send + 'static>(
        &self,
        account: AccountId,
        change: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Failure> {
        let under_way = self.cache.change(account);
        let done = tokio::spawn(async move {
            let outcome = change.await;
            drop(under_way);
            outcome
        });
        let outcome = done.await.map_err(Failure::bug);
        self.announce(account);
        outcome
    }

    fn announce(&self, account: AccountId) {
        // Fails if nobody listens.
        drop(self.changes.send(account));
    }

    /// The accounts whose access or sessions this server changes from now on, for connections that stay open. What another server changes is
    /// noticed only by asking again.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<AccountId> {
        self.changes.subscribe()
    }
}
