//! Who asks, and what they may do: passwords, access tokens, sessions, roles.
//!
//! What must always hold: a password exists as itself only while it is hashed; an access token says who, never what they may
//! do, because roles are read for each request; a token that is not ours, is over, or was revoked is refused, never
//! taken for nobody's. What deliberately does not live here: routes (`http/accounts`), and who guessed how often
//! ([`crate::http::login_guard`]).

mod access;
mod access_tokens;
mod cookies;
pub mod email;
mod passwords;
mod permission;
pub mod secret_token;
pub mod sessions;
mod signed_in;
mod standing;

pub use access_tokens::{ACCESS_TOKEN_TTL, AccessTokens, Grant};
pub use passwords::{Password, PasswordCost, Passwords, Verdict};
pub use permission::Permission;
pub use signed_in::{MaybeSignedIn, SignedIn};

use crate::keys::Keys;
use access::AccessCache;
use cookies::Cookies;
use fairseat_domain::ids::AccountId;
use fairseat_store::SessionId;

/// What signing in needs, one for each server.
#[derive(Debug)]
pub struct Auth {
    /// Makes and reads access tokens.
    pub tokens: AccessTokens,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    access: AccessCache,
    cookies: Cookies,
}

impl Auth {
    /// Under the installation's keys, with passwords at this cost.
    ///
    /// # Errors
    /// When the cost is none that Argon2 allows.
    pub fn new(keys: &Keys, cost: PasswordCost) -> Result<Self, argon2::Error> {
        let passwords = Passwords::new(cost)?;
        let tokens = AccessTokens::new(&keys.tokens);
        Ok(Self { tokens, passwords, access: AccessCache::new(), cookies: Cookies::new() })
    }

    /// Call it after what `account` may do was changed, so that its next request is not judged by what was read before.
    pub fn access_changed(&self, account: AccountId) {
        self.access.forget(account);
    }

    /// Call it after `session` was ended.
    pub fn session_changed(&self, session: SessionId) {
        self.access.forget_session(session);
    }
}
