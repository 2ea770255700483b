//! Events, as organizers make and change them and as everybody finds them.
//!
//! What must always hold: what a public answer says is the same for everybody; an event of another organization can be seen
//! when it is published and changed never; one request of an organizer is in force as a whole or not at all.

mod change;
mod copy;
mod create;
mod end;
mod image;
mod input;
mod prepared;
mod read;
mod search;
mod terms;
mod view;

pub(crate) use prepared::PreparedEvents;
pub(crate) use read::event_for;
pub use read::unchanged_event;

use crate::{API, Routes};
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(search::search_events, create::create_event))
        .with(routes!(read::event, change::change_event, end::delete_event))
        .with(routes!(end::cancel_event))
        .with(routes!(change::change_plan))
        .with(routes!(copy::clone_event))
        .with(routes!(image::put_image, image::delete_image))
        .with(routes!(image::image))
}
