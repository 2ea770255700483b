//! Sessions of browsers: a cookie with a refresh token that is never traded, since pages have no script to keep the next one.
//!
//! It reaches everything an access token reaches. Another site cannot use it: the cookie is `SameSite=Lax`, and the edge refuses what
//! changes something and comes from elsewhere.

use super::Grant;
use super::secret_token::SecretToken;
use axum::http::{HeaderMap, header};
use fairseat_domain::time::Timestamp;
use fairseat_store::sessions::TokenHash;
use fairseat_store::{Store, StoreError};
use quick_cache::sync::Cache;

const REMEMBERED: usize = 100_000;
/// Bytes of the longest token looked at; ours have 43.
const MAX_TOKEN_BYTES: usize = 128;

/// Whose cookies are known. Whether their session still goes on is asked elsewhere, for each request.
#[derive(Debug)]
pub(super) struct Cookies(Cache<TokenHash, Grant>);

impl Cookies {
    pub(super) fn new() -> Self {
        Self(Cache::new(REMEMBERED))
    }

    /// What the cookie of that token grants; `None` when it is nobody's.
    pub(super) async fn grant(
        &self,
        store: &Store,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Grant>, StoreError> {
        let hash = SecretToken::hash_of(token);
        if let Some(known) = self.0.get(&hash) {
            return Ok(Some(known));
        }
        let Some(session) = store.sessions().of_token(hash, now).await? else { return Ok(None) };
        // An account's epoch voids access tokens; a cookie ends with its session, which ends at the same moment.
        let grant = Grant { account: session.user, session: session.id, auth_epoch: u64::MAX };
        self.0.insert(hash, grant);
        Ok(Some(grant))
    }
}

/// The session cookie of a request. An empty one is what signing out leaves behind.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == fairseat_web::api::SESSION_COOKIE)?;
    (!token.is_empty() && token.len() <= MAX_TOKEN_BYTES).then_some(token)
}
