//! HTTP for machines: the resources of the API, each in a file of its own.
//!
//! A resource is a module with `fn routes() -> Routes`, listed in [`routes`]. [`Routes`] takes documented handlers only, so
//! the OpenAPI document is complete, and [`listed`] names every route. `docs/adding-a-route.md` shows how. What must always hold: an error
//! of the application becomes a problem document in one place (`error`). What deliberately does not live here: conventions of HTTP (see
//! `fairseat-edge`) and what the platform does (see `fairseat-app`).

pub mod accounts;
pub mod caller;
mod commands;
mod console;
mod demo_mailbox;
mod docs_page;
pub mod error;
mod event_brief;
mod events;
mod idempotency;
pub mod live;
mod live_feed;
mod openapi;
mod operations;
mod order_cancel;
mod order_list;
mod order_people;
mod order_view;
mod orders;
mod organization_choice;
mod organizations;
mod payments;
mod plan_import;
mod refusals;
mod reservations;
mod routes;
mod sale_access;
mod seat_blocks;
mod seat_choice;
mod seat_line;
mod seats;
mod sections;
mod state;
mod tickets;
mod venue_maps;
mod venues;
mod webhooks;

pub use error::ApiError;
pub use events::unchanged_event;
pub use fairseat_contract::API_ROOT as API;
pub use routes::Routes;
pub use state::ApiState;

use axum::Router;
use fairseat_payments::ProviderKind;

/// The resources of API.md, each from its own module.
fn resources() -> Routes {
    let payments = ProviderKind::ALL
        .into_iter()
        .fold(Routes::new(), |routes, kind| routes.below(&format!("/{}", kind.name()), payments::routes()));
    Routes::new()
        .and(accounts::routes())
        .and(organizations::routes())
        .and(venues::routes())
        .and(events::routes())
        .and(seats::routes())
        .and(sections::routes())
        .and(seat_blocks::routes())
        .and(live_feed::routes())
        .and(reservations::routes())
        .and(orders::routes())
        .and(order_cancel::routes())
        .and(order_list::routes())
        .and(tickets::routes())
        .and(payments)
        .and(webhooks::routes())
        .and(demo_mailbox::routes())
        .and(console::routes())
}

/// Every documented route of the server.
#[must_use]
pub fn routes() -> Routes {
    let pages = ProviderKind::ALL
        .into_iter()
        .fold(Routes::new(), |routes, kind| routes.below(&format!("/{}", kind.name()), payments::pages()));
    Routes::new().and(operations::routes()).and(pages).below(API, resources())
}

/// Every documented route as method and template.
#[must_use]
pub fn listed() -> Vec<(&'static str, String)> {
    routes().listed()
}

/// The API as a router that still lacks its state, a fallback and the edge.
pub fn router() -> Router<ApiState> {
    routes().split().0
}
