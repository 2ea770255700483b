//! Public answers that many callers receive: serialized, tagged and compressed once, then served from memory.
//!
//! What must always hold: a tag identifies exactly these bytes in this encoding (a strong ETag); a private answer is never prepared;
//! [`Prepared::make`] compresses a large answer on a blocking thread, so that it does not delay other requests.

use crate::answers::SharedBytes;
use crate::edit_tag::EditTag;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::Arc;
use tokio::task::JoinError;

/// The security headers of an answer that sets none of its own: browsers do not guess its type, send no `Referer` from it, load nothing for
/// it, and neither frame it nor embed it in other sites.
pub const SECURITY: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// The Content-Security-Policy of pages: scripts, styles, pictures and connections of this site only; no inline scripts, no frames.
pub const PAGE_CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The Content-Security-Policy of the service worker, which only makes requests.
const WORKER_CSP: HeaderValue =
    HeaderValue::from_static("default-src 'none'; connect-src 'self'; frame-ancestors 'none'");

/// Smaller answers are not compressed, because they fit into one packet anyway.
const MIN_COMPRESSED_BYTES: usize = 860;

/// How long caches may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy(Policy);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Revalidate,
    Seconds(u32),
    Immutable,
}

impl CachePolicy {
    /// Caches must ask each time whether it changed.
    pub const REVALIDATE: Self = Self(Policy::Revalidate);
    /// For ever, because the address contains the content's hash.
    pub const IMMUTABLE: Self = Self(Policy::Immutable);

    /// For so many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(Policy::Seconds(seconds))
    }

    /// The `Cache-Control` header.
    #[must_use]
    pub fn header(self) -> HeaderValue {
        match self.0 {
            Policy::Revalidate => HeaderValue::from_static("public, no-cache"),
            Policy::Immutable => HeaderValue::from_static("public, max-age=31536000, immutable"),
            Policy::Seconds(seconds) => HeaderValue::from_str(&format!("public, max-age={seconds}"))
                .unwrap_or(HeaderValue::from_static("public, no-cache")),
        }
    }
}

/// One version of a public answer. Clones share its bytes.
#[derive(Clone, Debug)]
pub struct Prepared(Arc<Content>);

#[derive(Debug)]
struct Content {
    plain: Encoded,
    gzip: Option<Encoded>,
}

/// The bytes in one encoding, and all headers of an answer with them.
#[derive(Debug)]
struct Encoded {
    bytes: Bytes,
    etag: HeaderValue,
    headers: HeaderMap,
}

impl Encoded {
    /// Takes `headers` without those that depend on the encoding. If they contain an `ETag`, it is the edit tag (see `edit_tag`).
    fn of(bytes: Bytes, encoding: Option<HeaderValue>, mut headers: HeaderMap) -> Self {
        let hash = blake3::hash(&bytes).to_hex();
        let hash = hash.get(..32).unwrap_or_default();
        // The caller gave the edit tag.
        let edit = headers.remove(header::ETAG);
        let edit = edit.as_ref().and_then(|edit| edit.to_str().ok()).map(|edit| edit.trim_matches('"'));
        let tag = edit.map_or_else(|| format!("\"{hash}\""), |edit| format!("\"{edit}.{hash}\""));
        let etag = HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""));
        headers.insert(header::ETAG, etag.clone());
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, encoding);
        }
        Self { bytes, etag, headers }
    }
}

impl Encoded {
    fn copied(&self) -> Self {
        let bytes = Bytes::copy_from_slice(&self.bytes);
        let etag = HeaderValue::from_bytes(self.etag.as_bytes()).unwrap_or_else(|_never| self.etag.clone());
        let mut headers = self.headers.clone();
        headers.insert(header::ETAG, etag.clone());
        Self { bytes, etag, headers }
    }
}

impl Content {
    fn plain(headers: HeaderMap, bytes: Bytes) -> Self {
        Self { plain: Encoded::of(bytes, None, headers), gzip: None }
    }

    fn compressed(headers: HeaderMap, bytes: Bytes) -> Self {
        Self::compressed_to(Compression::new(6), headers, bytes)
    }

    fn compressed_to(level: Compression, mut headers: HeaderMap, bytes: Bytes) -> Self {
        let Some(gzip) = gzip(&bytes, level) else { return Self::plain(headers, bytes) };
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        let gzip = Encoded::of(gzip, Some(HeaderValue::from_static("gzip")), headers.clone());
        Self { gzip: Some(gzip), ..Self::plain(headers, bytes) }
    }
}

