//! `/orders`: buying a reservation, looking at an order, cancelling it.
//!
//! What must always hold: only the owner of a reservation can buy it; an order is visible to its buyer, to members of the event's
//! organization whose role includes that, and to administrators. For all others it does not exist.

pub(crate) mod access;
mod cancel;
mod cancelled_view;
pub(crate) mod contact;
mod create;
pub(crate) mod found;
mod hand_out_refund;
pub(crate) mod people;
mod read;
pub(crate) mod reader;
mod tickets;
pub(crate) mod view;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(create::create_order))
        .with(routes!(read::order))
        .with(routes!(tickets::order_tickets))
        .with(routes!(cancel::cancel_order))
        .with(routes!(hand_out_refund::refund_handed_out))
}
