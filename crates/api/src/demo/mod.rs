//! `/demo`: routes that only the demo has.

mod mailbox;

use crate::routes::Routes;
use utoipa_axum::routes;

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(mailbox::messages))
        .with(routes!(mailbox::message))
        .with(routes!(mailbox::enclosure))
}
