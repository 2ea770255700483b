//! The API, the pages and the edge as one service for the listener.

use crate::server::Server;
use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router};
use fairseat_api::ApiState;
use fairseat_edge::layer::{answer_prepared, layer, takes_prepared};
use fairseat_edge::{EdgeState, Problem, context};
use fairseat_web::{Api, KeptPages, Site};
use futures::future::{Either, Ready, ready};
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers every request of a server.
#[derive(Clone, Debug)]
pub struct Service {
    edge: EdgeState,
    kept: KeptPages,
    routes: Router,
}

impl Service {
    pub(crate) fn new(server: &Server) -> Self {
        let Server { app, edge, api, .. } = server;
        let routes = fairseat_api::router().fallback(no_such_address);
        let watched = api.clone();
        let watch = Arc::new(move |path: &str, etag: &HeaderValue| {
            fairseat_api::unchanged_event(&watched, path, etag)
        });
        let client = Api::new(routes.clone().with_state(api.clone()), context::inherited_extensions, watch);
        let site = Site { base_url: app.base_url.clone(), demo: server.settings.demo };
        let (pages, kept) = fairseat_web::pages(client, site);
        let around = from_fn_with_state(edge.clone(), layer);
        let routes = routes.with_state(api.clone()).merge(pages).layer(around);
        Self { edge: edge.clone(), kept, routes }
    }
}

impl<B> tower::Service<Request<B>> for Service
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

    /// An event's page that is kept and still true needs no router (docs/adr/0012-per-thread.md has the measurement).
    fn call(&mut self, request: Request<B>) -> Self::Future {
        if takes_prepared(&request)
            && let Some(page) = self.kept.at(request.uri().path())
        {
            let respond = |headers: &HeaderMap| page.respond(headers);
            let response = answer_prepared(&self.edge, KeptPages::ROUTE, &request, respond);
            return Either::Left(ready(Ok(response)));
        }
        Either::Right(self.routes.call(request))
    }
}

/// The answer for an address that leads nowhere: a page for browsers.
async fn no_such_address(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return fairseat_web::not_found();
    }
    Problem::not_found().into_response()
}

/// Handlers without documentation behind the same edge, for the benchmark's baselines.
pub fn behind_the_edge(router: Router<ApiState>, api: ApiState) -> Router {
    let around = from_fn_with_state(api.edge.clone(), layer);
    router.fallback(async || Problem::not_found()).layer(around).with_state(api)
}
