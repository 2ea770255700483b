//! Drawn pictures for events without a picture of their own.

use crate::error_page;
use crate::state::Web;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// `/posters/{category}/{event_id}-{venue}.{svg|png}`
pub(crate) async fn picture(
    State(web): State<Web>,
    Path((category, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let made = web.caches.posters.of(category, file).await;
    made.map_or_else(error_page::not_found, |picture| picture.respond(&headers))
}
