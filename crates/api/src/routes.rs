//! Routes with their documentation.

use crate::openapi;
use crate::state::ApiState;
use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Routes with their documentation; a route cannot be added without it. Each has its whole path: nested routers would take every request's
/// path apart and put it together again.
pub struct Routes(Vec<UtoipaMethodRouter<ApiState>>);

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.listed()).finish()
    }
}

impl Default for Routes {
    fn default() -> Self {
        Self::new()
    }
}

impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds the handlers of one path: `.with(routes!(list, create))`.
    #[must_use]
    pub fn with(mut self, handlers: UtoipaMethodRouter<ApiState>) -> Self {
        self.0.push(handlers);
        self
    }

    /// Adds the routes of another module.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds the routes of another module below `path`.
    #[must_use]
    pub fn below(self, path: &str, mut other: Self) -> Self {
        for (_, paths, _) in &mut other.0 {
            let inner = std::mem::take(&mut paths.paths);
            paths.paths = inner.into_iter().map(|(rest, item)| (format!("{path}{rest}"), item)).collect();
        }
        self.and(other)
    }

    /// Every route as method and template, sorted: `("GET", "/api/v1/events/{event_id}")`.
    #[must_use]
    pub fn listed(&self) -> Vec<(&'static str, String)> {
        let paths = self.0.iter().flat_map(|(_, paths, _)| openapi::operations(paths));
        let mut listed: Vec<_> = paths.map(|(method, path, _)| (method, path.to_owned())).collect();
        listed.sort_by(|(one, at), (other, there)| (at, one).cmp(&(there, other)));
        listed
    }

    /// The routes as a router and as a document.
    pub(crate) fn split(self) -> (Router<ApiState>, OpenApi) {
        self.0.into_iter().fold(OpenApiRouter::default(), OpenApiRouter::routes).split_for_parts()
    }
}
