//! `/reservations`: seats that are kept for one buyer for a limited time.
//!
//! What must always hold: only its owner learns that a reservation exists; an administrator may read it. The sale decides which seats can
//! be reserved, and when.

pub(crate) mod access;
mod cancel;
mod change;
mod extend;
mod read;
pub(crate) mod view;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(read::reservation, change::change_reservation, cancel::cancel_reservation))
        .with(routes!(extend::extend_reservation))
}
