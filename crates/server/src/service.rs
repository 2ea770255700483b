//! The API, the pages and the edge as one service for the listener.

use crate::server::Server;
use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router};
use fairseat_api::ApiState;
use fairseat_app::access::Permission;
use fairseat_edge::layer::{accepts_prepared, answer_prepared, layer};
use fairseat_edge::{EdgeState, Problem, context};
use fairseat_store::organizations::Role;
use fairseat_web::{Api, ConsoleTask, EventPageCache, Site};
use futures::future::{Either, Ready, ready};
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Answers every request of a server.
#[derive(Clone, Debug)]
pub struct Service {
    edge: EdgeState,
    event_pages: EventPageCache,
    routes: Router,
}

impl Service {
    pub(crate) fn new(server: &Server) -> Self {
        let Server { app, edge, api, node, .. } = server;
        let routes = fairseat_api::router();
        let routes = node.as_ref().map_or(routes.clone(), |node| node.forwarding(routes));
        let routes = routes.fallback(no_such_address);
        let for_freshness = api.clone();
        let freshness_of = Arc::new(move |path: &str, etag: &HeaderValue| {
            fairseat_api::unchanged_event(&for_freshness, path, etag)
        });
        let client = Api::new(
            routes.clone().with_state(api.clone()),
            context::inherited_extensions,
            freshness_of,
            permits,
        );
        let site = Site { base_url: app.base_url.clone(), demo: server.settings.demo };
        let (pages, event_pages) =
            fairseat_web::pages(client.clone(), site, fairseat_console::routes(client));
        let around = from_fn_with_state(edge.clone(), layer);
        let routes = routes.with_state(api.clone()).merge(pages).layer(around);
        Self { edge: edge.clone(), event_pages, routes }
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

    /// A cached event page that is still current is served without the router, which takes a third of the processor time (measured in docs/adr/0012-per-thread.md).
    fn call(&mut self, request: Request<B>) -> Self::Future {
        if accepts_prepared(&request)
            && let Some(page) = self.event_pages.get(request.uri().path())
        {
            let respond = |headers: &HeaderMap| page.respond(headers);
            let response = answer_prepared(&self.edge, EventPageCache::ROUTE, &request, respond);
            return Either::Left(ready(Ok(response)));
        }
        Either::Right(self.routes.call(request))
    }
}

/// Whether a member whose role has this name may do a task of the console, by the application's table of permissions.
fn permits(role: &str, task: ConsoleTask) -> bool {
    let permission = match task {
        ConsoleTask::ManageCatalogue => Permission::ManageCatalogue,
        ConsoleTask::BlockSeats => Permission::BlockSeats,
        ConsoleTask::SeeMembers => Permission::SeeMembers,
        ConsoleTask::ManageMembers => Permission::ManageMembers,
        ConsoleTask::SeeOrders => Permission::SeeOrders,
        ConsoleTask::Refund => Permission::Refund,
        ConsoleTask::SellAtCounter => Permission::SellAtCounter,
        ConsoleTask::GiveAway => Permission::GiveAway,
        ConsoleTask::SeeAudit => Permission::SeeAudit,
    };
    Role::from_name(role).is_some_and(|role| permission.is_given_to(role))
}

/// The answer for an unknown address: a page for browsers, a problem document for other programs.
async fn no_such_address(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return fairseat_web::not_found();
    }
    Problem::not_found().into_response()
}

/// Handlers that are not part of the API, behind the same edge: the baselines of the benchmark.
pub fn behind_the_edge(router: Router<ApiState>, api: ApiState) -> Router {
    let around = from_fn_with_state(api.edge.clone(), layer);
    router.fallback(async || Problem::not_found()).layer(around).with_state(api)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_console_offers_exactly_the_roles_of_the_application() {
        let offered: Vec<&str> = fairseat_web::roles::ROLES.iter().map(|(role, _)| *role).collect();
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        assert_eq!(offered, known);
    }

    #[test]
    fn the_console_asks_the_table_of_permissions() {
        assert!(permits("owner", ConsoleTask::ManageMembers));
        assert!(!permits("manager", ConsoleTask::ManageMembers));
        assert!(permits("finance", ConsoleTask::Refund));
        assert!(permits("staff", ConsoleTask::SellAtCounter) && !permits("staff", ConsoleTask::GiveAway));
        assert!(!permits("king", ConsoleTask::SellAtCounter), "an unknown role may do nothing");
    }
}