fn headers(content_type: HeaderValue, policy: CachePolicy) -> HeaderMap {
    let mut headers = HeaderMap::from_iter(SECURITY);
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, policy.header());
    headers
}

impl From<Content> for Prepared {
    fn from(content: Content) -> Self {
        Self(Arc::new(content))
    }
}

impl Prepared {
    /// Tags and compresses `bytes` on this thread: for small answers, and at start-up.
    #[must_use]
    pub fn new(content_type: HeaderValue, bytes: Bytes, policy: CachePolicy) -> Self {
        Content::compressed(headers(content_type, policy), bytes).into()
    }

    /// A static file: cached for ever. It is compressed at the best level, because that happens only once, at start-up.
    #[must_use]
    pub fn asset(content_type: HeaderValue, bytes: Bytes) -> Self {
        let headers = headers(content_type, CachePolicy::IMMUTABLE);
        Content::compressed_to(Compression::best(), headers, bytes).into()
    }

    /// Tags `bytes` without compressing them: for a small answer that is made for one request, where compression would take longer
    /// than the rest of the request.
    #[must_use]
    pub fn fleeting(content_type: HeaderValue, bytes: Bytes, policy: CachePolicy) -> Self {
        Content::plain(headers(content_type, policy), bytes).into()
    }

    /// As [`Self::fleeting`], for an object that can be edited: its tag begins with `edit`.
    #[must_use]
    pub fn editable(content_type: HeaderValue, bytes: Bytes, policy: CachePolicy, edit: &EditTag) -> Self {
        let mut headers = headers(content_type, policy);
        headers.insert(header::ETAG, edit.header());
        Content::plain(headers, bytes).into()
    }

    /// As [`Prepared::new`], but on a blocking thread.
    ///
    /// # Errors
    /// When the work was cancelled, which happens only when the server stops.
    pub async fn make(
        content_type: HeaderValue,
        bytes: Bytes,
        policy: CachePolicy,
    ) -> Result<Self, JoinError> {
        tokio::task::spawn_blocking(move || Self::new(content_type, bytes, policy)).await
    }

    /// An HTML page of ours.
    #[must_use]
    pub fn html(html: String, policy: CachePolicy) -> Self {
        let mut headers = headers(HeaderValue::from_static("text/html; charset=utf-8"), policy);
        headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_CSP);
        Content::compressed(headers, html.into()).into()
    }

    /// The script of a service worker. A worker obeys the policy of its own script rather than its page's; this one may connect to this
    /// site only.
    #[must_use]
    pub fn worker(script: String, policy: CachePolicy) -> Self {
        let mut headers = headers(HeaderValue::from_static("text/javascript; charset=utf-8"), policy);
        headers.insert(header::CONTENT_SECURITY_POLICY, WORKER_CSP);
        Content::compressed(headers, script.into()).into()
    }

    /// A copy that shares no memory with the original, so that threads do not contend for its reference counts.
    #[must_use]
    pub fn copied(&self) -> Self {
        let Content { plain, gzip } = &*self.0;
        Content { plain: plain.copied(), gzip: gzip.as_ref().map(Encoded::copied) }.into()
    }

    /// The uncompressed bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0.plain.bytes
    }

    /// Whether a tag names this version, in either encoding.
    #[must_use]
    pub fn is_tagged(&self, etag: &HeaderValue) -> bool {
        self.0.plain.etag == *etag || self.0.gzip.as_ref().is_some_and(|gzip| gzip.etag == *etag)
    }

    /// Bytes sent to a client that accepts gzip.
    #[must_use]
    pub fn compressed_len(&self) -> usize {
        self.0.gzip.as_ref().unwrap_or(&self.0.plain).bytes.len()
    }

    /// The complete answer to a request with these headers: 304 if they name this version, else the bytes in an accepted encoding.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let Content { plain, gzip } = &*self.0;
        let chosen = gzip.as_ref().filter(|_| accepts_gzip(request)).unwrap_or(plain);
        let mut headers = chosen.headers.clone();
        let mut response = if matches_any(request, &chosen.etag) {
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_ENCODING);
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(chosen.bytes.clone()))
        };
        *response.headers_mut() = headers;
        SharedBytes::mark(&mut response, chosen.bytes.len());
        response
    }
}

