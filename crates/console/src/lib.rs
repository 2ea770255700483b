//! The console for organizers: venues, events, orders, the box office, members, the audit log.
//!
//! Like every page it is a client of the API. The API refuses what a member may not do; the console only hides it. Its pages are private,
//! so they are never cached. What all pages share (layout, forms, values, scripts and styles) is in `fairseat-web`.

mod audit;
mod box_office;
mod categories;
mod counter;
mod dashboard;
mod event_actions;
mod event_form;
mod event_image;
mod event_questions;
mod event_values;
mod events;
mod fields;
mod layout;
mod listed_event;
mod members;
mod orders;
mod plan_outline;
mod plans;
mod priced_parts;
mod problem_text;
mod quota;
mod seats;
mod venue_forms;
mod venues;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use fairseat_client::{Api, ConsoleTask};
// Templates name these as `crate::render`, so that the same layout serves the templates of `web` and of this crate.
use fairseat_web::{forms, render, values};

/// The routes of the console. `fairseat_web::pages` puts them beside the shop's, behind the same checks.
pub fn routes(api: Api) -> Router {
    let event = Router::new()
        .route("/console/events/new", get(event_form::new).post(event_form::create))
        .route("/console/events/{event_id}", get(dashboard::show))
        .route("/console/events/{event_id}/edit", get(event_form::edit).post(event_form::change))
        .route("/console/events/{event_id}/publish", post(event_actions::publish))
        .route("/console/events/{event_id}/clone", get(event_actions::clone_form).post(event_actions::clone))
        .route(
            "/console/events/{event_id}/cancel",
            get(event_actions::cancel_form).post(event_actions::cancel),
        )
        .route(
            "/console/events/{event_id}/delete",
            get(event_actions::delete_form).post(event_actions::delete),
        )
        .route("/console/events/{event_id}/seats", get(seats::show).post(seats::act))
        .route("/console/events/{event_id}/plan", get(plans::event_plan))
        .route("/console/events/{event_id}/box-office", get(box_office::show).post(box_office::sell))
        .route("/console/events/{event_id}/orders", get(orders::list))
        .route("/console/orders/{order_id}", get(orders::show))
        .route("/console/orders/{order_id}/refund", get(orders::refund_form).post(orders::refund));
    let organization = Router::new()
        .route("/console", get(events::list))
        .route("/console/box-office", get(counter::show))
        .route("/console/venues", get(venues::list))
        .route("/console/venues/new", get(plans::new_venue).post(venue_forms::create))
        .route("/console/venues/{venue_id}", get(venues::show))
        .route("/console/venues/{venue_id}/edit", get(venue_forms::edit).post(venue_forms::change))
        .route("/console/venues/{venue_id}/plan", get(plans::venue_plan))
        .route("/console/venues/{venue_id}/categories", get(categories::show).post(categories::set))
        .route("/console/venues/{venue_id}/delete", get(venues::delete_form).post(venues::delete))
        .route("/console/organizations", post(members::create_organization))
        .route("/console/organizations/{organization_id}/members", get(members::list).post(members::set))
        .route(
            "/console/organizations/{organization_id}/members/{user_id}/remove",
            get(members::remove_form).post(members::remove),
        )
        .route(
            "/console/organizations/{organization_id}/invitations/{invitation_id}/withdraw",
            post(members::withdraw),
        )
        .route("/console/organizations/{organization_id}/audit", get(audit::show))
        .route("/console/organizations/{organization_id}/quota", get(quota::show).post(quota::set));
    let pictures = Router::new()
        .route("/console/events/{event_id}/picture", get(event_image::show).post(event_image::put))
        .route("/console/events/{event_id}/picture/remove", get(forms::back).post(event_image::remove));
    // The gate in each body limits its size.
    let all = event.merge(organization).merge(pictures);
    let all = all.layer(from_fn_with_state(api.clone(), forms::require_session));
    all.layer(DefaultBodyLimit::disable()).with_state(api)
}
