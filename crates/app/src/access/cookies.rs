//! Sessions of browsers: a cookie with a refresh token that is never traded, since pages have no script to keep the next one.
//!
//! It reaches everything an access token reaches. Another site cannot use it: the cookie is `SameSite=Lax`, and the edge refuses what
//! changes something and comes from elsewhere.

use super::access_tokens::SessionClaims;
use super::secret_token::SecretToken;
use fairseat_domain::time::Timestamp;
use fairseat_store::sessions::TokenHash;
use fairseat_store::{Store, StoreError};
use quick_cache::sync::Cache;

const REMEMBERED: usize = 100_000;
/// Bytes of the longest token looked at; ours have 43.
const MAX_TOKEN_BYTES: usize = 128;

/// Whose cookies are known. Whether their session still goes on is asked elsewhere, for each request.
#[derive(Debug)]
pub(super) struct Cookies(Cache<TokenHash, SessionClaims>);

impl Cookies {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// What the cookie of that token grants; `None` when it is nobody's.
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
        // An account's epoch voids access tokens; a cookie ends with its session, which ends at the same moment.
        let claims = SessionClaims { account: session.user, session: session.id, auth_epoch: u64::MAX };
        self.0.insert(hash, claims);
        Ok(Some(claims))
    }
}
