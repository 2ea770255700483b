//! Signs the requests that nodes pass on to each other, with a key that all of them have (HMAC-SHA256). The key itself never travels.
//!
//! The signature covers everything that decides what a request does. It is valid for half a minute on both sides of its time. A request that is
//! sent a second time within it takes effect once, because of its command's id.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// The header with the signature.
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("fairseat-signature");
/// Marks the refusal of a signature, so that the node that passed the request on carries it out itself.
pub(crate) const REFUSED: HeaderName = HeaderName::from_static("fairseat-signature-refused");
/// The header with a request's idempotency key.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The headers that decide what a request does.
const SIGNED_HEADERS: [HeaderName; 6] =
    [header::AUTHORIZATION, header::COOKIE, header::ORIGIN, header::HOST, header::IF_MATCH, IDEMPOTENCY_KEY];
/// How much the clocks of two nodes may differ, in milliseconds.
const MAX_AGE_MS: u64 = 30_000;
/// The shortest key, in bytes.
const MIN_KEY_BYTES: usize = 32;

/// The key that all nodes of an installation have.
#[derive(Clone)]
pub struct NodesKey(Hmac<Sha256>);

impl std::fmt::Debug for NodesKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NodesKey(secret)")
    }
}

/// What a signature says beside the request itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// When it was signed, in milliseconds since 1970.
    pub(crate) at_ms: u64,
    /// The address of the client that sent the request.
    pub(crate) client: IpAddr,
    /// The id under which the command is repeated if its answer is lost.
    pub(crate) command: u128,
}

/// The signed parts of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a Method,
    /// Path and query.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl NodesKey {
    /// The key in a file's content; white space around it does not count.
    ///
    /// # Errors
    /// What to do, when it is too short.
    pub fn new(content: &[u8]) -> Result<Self, String> {
        let key = content.trim_ascii();
        if key.len() < MIN_KEY_BYTES {
            return Err(format!(
                "must have {MIN_KEY_BYTES} characters or more: make it with `openssl rand -hex 32`, and give every node the same"
            ));
        }
        Hmac::new_from_slice(key).map(Self).map_err(|error| error.to_string())
    }

    /// The value of the header [`SIGNATURE`].
    pub(crate) fn sign(&self, claims: &Claims, signed: &Signed<'_>) -> Option<HeaderValue> {
        let code = self.mac(claims, signed).finalize().into_bytes();
        let mut text = format!("{} {} {:032x} ", claims.at_ms, claims.client, claims.command);
        code.iter().for_each(|byte| text.push_str(&format!("{byte:02x}")));
        HeaderValue::from_str(&text).ok()
    }

    /// What the signature of a request says; `None` when it has none, or a wrong or an old one.
    pub(crate) fn verify(&self, now_ms: u64, signed: &Signed<'_>) -> Option<Claims> {
        let text = signed.headers.get(SIGNATURE)?.to_str().ok()?;
        let mut parts = text.split(' ');
        let at_ms = parts.next()?.parse().ok()?;
        let client = parts.next()?.parse().ok()?;
        let command = u128::from_str_radix(parts.next()?, 16).ok()?;
        let code = unhex(parts.next()?)?;
        let claims = Claims { at_ms, client, command };
        self.mac(&claims, signed).verify_slice(&code).ok()?;
        (now_ms.abs_diff(at_ms) <= MAX_AGE_MS).then_some(claims)
    }

    fn mac(&self, claims: &Claims, signed: &Signed<'_>) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        let mut part = |bytes: &[u8]| {
            mac.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(bytes);
        };
        part(b"fairseat 1");
        part(&claims.at_ms.to_be_bytes());
        part(claims.client.to_string().as_bytes());
        part(&claims.command.to_be_bytes());
        part(signed.method.as_str().as_bytes());
        part(signed.target.as_bytes());
        for name in SIGNED_HEADERS {
            part(signed.headers.get(name).map_or(&[], HeaderValue::as_bytes));
        }
        part(&Sha256::digest(signed.body));
        mac
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderMap;

    const CLAIMS: Claims =
        Claims { at_ms: 1_000_000, client: IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)), command: 77 };

    fn key(text: &str) -> NodesKey {
        NodesKey::new(text.repeat(32).as_bytes()).unwrap()
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(NodesKey::new(&[b'k'; 31]).unwrap_err().contains("openssl rand"));
        assert!(NodesKey::new(b"  k\n").is_err());
    }

    #[test]
    fn only_the_signed_request_is_accepted_and_only_for_a_while() {
        let mut headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static("a=b"))]);
        fn signed(headers: &HeaderMap) -> Signed<'_> {
            Signed { method: &Method::POST, target: "/x?y", headers, body: b"{}" }
        }
        let code = key("k").sign(&CLAIMS, &signed(&headers)).unwrap();
        headers.insert(SIGNATURE, code);
        assert_eq!(key("k").verify(1_029_999, &signed(&headers)), Some(CLAIMS));
        assert_eq!(key("k").verify(1_030_001, &signed(&headers)), None, "old");
        assert_eq!(key("l").verify(1_000_000, &signed(&headers)), None, "another key");
        let mut of_another = headers.clone();
        of_another.insert(header::COOKIE, HeaderValue::from_static("a=c"));
        for other in [
            Signed { body: b"{1}", ..signed(&headers) },
            Signed { target: "/x?z", ..signed(&headers) },
            Signed { method: &Method::PUT, ..signed(&headers) },
            signed(&of_another),
        ] {
            assert_eq!(key("k").verify(1_000_000, &other), None, "{other:?}");
        }
        let forged = headers[SIGNATURE].to_str().unwrap().replace("192.0.2.7", "192.0.2.8");
        headers.insert(SIGNATURE, HeaderValue::from_str(&forged).unwrap());
        assert_eq!(key("k").verify(1_000_000, &signed(&headers)), None, "another client");
    }
}
