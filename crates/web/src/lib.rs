//! What buyers, organizers and staff see: pages made on the server, which work without a script.
//!
//! The pages are a client of the public API that happens to run in the same process ([`Api`]): what they show and do, any program can,
//! and no page knows more than its visitor's cookie allows. This crate therefore knows nothing of the engine, the store or the
//! journal; of the domain it knows how money is written.
//!
//! What must always hold: public pages carry nothing personal and set no cookie, so that anybody may keep them; a page's script and
//! styles come from [`assets`], never from the page itself; a form that changes something is refused when another site sent it.

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

pub use api::{Api, FreshnessCheck};
pub use pages::page_cache::EventPageCache;

use axum::Router;
use axum::extract::FromRef;
use std::sync::Arc;

/// What the pages have to know about the server they belong to.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where visitors reach it, without a slash at the end: `https://tickets.example.org`.
    pub base_url: String,
    /// Whether its accounts may be shown to anybody.
    pub demo: bool,
}

/// What every page's handler is given.
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

/// The pages, as a client of `api`, and those of them that are kept.
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
