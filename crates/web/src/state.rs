//! The values that the handlers of pages share.

use crate::api::Api;
use crate::pages::kept::Kept;
use crate::poster::Posters;
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

/// The state of every page's handler.
#[derive(Clone, Debug)]
pub(crate) struct Web {
    pub(crate) api: Api,
    pub(crate) site: Arc<Site>,
    pub(crate) kept: Kept,
}

impl Web {
    /// With empty caches.
    pub(crate) fn new(api: Api, site: Site) -> Self {
        Self { api, site: Arc::new(site), kept: Kept::default() }
    }
}

impl FromRef<Web> for Api {
    fn from_ref(web: &Web) -> Self {
        web.api.clone()
    }
}

impl FromRef<Web> for Posters {
    fn from_ref(web: &Web) -> Self {
        web.kept.posters.clone()
    }
}
