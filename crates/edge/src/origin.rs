//! Cross-site request forgery: whether a request that changes something was sent by another site's page.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` (Fetch Metadata) and `Origin`. Other programs send neither, but no site can
//! make them send somebody's cookie.

use axum::http::{HeaderMap, Method, header};

/// Whether a browser sent this request from a page of another site. Requests that change nothing may come from anywhere, but for those that
/// open a WebSocket: their page would read what comes.
#[must_use]
pub fn is_cross_site(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() && !headers.contains_key(header::UPGRADE) {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) != text(header::HOST.as_str()),
        (None, None) => false,
    }
}
