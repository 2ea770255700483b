//! The HTTP side: conventions once, resources each in a file of their own.
//!
//! A resource is a module with `pub fn routes() -> Routes`, listed in `api`. [`Routes`] takes documented handlers only, so
//! the OpenAPI document is complete, and [`listed`] names every route there is. `docs/adding-a-route.md` shows how.

pub mod accounts;
pub mod body;
pub mod check;
pub mod commands;
mod console;
pub mod context;
mod demo_mailbox;
mod docs_page;
pub mod edge;
#[cfg(test)]
mod edge_tests;
pub mod event_brief;
pub mod events;
pub mod idempotency;
pub mod json;
pub mod listener;
#[cfg(test)]
mod listener_tests;
pub mod live;
pub mod login_guard;
pub mod openapi;
pub mod operations;
mod order_cancel;
mod order_list;
mod order_people;
mod order_view;
pub mod orders;
pub mod organization_choice;
pub mod organizations;
pub mod problem;
pub mod query;
pub mod rate_limit;
pub mod refusals;
pub mod reservations;
pub mod sale_access;
mod sandbox;
pub mod seat_blocks;
mod seat_choice;
mod seat_line;
pub mod seats;
mod sections;
mod socket;
mod store_problem;
#[cfg(test)]
mod test_routes;
pub(crate) mod tickets;
mod unread;
pub mod venues;
mod webhooks;

pub use fairseat_web::prepared as cache;

use crate::app::AppState;
use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router};
use fairseat_web::KeptPages;
use futures::future::{Either, Ready, ready};
use problem::Problem;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower::Service;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

/// Where the resources of API.md live.
pub const API: &str = "/api/v1";

/// Routes with their documentation; there is no way to add one without. Each knows its whole path: nested routers would
/// take every request's address apart and put it together again.
pub struct Routes(Vec<UtoipaMethodRouter<AppState>>);

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
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds the handlers of one path: `.with(routes!(list, create))`.
    #[must_use]
    pub fn with(mut self, handlers: UtoipaMethodRouter<AppState>) -> Self {
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
    fn split(self) -> (Router<AppState>, OpenApi) {
        self.0.into_iter().fold(OpenApiRouter::default(), OpenApiRouter::routes).split_for_parts()
    }
}

/// The resources of API.md, each from its own module.
fn api() -> Routes {
    Routes::new()
        .and(accounts::routes())
        .and(organizations::routes())
        .and(venues::routes())
        .and(events::routes())
        .and(seats::routes())
        .and(sections::routes())
        .and(seat_blocks::routes())
        .and(live::routes())
        .and(reservations::routes())
        .and(orders::routes())
        .and(order_cancel::routes())
        .and(order_list::routes())
        .and(tickets::routes())
        .and(sandbox::routes())
        .and(webhooks::routes())
        .and(demo_mailbox::routes())
        .and(console::routes())
}

/// Every route of the server.
#[must_use]
pub fn routes() -> Routes {
    Routes::new().and(operations::routes()).and(sandbox::pages()).below(API, api())
}

/// Every route of the server as method and template.
#[must_use]
pub fn listed() -> Vec<(&'static str, String)> {
    routes().listed()
}

/// The whole server as one service: the API, and the pages, which are its client.
#[derive(Clone, Debug)]
pub struct Server {
    app: AppState,
    kept: KeptPages,
    routes: Router,
}

impl<B> Service<Request<B>> for Server
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match edge::answer_kept(&self.app, &self.kept, &request) {
            Some(response) => Either::Left(ready(Ok(response))),
            None => Either::Right(self.routes.call(request)),
        }
    }
}

/// The server over `app`.
pub fn server(app: AppState) -> Server {
    let (routes, _document) = routes().split();
    let routes = routes.fallback(nothing_here);
    let base_url = app.base_url.clone();
    let watch = {
        let app = app.clone();
        Arc::new(move |path: &str, etag: &HeaderValue| events::watch(&app, path, etag))
    };
    let api = fairseat_web::Api::new(routes.clone().with_state(app.clone()), context::carried, watch);
    let (pages, kept) = fairseat_web::pages(api, fairseat_web::Site { base_url, demo: app.settings.demo });
    let edge = from_fn_with_state(app.clone(), edge::edge);
    Server { routes: routes.with_state(app.clone()).merge(pages).layer(edge), kept, app }
}

/// The answer for an address that leads nowhere: a page for who reads pages.
async fn nothing_here(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return fairseat_web::not_found();
    }
    Problem::not_found().into_response()
}

/// The given routes behind the same edge.
#[cfg(test)]
fn router_of(routes: Routes, app: AppState) -> Router {
    let (router, _document) = routes.split();
    behind_the_edge(router, app)
}

/// Handlers that need no documentation behind the same edge: what the benchmark compares with stands where ours do.
pub fn behind_the_edge(router: Router<AppState>, app: AppState) -> Router {
    router
        .fallback(async || Problem::not_found())
        .layer(from_fn_with_state(app.clone(), edge::edge))
        .with_state(app)
}
