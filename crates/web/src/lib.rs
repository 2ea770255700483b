//! The pages for buyers, organizers and staff: rendered on the server, usable without scripts.
//!
//! The pages are a client of the public API, which runs in the same process ([`Api`]). Any program can therefore show and do the same,
//! and a page cannot show more than its visitor's cookie allows. This crate does not depend on the engine, the store or the journal; it
//! uses the domain only to format money and to group the names of sections.
//!
//! What must always hold: public pages contain nothing about the visitor and set no cookie, so that any cache may store them; scripts
//! and styles come from [`assets`], never from within a page; a form that changes something is refused when another site sent it.

pub mod api;
pub mod assets;
mod bundle;
mod console;
mod error_page;
mod forms;
mod markdown;
mod pages;
mod poster;
mod render;
mod values;

pub use api::{Api, ConsoleTask, FreshnessCheck};
pub use console::ROLES;
pub use pages::page_cache::EventPageCache;

use axum::Router;
use axum::extract::FromRef;
use std::sync::Arc;

/// What the pages need to know about the server.
#[derive(Clone, Debug)]
pub struct Site {
    /// The address at which visitors reach the server, without a slash at the end: `https://tickets.example.org`.
    pub base_url: String,
    /// Whether this is the demo, which shows its accounts on the sign-in page.
    pub demo: bool,
}

/// The state of every handler.
#[derive(Clone, Debug)]
pub struct Web {
    api: Api,
    site: Arc<Site>,
    caches: pages::page_cache::PageCaches,
}

impl FromRef<Web> for Api {
    fn from_ref(web: &Web) -> Self {
        web.api.clone()
    }
}

/// The routes of all pages, and the cache of event pages that the service asks before it runs a route.
pub fn pages(api: Api, site: Site) -> (Router, EventPageCache) {
    let web = Web { api, site: Arc::new(site), caches: pages::page_cache::PageCaches::default() };
    let event_pages = EventPageCache::new(&web.caches);
    (pages::router().with_state(web), event_pages)
}

/// The answer to a request for a page that does not exist.
#[must_use]
pub fn not_found() -> axum::response::Response {
    error_page::not_found()
}
