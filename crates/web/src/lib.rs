//! The pages for buyers, and what all pages share: rendered on the server, usable without scripts.
//!
//! The pages are a client of the public API, which runs in the same process ([`Api`]). So any other program can show and do the same, and a
//! page cannot show more than its visitor's cookie allows. This crate does not depend on the engine, the store or the journal; it uses the
//! domain only to format money and to group the names of sections.
//!
//! The console for organizers is the crate `fairseat-console`. It uses the public modules of this crate, its layout and its static files.
//!
//! What must always hold: public pages contain nothing about the visitor and set no cookie, so that any cache may store them; scripts and
//! styles come from [`assets`], never from within a page; a form that changes something is refused when another site sent it.

pub mod assets;
mod bundle;
pub mod categories;
mod cookies;
pub mod done;
pub mod error_page;
pub mod forms;
mod markdown;
mod page_cache;
mod pages;
pub mod poster;
pub mod render;
pub mod roles;
mod state;
pub mod values;

pub use fairseat_client::{Api, ConsoleTask, FreshnessCheck};
pub use page_cache::EventPageCache;
pub use state::Site;

use axum::Router;
use axum::middleware::from_fn;
use page_cache::PageCaches;
use state::Web;
use std::sync::Arc;

/// The routes of all pages, and the cache of event pages that the server asks before it runs a route. `console` has the routes of
/// `fairseat-console`.
pub fn pages(api: Api, site: Site, console: Router) -> (Router, EventPageCache) {
    let web = Web { api, site: Arc::new(site), caches: PageCaches::default() };
    let event_pages = EventPageCache::new(&web.caches);
    let routes = pages::router()
        .with_state(web)
        .merge(console)
        .layer(from_fn(forms::refuse_cross_site))
        .layer(from_fn(error_page::errors_as_pages));
    (routes, event_pages)
}

/// The answer to a request for a page that does not exist.
#[must_use]
pub fn not_found() -> axum::response::Response {
    error_page::not_found()
}
