//! `/users`: people's own accounts and what they bought.

mod me;
mod orders;
mod sessions;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .and(me::routes())
        .with(routes!(orders::orders_of_user))
        .with(routes!(sessions::end_sessions_of_user))
}
