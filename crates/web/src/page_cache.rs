//! Caches of public pages: an event's page is kept until the event changes, a list for one second, a drawn poster until it is evicted.
//!
//! Each is kept because it was measured to pay: docs/adr/0012-per-thread.md has the table.

use crate::poster::Posters;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use fairseat_client::FreshnessCheck;
use fairseat_edge::PerThread;
use fairseat_edge::prepared::Prepared;
use moka::sync::Cache;
use parking_lot::{MappedMutexGuard, MutexGuard};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Rendered public pages. They contain nothing about a visitor.
#[derive(Clone, Debug)]
pub(crate) struct PageCaches {
    /// Lists, feeds and the sitemap by address, for a second each.
    pub(crate) lists: Cache<String, Prepared>,
    /// Event pages by event id.
    pub(crate) events: Arc<EventPages>,
    /// Drawn pictures for events without a picture of their own.
    pub(crate) posters: Posters,
}

type EventPages = quick_cache::sync::Cache<String, Arc<EventPage>>;

/// The page of an event.
pub(crate) struct EventPage {
    pub(crate) page: Prepared,
    /// The `ETag` of the API's answer from which the page was rendered.
    pub(crate) etag: HeaderValue,
    /// Tells whether that answer is still current.
    pub(crate) freshness: Option<FreshnessCheck>,
}

impl EventPage {
    fn is_fresh(&self) -> bool {
        self.freshness.as_ref().is_some_and(|check| check())
    }

    /// A copy that shares no memory with the original.
    fn copied(&self) -> Self {
        Self { page: self.page.copied(), etag: self.etag.clone(), freshness: self.freshness.clone() }
    }
}

impl fmt::Debug for EventPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventPage").field("etag", &self.etag).finish_non_exhaustive()
    }
}

impl Default for PageCaches {
    fn default() -> Self {
        let lists = Cache::builder().max_capacity(500).time_to_live(Duration::from_secs(1)).build();
        Self { lists, events: Arc::new(EventPages::new(2_000)), posters: Posters::default() }
    }
}

/// Event pages that are served without running a handler.
///
/// A crowd looks at one page. If all threads served the same bytes, they would contend for the cache line of the bytes' reference count; so
/// each thread keeps its own copy of the page that it served last.
#[derive(Clone, Debug)]
pub struct EventPageCache(Arc<EventPageCacheParts>);

#[derive(Debug)]
struct EventPageCacheParts {
    events: Arc<EventPages>,
    last: PerThread<Option<(String, EventPage)>>,
}

impl EventPageCache {
    /// The route of these pages, for metrics.
    pub const ROUTE: &str = "/events/{event_id}";

    pub(crate) fn new(cached: &PageCaches) -> Self {
        Self(Arc::new(EventPageCacheParts { events: Arc::clone(&cached.events), last: PerThread::default() }))
    }

    /// The page at this path, if it is cached and still current.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<CachedPage<'_>> {
        let event_id = path.strip_prefix("/events/")?;
        let mut last = self.0.last.current();
        if !last.as_ref().is_some_and(|(id, page)| id == event_id && page.is_fresh()) {
            let page = self.0.events.get(event_id).filter(|page| page.is_fresh())?;
            *last = Some((event_id.to_owned(), page.copied()));
        }
        MutexGuard::try_map(last, |last| last.as_mut().map(|(_, page)| page)).ok().map(CachedPage)
    }
}

/// A cached page that is still current.
#[derive(Debug)]
pub struct CachedPage<'a>(MappedMutexGuard<'a, EventPage>);

impl CachedPage<'_> {
    /// The answer to a request with these headers.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap) -> Response {
        self.0.page.respond(request)
    }
}
