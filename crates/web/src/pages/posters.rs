//! Drawn pictures for events without a picture of their own.

use crate::error_page;
use crate::state::Web;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use fairseat_edge::context::RequestContext;
use fairseat_edge::limits::LimitedCaller;
use fairseat_edge::problem::Problem;

/// `/posters/{category}/{event_id}-{venue}.{svg|png}`
pub(crate) async fn picture(
    State(web): State<Web>,
    Path((category, file)): Path<(String, String)>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Response {
    let keys = [LimitedCaller::site(context.client).key(), 0];
    match web.caches.posters.of(category, file, keys).await {
        Ok(Some(picture)) => picture.respond(&headers),
        Ok(None) => error_page::not_found(),
        Err(busy) => Problem::overloaded().because(busy).into_response(),
    }
}
