//! `/venues`: venues and their seating plans, as organizers enter them.
//!
//! What must always hold: a plan is imported as a whole or not at all, and a venue of another organization does not exist for the caller.
//! A venue's plan never changes; an event's may (`PUT /events/{event_id}/seating-plan`).

pub(crate) mod access;
mod change;
mod create;
mod fields;
mod list;
mod read;
mod seating_plan;
mod seatmap;
pub(crate) mod view;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(list::list_venues, create::create_venue))
        .with(routes!(read::venue, change::change_venue))
        .with(routes!(seating_plan::venue_seating_plan))
        .with(routes!(seatmap::venue_seatmap_svg))
}
