//! The web app manifest and the service worker. With them the pages can be installed on a phone, and tickets open without a network.

use crate::assets;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use serde_json::json;
use std::sync::LazyLock;

static MANIFEST: LazyLock<Prepared> = LazyLock::new(|| {
    let icon = json!({"src": assets::url("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"});
    let manifest = json!({
        "name": "Fairseat", "short_name": "Fairseat", "description": "Your tickets, also without a network",
        "start_url": "/orders", "scope": "/", "display": "standalone",
        "background_color": "#faf6f0", "theme_color": "#a8203a", "icons": [icon],
    });
    let kind = HeaderValue::from_static("application/manifest+json");
    Prepared::new(kind, manifest.to_string().into(), CachePolicy::REVALIDATE)
});

/// The service worker. It is served from the root because it controls only its own folder; a constant in front lists the files of this
/// version.
static WORKER: LazyLock<Prepared> = LazyLock::new(|| {
    let files = [
        "css/fairseat.css",
        "js/base.js",
        "js/hold.js",
        "js/ticket.js",
        "js/offline-tickets.js",
        "fonts/bricolage-grotesque.woff2",
        "fonts/instrument-sans.woff2",
    ];
    let files: Vec<_> = files.into_iter().map(assets::url).collect();
    let facts = json!({"version": assets::version(), "files": files});
    let script = format!("const BUILD = {facts};\n{}", include_str!("../../static/js/service-worker.js"));
    Prepared::worker(script, CachePolicy::REVALIDATE)
});

/// `/manifest.webmanifest`
pub(crate) async fn manifest(headers: HeaderMap) -> Response {
    MANIFEST.respond(&headers)
}

/// `/service-worker.js`
pub(crate) async fn service_worker(headers: HeaderMap) -> Response {
    WORKER.respond(&headers)
}
