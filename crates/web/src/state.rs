//! The state of the pages' handlers.

use crate::page_cache::PageCaches;
use axum::extract::FromRef;
use fairseat_client::Api;
use std::sync::Arc;

/// The server's settings that the pages need.
#[derive(Clone, Debug)]
pub struct Site {
    /// The address at which visitors reach the server, without a slash at the end: `https://tickets.example.org`.
    pub base_url: String,
    /// Whether this is the demo, whose sign-in page shows its accounts.
    pub demo: bool,
}

/// The state of every handler.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    pub(crate) api: Api,
    pub(crate) site: Arc<Site>,
    pub(crate) caches: PageCaches,
}

impl FromRef<Web> for Api {
    fn from_ref(web: &Web) -> Self {
        web.api.clone()
    }
}
