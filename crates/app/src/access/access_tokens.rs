//! Access tokens: JWTs (RFC 7519) signed with HMAC-SHA256, valid for 15 minutes, naming an account and a session.
//!
//! A verified token is cached by its hash until it expires; a cache hit costs a tenth of a verification.
//!
//! The token's header cannot choose the algorithm: only HS256 is accepted, with the key that the header names.

use super::hs256;
use crate::keys::TokenKeys;
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_store::SessionId;
use jsonwebtoken::errors::Error;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use siphasher::sip128::SipHasher24;
use uuid::Uuid;

/// How long an access token is valid.
pub const ACCESS_TOKEN_TTL: Millis = Millis::from_seconds(15 * 60);
/// The longest token that is parsed; our own have under 400 bytes.
const MAX_TOKEN_BYTES: usize = 1_024;
/// Cached valid tokens, about 10 MB.
const MAX_CACHED: usize = 100_000;

/// The claims of an access token: its bearer acts as this account, in this session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    /// The account.
    pub account: AccountId,
    /// The session. Whether it is still active is checked for each request.
    pub session: SessionId,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// Makes and reads access tokens under the installation's keys.
#[derive(Debug)]
pub struct AccessTokens {
    header: Header,
    signing_key: EncodingKey,
    keys: Vec<(String, DecodingKey)>,
    validation: Validation,
    /// Verified tokens, by hash, so that memory holds no list of usable tokens.
    good: Cache<u128, (SessionClaims, i64)>,
    /// A keyed hash, so that nobody can construct a token with the hash of another.
    hasher: SipHasher24,
}

impl AccessTokens {
    /// Signs with the current key; also accepts tokens signed with the previous keys.
    #[must_use]
    pub fn new(keys: &TokenKeys) -> Self {
        hs256::install();
        let header = Header { kid: Some(keys.current.kid.clone()), ..Header::new(Algorithm::HS256) };
        let all = std::iter::once(&keys.current).chain(&keys.previous);
        let mut validation = Validation::new(Algorithm::HS256);
        // The library must not read the clock: the time is an argument here as everywhere.
        validation.validate_exp = false;
        let known = blake3::keyed_hash(keys.current.secret.expose(), b"known access tokens");
        let known = known.as_bytes().first_chunk().copied().unwrap_or_default();
        Self {
            header,
            signing_key: EncodingKey::from_secret(keys.current.secret.expose()),
            keys: all.map(|key| (key.kid.clone(), DecodingKey::from_secret(key.secret.expose()))).collect(),
            validation,
            good: Cache::new(MAX_CACHED),
            hasher: SipHasher24::new_with_key(&known),
        }
    }

    /// A token with these claims, valid for [`ACCESS_TOKEN_TTL`] from `now`.
    ///
    /// # Errors
    /// When it cannot be encoded, which is a bug.
    pub fn issue(&self, claims: SessionClaims, now: Timestamp) -> Result<String, Error> {
        let claims = Claims {
            sub: Uuid::from_u128(claims.account.0),
            sid: claims.session.0,
            iat: seconds(now),
            exp: seconds(now.plus(ACCESS_TOKEN_TTL)),
        };
        encode(&self.header, &claims, &self.signing_key)
    }

    /// The claims of `token` at `now`; `None` if it is not ours, was changed, or has expired.
    #[must_use]
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<SessionClaims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let hash = self.hasher.hash(token.as_bytes()).as_u128();
        let (claims, exp) = match self.good.get(&hash) {
            Some(known) => known,
            None => {
                let read = self.read(token)?;
                self.good.insert(hash, read);
                read
            }
        };
        (seconds(now) < exp).then_some(claims)
    }

    /// The claims of a token that is ours, and when it expires.
    fn read(&self, token: &str) -> Option<(SessionClaims, i64)> {
        let kid = decode_header(token).ok()?.kid?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == kid)?;
        let Claims { sub, sid, exp, .. } = decode(token, key, &self.validation).ok()?.claims;
        let claims = SessionClaims { account: AccountId(sub.as_u128()), session: SessionId(sid) };
        Some((claims, exp))
    }
}

fn seconds(time: Timestamp) -> i64 {
    time.as_millis() / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Keys, rotate_token_keys};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::EPOCH;

    fn session() -> SessionClaims {
        SessionClaims { account: AccountId(7), session: SessionId(Uuid::from_u128(9)) }
    }

    fn keys() -> (tempfile::TempDir, TokenKeys) {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::load_or_create(dir.path()).unwrap().tokens;
        (dir, keys)
    }

    #[test]
    fn a_token_is_valid_for_fifteen_minutes() {
        let (_dir, keys) = keys();
        let tokens = AccessTokens::new(&keys);
        let token = tokens.issue(session(), NOW).unwrap();
        let after = |seconds| tokens.verify(&token, NOW.plus(Millis::from_seconds(seconds)));
        assert_eq!(after(0), Some(session()));
        assert_eq!(after(899), Some(session()));
        assert_eq!(after(900), None);
    }

    #[test]
    fn a_token_survives_two_rotations_of_the_key() {
        let (dir, keys) = keys();
        let token = AccessTokens::new(&keys).issue(session(), NOW).unwrap();
        for expected in [Some(session()), Some(session()), None] {
            let rotated = rotate_token_keys(dir.path()).unwrap();
            assert_eq!(AccessTokens::new(&rotated).verify(&token, NOW), expected);
        }
    }

    #[test]
    fn forgeries_are_refused() {
        let (_dir, keys) = keys();
        let (_other_dir, others) = self::keys();
        let tokens = AccessTokens::new(&keys);
        let good = tokens.issue(session(), NOW).unwrap();
        let [header, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
        let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let kid = &keys.current.kid;
        let mut foreign_key = others.clone();
        foreign_key.current.kid.clone_from(kid);
        let admin =
            encode(json!({"sub": Uuid::nil(), "sid": Uuid::nil(), "iat": 0, "exp": 9_999_999_999_i64}));
        for (forged, why) in [
            (String::new(), "nothing"),
            ("..".to_owned(), "empty parts"),
            ("\u{0}.\u{0}.\u{0}".to_owned(), "control characters"),
            ("a".repeat(100_000), "huge"),
            (format!("{header}.{claims}"), "no signature"),
            (format!("{header}.{claims}."), "an empty signature"),
            (format!("{header}.{admin}.{signature}"), "other claims"),
            (format!("{}.{admin}.", encode(json!({"alg": "none", "kid": kid}))), "alg none"),
            (
                format!("{}.{claims}.{signature}", encode(json!({"alg": "HS512", "kid": kid}))),
                "another algorithm",
            ),
            (
                format!("{}.{claims}.{signature}", encode(json!({"alg": "RS256", "kid": kid}))),
                "a public-key algorithm",
            ),
            (format!("{}.{claims}.{signature}", encode(json!({"alg": "HS256"}))), "no kid"),
            (AccessTokens::new(&others).issue(session(), NOW).unwrap(), "another installation's"),
            (AccessTokens::new(&foreign_key).issue(session(), NOW).unwrap(), "another key under our kid"),
        ] {
            assert_eq!(tokens.verify(&forged, NOW), None, "{why}");
        }
        assert_eq!(tokens.verify(&good, NOW), Some(session()));
    }
}
