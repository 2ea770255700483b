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
mod categories;
mod console;
mod error_page;
mod forms;
mod markdown;
mod pages;
mod poster;
mod render;
mod state;
mod values;

pub use api::{Api, Failure, Holds};
pub use pages::kept::KeptPages;
pub use state::Site;

use axum::Router;
use state::Web;

/// The pages, as a client of `api`, and those of them that are kept.
pub fn pages(api: Api, site: Site) -> (Router, KeptPages) {
    let web = Web::new(api, site);
    let kept = KeptPages::new(&web.kept);
    (pages::router().with_state(web), kept)
}

/// The answer to a request for a page that does not exist.
#[must_use]
pub fn not_found() -> axum::response::Response {
    error_page::not_found()
}
