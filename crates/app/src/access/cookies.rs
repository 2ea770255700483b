//! Session cookies of browsers. The cookie holds a refresh token that is never rotated, because a page without scripts could not store a
//! new one.
//!
//! A cookie grants the same rights as an access token. Other sites cannot use it: it is `SameSite=Lax`, and the edge refuses cross-site
//! requests that change something.

use super::access_tokens::SessionClaims;
use super::secret_token::SecretToken;
use fairseat_domain::time::Timestamp;
use fairseat_store::sessions::TokenHash;
use fairseat_store::{Store, StoreError};
use quick_cache::sync::Cache;

const REMEMBERED: usize = 100_000;
/// Longer tokens are refused unread; ours have 43 bytes.
const MAX_TOKEN_BYTES: usize = 128;

/// A cache from cookies to sessions. Whether a session is still active is checked elsewhere, for each request.
#[derive(Debug)]
pub(super) struct Cookies(Cache<TokenHash, SessionClaims>);

impl Cookies {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// The session of a cookie; `None` if the cookie is unknown.
    pub(super) async fn claims(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<SessionClaims>, StoreError> {
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Ok(None);
        }
        let hash = SecretToken::hash_of(token);
        if let Some(known) = self.0.get(&hash) {
            return Ok(Some(known));
        }
        let Some(session) = store.sessions().of_token(hash, now).await? else { return Ok(None) };
        // Raising an account's epoch revokes access tokens. It ends the sessions as well, so a cookie need not check it.
        let claims = SessionClaims { account: session.user, session: session.id, auth_epoch: u64::MAX };
        self.0.insert(hash, claims);
        Ok(Some(claims))
    }
}
