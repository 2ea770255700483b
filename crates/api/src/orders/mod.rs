//! `/orders`: buying a reservation, looking at an order, cancelling it.
//!
//! What must always hold: only a reservation's owner buys it; an order is seen by its buyer, by members of the event's
//! organization whose role includes that, and by administrators, and does not exist for anybody else.

pub(crate) mod access;
mod cancel;
mod cancelled_view;
mod create;
pub(crate) mod found;
mod hand_out_refund;
pub(crate) mod people;
mod read;
pub(crate) mod view;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(create::create_order))
        .with(routes!(read::order))
        .with(routes!(cancel::cancel_order))
        .with(routes!(hand_out_refund::refund_handed_out))
}
