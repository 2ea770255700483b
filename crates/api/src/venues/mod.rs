//! `/venues`: venues and their seating plans, as organizers enter them.
//!
//! What must always hold: a plan is imported as a whole or not at all, and a venue of another organization does not exist for the caller.
//! An event has its own copy of its venue's plan, so a new plan of the venue changes no event (`PUT /events/{event_id}/seating-plan` does).

pub(crate) mod access;
mod change;
mod create;
mod delete;
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
        .with(routes!(read::venue, change::change_venue, delete::delete_venue))
        .with(routes!(seating_plan::venue_seating_plan, seating_plan::replace_plan))
        .with(routes!(seatmap::venue_seatmap_svg))
}
