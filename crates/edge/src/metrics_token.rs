//! The secret with which programs on other machines read the measurements.

use axum::http::{HeaderMap, header};
use std::fmt;
use std::str::FromStr;

/// The fewest characters: a shorter secret can be guessed.
const MIN_CHARS: usize = 16;

/// The secret, as a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(blake3::Hash);

impl fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsToken")
    }
}

impl FromStr for MetricsToken {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = text.len() >= MIN_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self(blake3::hash(text.as_bytes())))
        } else {
            Err("must be 16 or more visible ASCII characters")
        }
    }
}

impl MetricsToken {
    /// Whether a request has it: `Authorization: Bearer <token>`. Hashes are compared in constant time.
    #[must_use]
    pub fn is_sent(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|value| value.split_once(' '));
        sent.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && blake3::hash(token.trim().as_bytes()) == self.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_the_whole_token_is_accepted() {
        let token: MetricsToken = "0123456789abcdef".parse().unwrap();
        for (sent, accepted) in [
            ("Bearer 0123456789abcdef", true),
            ("bearer 0123456789abcdef", true),
            ("Bearer 0123456789abcde", false),
            ("Basic 0123456789abcdef", false),
            ("0123456789abcdef", false),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(sent))]);
            assert_eq!(token.is_sent(&headers), accepted, "{sent}");
        }
        assert!(!token.is_sent(&HeaderMap::new()));
        assert!(
            "0123456789abcde".parse::<MetricsToken>().is_err()
                && "0123456789 abcdef".parse::<MetricsToken>().is_err()
        );
        assert_eq!(format!("{token:?}"), "MetricsToken");
    }
}
