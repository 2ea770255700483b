//! Session cookies of browsers. A cookie stays the same as long as its session, because a page without scripts could not store a new one.
//!
//! A cookie grants the same rights as an access token, but gives no tokens: refreshing accepts refresh tokens only. Other sites cannot use
//! it: it is `SameSite=Lax`, and the edge refuses cross-site requests that change something.

use super::access_tokens::SessionClaims;
use super::secret_token::SecretToken;
use fairseat_domain::time::Timestamp;
use fairseat_store::sessions::{CookieOwner, TokenHash};
use fairseat_store::{Store, StoreError};
use quick_cache::sync::Cache;

const MAX_CACHED: usize = 100_000;
/// Longer tokens are refused unread; ours have 43 bytes.
const MAX_TOKEN_BYTES: usize = 128;

/// What a browser's cookie turns out to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum ReadCookie {
    /// The cookie of this session, which was active when the cookie was first read.
    Session(SessionClaims),
    /// A refresh token that was replaced earlier.
    ReusedToken(TokenHash),
    /// Nothing that gives access.
    Unknown,
}

/// A cache from cookies to sessions. Whether a session is still active is checked elsewhere, for each request.
#[derive(Debug)]
pub(super) struct Cookies(Cache<TokenHash, SessionClaims>);

impl Cookies {
    pub(super) fn new() -> Self {
        Self(Cache::new(MAX_CACHED))
    }

    /// Reads a cookie.
    pub(super) async fn read(
        &self,
        store: &Store,
        cookie: &str,
        now: Timestamp,
    ) -> Result<ReadCookie, StoreError> {
        if cookie.is_empty() || cookie.len() > MAX_TOKEN_BYTES {
            return Ok(ReadCookie::Unknown);
        }
        let hash = SecretToken::hash_of(cookie);
        if let Some(known) = self.0.get(&hash) {
            return Ok(ReadCookie::Session(known));
        }
        Ok(match store.sessions().of_cookie(hash, now).await? {
            CookieOwner::Session(session) => {
                let claims = SessionClaims { account: session.user, session: session.id };
                self.0.insert(hash, claims);
                ReadCookie::Session(claims)
            }
            CookieOwner::ReusedToken => ReadCookie::ReusedToken(hash),
            CookieOwner::Unknown => ReadCookie::Unknown,
        })
    }
}
