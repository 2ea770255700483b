//! Authentication and permissions: passwords, access tokens, sessions, roles.
//!
//! What must always hold: a password is in memory in clear only until it is hashed; an access token names an account but no permissions,
//! because roles are read for each request; a token that is not ours, has expired or was revoked is refused, never treated as anonymous.
//! What deliberately does not live here: routes, and limits on guessing passwords (both in the HTTP crates).

mod access_cache;
mod access_reader;
mod access_tokens;
mod cookies;
mod passwords;
mod role_permissions;
pub mod secret_token;
pub mod sessions;
mod signed_in;
mod turns;

pub use access_tokens::{ACCESS_TOKEN_TTL, AccessTokens, SessionClaims};
pub use passwords::{HashError, Password, PasswordCost, Passwords, Verdict};
pub use role_permissions::Permission;
pub use signed_in::{AccessDenied, SignedIn};
pub use turns::TurnKeys;

pub use fairseat_messages::MailAddress;

use crate::keys::Keys;
use access_cache::AccessCache;
use cookies::Cookies;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use fairseat_store::{SessionId, Store, StoreError};
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
    changes: broadcast::Sender<AccessChange>,
}

/// Somebody's access that may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessChange {
    /// What an account may do, or whether it exists.
    Account(AccountId),
    /// Whether a session is active.
    Session(SessionId),
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
        match self.cookies.claims(store, cookie, now).await? {
            Some(claims) => self.signed_in(store, claims, now).await,
            None => Ok(None),
        }
    }

    async fn signed_in(
        &self,
        store: &Store,
        claims: SessionClaims,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let SessionClaims { account, session, .. } = claims;
        let access = self.cache.of(store, claims, now).await?;
        Ok(access.map(|access| SignedIn { account, session, access }))
    }

    /// Call this after changing what `account` may do, so that its next request reads it again.
    pub fn access_changed(&self, account: AccountId) {
        self.cache.forget(account);
        // Fails if nobody listens.
        drop(self.changes.send(AccessChange::Account(account)));
    }

    /// Call this after ending `session`.
    pub fn session_changed(&self, session: SessionId) {
        self.cache.forget_session(session);
        drop(self.changes.send(AccessChange::Session(session)));
    }

    /// The changes that this server makes from now on, for connections that stay open. What another server changes is noticed only by asking
    /// again.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<AccessChange> {
        self.changes.subscribe()
    }
}
