//! Scripts, styles and fonts: embedded in the program, and served from a folder that is named after the hash of all of them.
//!
//! A changed file changes the folder's name, so an address always means the same bytes and caches may keep them for ever. All files share
//! one folder because modules import each other by relative path.

use crate::bundle;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use fairseat_edge::prepared::{CachePolicy, Prepared};
use rust_embed::RustEmbed;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The list of common passwords, for the script that judges a new one. Other crates need it too, so it is no file of `static/`.
pub(crate) const COMMON_PASSWORDS: &str = "common-passwords.txt";
/// The module that is sent as a bundle with the modules it imports.
const MAP: &str = "js/map/index.js";

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

struct Assets {
    folder: String,
    files: HashMap<String, Prepared>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hasher = blake3::Hasher::new();
    let mut files = HashMap::with_capacity(names.len());
    for name in names {
        let Some(file) = Files::get(&name) else { continue };
        hasher.update(name.as_bytes()).update(&file.metadata.sha256_hash());
        let bytes = bytes_to_send(&name, file.data.into_owned()).into();
        files.insert(name.to_string(), Prepared::asset(content_type(&name), bytes));
    }
    let common = fairseat_domain::passwords::COMMON;
    hasher.update(COMMON_PASSWORDS.as_bytes()).update(common.as_bytes());
    files.insert(COMMON_PASSWORDS.to_owned(), Prepared::asset(content_type(COMMON_PASSWORDS), common.into()));
    let hash = hasher.finalize().to_hex();
    Assets { folder: hash.get(..12).unwrap_or_default().to_owned(), files }
});

/// The bytes that are sent for a file: our scripts without comments; the map's script as one bundle.
fn bytes_to_send(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let read = |name: &str| Files::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok());
    if name == MAP {
        let read = |module: &str| read(&format!("js/map/{module}"));
        return bundle::bundled("index.js", &read).map_or(bytes, String::into_bytes);
    }
    let is_ours = name.ends_with(".js") && !name.contains("/vendor/");
    let text = is_ours.then(|| read(name)).flatten();
    text.map_or(bytes, |text| bundle::stripped(&text).into_bytes())
}

fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "text/plain; charset=utf-8",
    })
}

/// The address of a file of `static/`: `/assets/6f0c…/css/fairseat.css`.
pub fn url(name: &str) -> String {
    format!("/assets/{}/{name}", ASSETS.folder)
}

/// The hash that names the folder of all files.
pub(crate) fn version() -> &'static str {
    &ASSETS.folder
}

/// The size of a file in bytes as sent, compressed; `None` when there is no such file.
#[must_use]
pub fn compressed_len(name: &str) -> Option<usize> {
    ASSETS.files.get(name).map(Prepared::compressed_len)
}

/// The names of all files.
pub fn names() -> impl Iterator<Item = &'static str> {
    ASSETS.files.keys().map(String::as_str)
}

/// `GET /assets/{folder}/{name}`. An address with the hash of another version gets the current bytes, but without permission to cache them.
pub(crate) async fn file(Path((folder, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(file) = ASSETS.files.get(&name) else { return crate::error_page::not_found() };
    if folder == ASSETS.folder {
        return file.respond(&headers);
    }
    let mut response = file.respond(&headers).into_response();
    let headers = response.headers_mut();
    headers.insert(axum::http::header::CACHE_CONTROL, CachePolicy::REVALIDATE.header());
    response
}