/// `None` when compression does not make it smaller.
fn gzip(bytes: &[u8], level: Compression) -> Option<Bytes> {
    if bytes.len() < MIN_COMPRESSED_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), level);
    encoder.write_all(bytes).ok()?;
    let compressed = encoder.finish().ok()?;
    (compressed.len() < bytes.len()).then(|| compressed.into())
}

/// Whether `If-None-Match` names this tag (RFC 9110, 13.1.2: weak comparison).
fn matches_any(request: &HeaderMap, etag: &HeaderValue) -> bool {
    request.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok()).any(|line| {
        let ours = etag.to_str().unwrap_or_default();
        line.trim() == "*" || line.split(',').any(|tag| tag.trim().trim_start_matches("W/") == ours)
    })
}

/// Whether `Accept-Encoding` accepts gzip (RFC 9110, 12.5.3), with a weight above 0.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let (mut named, mut any) = (None, None);
    let lines = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    for entry in lines.flat_map(|line| line.split(',')) {
        let (coding, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = parameters.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let wanted =
            weight.is_none_or(|(_, weight)| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        match coding.trim() {
            coding if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") => {
                named = Some(wanted);
            }
            "*" => any = Some(wanted),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: header::HeaderName, lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn reads_accept_encoding() {
        for (lines, expected) in [
            (&[][..], false),
            (&["gzip"][..], true),
            (&["GZIP"][..], true),
            (&["gzip, deflate, br"][..], true),
            (&["gzip;q=0"][..], false),
            (&["gzip; q=0.000"][..], false),
            (&["gzip;q=0.001"][..], true),
            (&["gzip;q=oops"][..], false),
            (&["*"][..], true),
            (&["*;q=0"][..], false),
            (&["gzip;q=0, *"][..], false),
            (&["*;q=0, gzip"][..], true),
            (&["identity"][..], false),
            (&["br", "gzip"][..], true),
            (&["gzipped"][..], false),
            (&[""][..], false),
        ] {
            assert_eq!(accepts_gzip(&request(header::ACCEPT_ENCODING, lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn reads_if_none_match() {
        let tag = HeaderValue::from_static("\"abc\"");
        for (lines, expected) in [
            (&[][..], false),
            (&["\"abc\""][..], true),
            (&["W/\"abc\""][..], true),
            (&["\"x\", \"abc\""][..], true),
            (&["\"x\"", "\"abc\""][..], true),
            (&["*"][..], true),
            (&["abc"][..], false),
            (&["\"abcd\""][..], false),
        ] {
            assert_eq!(matches_any(&request(header::IF_NONE_MATCH, lines), &tag), expected, "{lines:?}");
        }
    }

    #[tokio::test]
    async fn an_answer_is_compressed_tagged_and_revalidated() {
        let json = HeaderValue::from_static("application/json");
        let bytes = Bytes::from("[1,2,3,4,5]".repeat(1_000));
        let prepared = Prepared::make(json, bytes.clone(), CachePolicy::seconds(2)).await.unwrap();
        let plain = prepared.respond(&HeaderMap::new());
        assert_eq!(plain.headers()[header::CACHE_CONTROL], "public, max-age=2");
        assert_eq!(plain.headers()[header::VARY], "accept-encoding");
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));

        let mut wants = request(header::ACCEPT_ENCODING, &["gzip"]);
        let compressed = prepared.respond(&wants);
        assert_eq!(compressed.headers()[header::CONTENT_ENCODING], "gzip");
        assert!(prepared.compressed_len() < 200);
        let etag = compressed.headers()[header::ETAG].clone();
        assert_ne!(etag, plain.headers()[header::ETAG], "each encoding has its own tag");

        wants.insert(header::IF_NONE_MATCH, etag.clone());
        let unchanged = prepared.respond(&wants);
        assert_eq!(unchanged.status(), 304);
        assert_eq!(unchanged.headers()[header::ETAG], etag);
        assert!(!unchanged.headers().contains_key(header::CONTENT_TYPE));

        let small =
            Prepared::new(HeaderValue::from_static("text/plain"), "hi".into(), CachePolicy::IMMUTABLE);
        assert!(small.0.gzip.is_none());
    }
}
