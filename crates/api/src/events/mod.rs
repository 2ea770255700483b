//! `/events`: creating, changing and finding events; their seats, sales figures and orders.
//!
//! What must always hold: a public answer is the same for everybody; an event of another organization can be seen when it is published, and
//! can never be changed; an organizer's request takes effect as a whole or not at all.

pub(crate) mod access;
pub(crate) mod availability;
mod box_office;
mod calendar;
mod cancel;
mod cancellation;
mod change;
mod cities;
mod clone;
mod create;
mod delete;
mod edit_tag;
mod export;
mod image;
mod input;
mod live;
mod orders;
mod read;
mod reserve;
mod search;
mod seating_plan;
mod seatmap;
pub(crate) mod seats;
mod sections;
mod statistics;
mod terms;
mod view;

pub use read::unchanged_event;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(search::search_events, create::create_event))
        .with(routes!(read::event, change::change_event, delete::delete_event))
        .with(routes!(cancel::cancel_event))
        .with(routes!(cancellation::cancellation))
        .with(routes!(seating_plan::change_plan))
        .with(routes!(clone::clone_event))
        .with(routes!(image::put_image, image::delete_image))
        .with(routes!(reserve::reserve))
        .and(seats::routes())
        .with(routes!(seatmap::seatmap))
        .with(routes!(seatmap::seatmap_svg))
        .with(routes!(seatmap::price_colors))
        .with(routes!(cities::cities))
        .with(routes!(calendar::calendar))
        .with(routes!(availability::availability))
        .with(routes!(sections::sections))
        .with(routes!(live::live))
        .with(routes!(statistics::statistics))
        .with(routes!(box_office::sell))
        .with(routes!(orders::orders_of_event))
        .with(routes!(export::orders_csv))
        .with(routes!(export::attendees_csv))
}
