//! `/users/me`: the account of the caller.

mod account;
mod export;
mod reservations;
mod sessions;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(account::get_me, account::change_me, account::delete_me))
        .with(routes!(export::export_me))
        .with(routes!(sessions::my_sessions, sessions::end_other_sessions))
        .with(routes!(sessions::end_session))
        .with(routes!(reservations::my_reservations))
}
