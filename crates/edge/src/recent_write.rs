//! Whether a caller must see the latest state, because it may just have changed something.
//!
//! Lists may be read from database replicas, which are some seconds late. A browser that has sent a change gets a cookie that lasts for longer than
//! a replica may be late, so that whichever node answers its next request knows. Programs with an access token keep no cookies, so they
//! always see the latest state.

use axum::http::{HeaderMap, HeaderValue, header};

const NAME: &str = "__Host-changed";
/// Twice what a replica may be late, so that what follows a change, such as the list of orders, has time to follow as well.
const COOKIE: HeaderValue =
    HeaderValue::from_static("__Host-changed=1; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=10");

/// Whether a request with these headers must see the latest state.
pub(crate) fn needs_latest(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || headers.get_all(header::COOKIE).iter().any(names_it)
}

fn names_it(cookies: &HeaderValue) -> bool {
    let pairs = cookies.as_bytes().split(|byte| *byte == b';');
    pairs
        .map(<[u8]>::trim_ascii)
        .any(|pair| pair.strip_prefix(NAME.as_bytes()).is_some_and(|rest| rest.starts_with(b"=")))
}

/// Lets the browser remember that it has changed something.
pub(crate) fn remember(answer: &mut HeaderMap) {
    answer.append(header::SET_COOKIE, COOKIE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_have_changed_something_sees_the_latest_state() {
        let with = |name, value| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        assert!(!needs_latest(&HeaderMap::new()));
        for (headers, needs) in [
            (with(header::AUTHORIZATION, "Bearer x"), true),
            (with(header::COOKIE, "__Host-changed=1"), true),
            (with(header::COOKIE, "__Host-session=abc;  __Host-changed=1"), true),
            (with(header::COOKIE, "__Host-session=__Host-changed=1"), false),
            (with(header::COOKIE, "__Host-changed2=1; __Host-session=abc"), false),
        ] {
            assert_eq!(needs_latest(&headers), needs, "{headers:?}");
        }
        let mut answer = HeaderMap::new();
        remember(&mut answer);
        let cookie = answer.remove(header::SET_COOKIE).unwrap();
        let sent_back = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(sent_back).unwrap())]);
        assert!(needs_latest(&headers), "the cookie is recognized");
    }
}
