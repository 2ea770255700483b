//! The `Host` header: a request without one, or with two, may mean one site to a proxy and another to us.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};

/// Marks a request whose `Host` is refused; the listener puts it into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnusableHost;

/// Whether a request's `Host` can be used: exactly one, and a host with or without a port (RFC 9112, 3.2). HTTP/1.0 needs none.
pub(crate) fn is_usable(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, None) => version < Version::HTTP_11,
        (Some(host), None) => {
            let authority = Authority::try_from(host.as_bytes());
            authority.is_ok_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'))
        }
        (_, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_host_is_there_exactly_once() {
        for (hosts, usable) in [
            (&["tickets.example.org"][..], true),
            (&["127.0.0.1:8080"], true),
            (&["[::1]:8080"], true),
            (&[], false),
            (&[""], false),
            (&["a.example", "a.example"], false),
            (&["user@a.example"], false),
            (&["a.example/path"], false),
            (&["a b"], false),
        ] {
            let headers: HeaderMap =
                hosts.iter().map(|host| (header::HOST, HeaderValue::from_static(host))).collect();
            assert_eq!(is_usable(Version::HTTP_11, &headers), usable, "{hosts:?}");
        }
        assert!(is_usable(Version::HTTP_10, &HeaderMap::new()), "checks of load balancers");
    }
}
