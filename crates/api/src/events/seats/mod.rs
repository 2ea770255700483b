//! `/events/{event_id}/seats`: the seats of an event, and which of them its organizer withholds from sale.

mod best;
mod block;
mod blocked;
mod list;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(list::seats))
        .with(routes!(best::best_seats))
        .with(routes!(block::block))
        .with(routes!(block::unblock))
        .with(routes!(blocked::blocked))
}
