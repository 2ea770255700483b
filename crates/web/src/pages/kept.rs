//! Pages that many look at, made once and given out while what they show has not changed.

use crate::api::Holds;
use crate::poster::Posters;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use fairseat_edge::PerThread;
use fairseat_edge::prepared::Prepared;
use moka::sync::Cache;
use parking_lot::{MappedMutexGuard, MutexGuard};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Pages made lately: those that are the same for everybody.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Lists, for a second each.
    pub(crate) lists: Cache<String, Prepared>,
    /// Events by id.
    pub(crate) events: Arc<EventPages>,
    /// Pictures of events that have none of their own.
    pub(crate) posters: Posters,
}

type EventPages = quick_cache::sync::Cache<String, Arc<EventPage>>;

/// The page of an event.
pub(crate) struct EventPage {
    pub(crate) page: Prepared,
    /// The tag of the object it shows.
    pub(crate) etag: HeaderValue,
    /// Whether the object is still that.
    pub(crate) holds: Option<Holds>,
}

impl EventPage {
    fn holds(&self) -> bool {
        self.holds.as_ref().is_some_and(|holds| holds())
    }

    /// The same, sharing no bytes with it.
    fn copied(&self) -> Self {
        Self { page: self.page.copied(), etag: self.etag.clone(), holds: self.holds.clone() }
    }
}

impl fmt::Debug for EventPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventPage").field("etag", &self.etag).finish_non_exhaustive()
    }
}

impl Default for Kept {
    fn default() -> Self {
        let lists = Cache::builder().max_capacity(500).time_to_live(Duration::from_secs(1)).build();
        Self { lists, events: Arc::new(EventPages::new(2_000)), posters: Posters::default() }
    }
}

/// The pages that many look at and that can be answered without a handler.
///
/// Crowds look at one page. To share its bytes is to count who has them, so each thread gives out a copy of its own of the page it gave
/// out last.
#[derive(Clone, Debug)]
pub struct KeptPages(Arc<Places>);

#[derive(Debug)]
struct Places {
    events: Arc<EventPages>,
    last: PerThread<Option<(String, EventPage)>>,
}

impl KeptPages {
    /// The route they belong to.
    pub const ROUTE: &str = "/events/{event_id}";

    pub(crate) fn new(kept: &Kept) -> Self {
        Self(Arc::new(Places { events: Arc::clone(&kept.events), last: PerThread::default() }))
    }

    /// The page at this path, when it is kept and what it shows has not changed.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<KeptPage<'_>> {
        let event_id = path.strip_prefix("/events/")?;
        let mut last = self.0.last.mine();
        if !last.as_ref().is_some_and(|(id, page)| id == event_id && page.holds()) {
            let page = self.0.events.get(event_id).filter(|page| page.holds())?;
            *last = Some((event_id.to_owned(), page.copied()));
        }
        MutexGuard::try_map(last, |last| last.as_mut().map(|(_, page)| page)).ok().map(KeptPage)
    }
}

/// A page that is kept and still true.
#[derive(Debug)]
pub struct KeptPage<'a>(MappedMutexGuard<'a, EventPage>);

impl KeptPage<'_> {
    /// The answer to a request with these headers.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap) -> Response {
        self.0.page.respond(request)
    }
}
