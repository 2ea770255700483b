//! The sitemap for search engines, and the RSS feed of new events.

use super::programme::artist_path;
use crate::markdown::summary;
use crate::render::encoded;
use crate::state::Web;
use crate::values::Instant;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use fairseat_domain::text::writable;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Debug, Deserialize)]
struct List {
    events: Vec<Entry>,
    total: u64,
}

#[derive(Debug, Deserialize)]
struct Entry {
    event_id: String,
    name: String,
    #[serde(default)]
    performer: String,
    venue: String,
    venue_id: String,
    city: String,
    timezone: String,
    start_time: Instant,
}

/// The most events in the sitemap, the earliest first.
const MOST: u64 = 5_000;
/// The number of events in one answer of the API.
const STEP: u64 = 100;

async fn cached(
    web: &Web,
    key: &str,
    kind: &'static str,
    headers: &HeaderMap,
    make: impl Future<Output = Result<String, PageError>>,
) -> Result<Response, PageError> {
    if let Some(cached) = web.caches.lists.get(key) {
        return Ok(cached.respond(headers));
    }
    let text = make.await?;
    let made = Prepared::new(HeaderValue::from_static(kind), text.into(), CachePolicy::seconds(60));
    web.caches.lists.insert(key.to_owned(), made.clone());
    Ok(made.respond(headers))
}

/// `/sitemap.xml`
pub(crate) async fn sitemap(
    State(web): State<Web>,
    client: ApiClient,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let client = client.anonymous();
    let base = web.site.base_url.clone();
    let make = async {
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n<url><loc>{base}/</loc></url>\n"
        );
        let mut offset = 0;
        let mut pages = BTreeSet::new();
        loop {
            let list: List = client.get(&format!("/events?limit={STEP}&offset={offset}")).await?;
            for event in &list.events {
                // Writing to a String cannot fail.
                writeln!(xml, "<url><loc>{base}/events/{}</loc></url>", event.event_id).unwrap_or_default();
                pages.insert(format!("/venues/{}", event.venue_id));
                if !event.performer.is_empty() {
                    pages.insert(artist_path(&encoded(&event.performer)));
                }
            }
            offset += STEP;
            if offset >= list.total.min(MOST) {
                break;
            }
        }
        for page in pages {
            writeln!(xml, "<url><loc>{base}{page}</loc></url>").unwrap_or_default();
        }
        Ok(xml + "</urlset>\n")
    };
    cached(&web, "/sitemap.xml", "application/xml; charset=utf-8", &headers, make).await
}

/// `/feed.rss`
pub(crate) async fn rss(
    State(web): State<Web>,
    client: ApiClient,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let client = client.anonymous();
    let base = web.site.base_url.clone();
    let make = async {
        let list: List = client.get("/events?sort=newest&limit=50").await?;
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>Fairseat: new events</title><link>{base}/</link><description>Events just announced</description>\n"
        );
        for event in &list.events {
            let when = event.start_time.at(&event.timezone).full();
            let about = summary(&format!("{when}, {}, {}", event.venue, event.city), 200);
            writeln!(
                xml,
                "<item><title>{}</title><link>{base}/events/{id}</link><guid>{base}/events/{id}</guid><description>{}</description></item>",
                escaped(&event.name),
                escaped(&about),
                id = event.event_id,
            )
            .unwrap_or_default();
        }
        Ok(xml + "</channel></rss>\n")
    };
    cached(&web, "/feed.rss", "application/rss+xml; charset=utf-8", &headers, make).await
}

/// Text as XML may contain it.
fn escaped(text: &str) -> String {
    writable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
