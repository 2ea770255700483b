//! HTTP for machines: the resources of the API, in files that mirror the URLs: the handler of `POST /orders/{order_id}/cancel` is in
//! `orders/cancel.rs`.
//!
//! A resource is a module with `fn routes() -> Routes`, listed in [`routes()`]. [`Routes`] takes documented handlers only, so the OpenAPI
//! document is complete, and [`listed`] names every route. `docs/adding-a-route.md` shows how. What must always hold: only
//! `fairseat-problems` turns the application's errors into problem documents. What deliberately does not live here: conventions of HTTP (see `fairseat-edge`) and
//! what the platform does (see `fairseat-app`).

mod accounts;
mod auth;
pub mod caller;
mod commands;
mod demo;
mod event_summary;
mod events;
mod handler;
mod idempotency;
mod images;
mod invitations;
mod lists;
mod openapi;
mod operations;
mod orders;
mod organization_choice;
mod organizations;
mod payments;
mod plan_import;
mod prefer;
mod reservations;
mod routes;
mod sale_access;
mod seat_choice;
mod seat_line;
mod state;
mod ticket_key;
mod tickets;
mod users;
mod venues;
mod webhooks;

pub use events::unchanged_event;
pub use fairseat_problems::errors::ApiError;
pub use routes::Routes;
pub use state::ApiState;

use axum::Router;
use fairseat_contract::API_ROOT;
use fairseat_payments::ProviderKind;
use serde_json::Value;
use std::sync::OnceLock;
use utoipa_axum::routes;

/// The routes of all resources; each resource has its own module.
fn resources() -> Routes {
    let payments = ProviderKind::ALL
        .into_iter()
        .fold(Routes::new(), |routes, kind| routes.below(&format!("/{}", kind.name()), payments::routes()));
    Routes::new()
        .and(auth::routes())
        .and(users::routes())
        .and(organizations::routes())
        .and(invitations::routes())
        .and(venues::routes())
        .and(events::routes())
        .with(routes!(images::image))
        .and(reservations::routes())
        .and(orders::routes())
        .with(routes!(tickets::ticket))
        .with(routes!(ticket_key::ticket_key))
        .and(payments)
        .and(webhooks::routes())
        .and(demo::routes())
}

/// Every documented route of the server.
#[must_use]
pub fn routes() -> Routes {
    let pages = ProviderKind::ALL
        .into_iter()
        .fold(Routes::new(), |routes, kind| routes.below(&format!("/{}", kind.name()), payments::pages()));
    Routes::new().and(operations::routes()).and(pages).below(API_ROOT, resources())
}

/// Every documented route as method and template.
#[must_use]
pub fn listed() -> Vec<(&'static str, String)> {
    routes().listed()
}

/// The OpenAPI document of every route.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| openapi::to_json(routes().split().1))
}

/// `GET /metrics` for everybody, as a router that still lacks its state and the edge; for a listener that only operators can reach.
pub fn metrics_router() -> Router<ApiState> {
    operations::metrics_router()
}

/// The API as a router that still lacks its state, a fallback and the edge.
pub fn router() -> Router<ApiState> {
    routes().split().0
}
