//! Routes outside of `/api/v1` for operators, programmers and crawlers: health, metrics, the OpenAPI document, robots.txt.

mod document;
mod health;
mod metrics;
mod robots;

use crate::routes::Routes;
use crate::state::ApiState;
use axum::Router;
use utoipa_axum::routes;

/// The measurements alone, for a listener of their own.
pub(crate) fn metrics_router() -> Router<ApiState> {
    Router::new().route("/metrics", axum::routing::get(metrics::metrics_for_operators))
}

/// The routes of this folder.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(health::healthz))
        .with(routes!(health::readyz))
        .with(routes!(metrics::metrics))
        .with(routes!(document::openapi_json))
        .with(routes!(document::docs))
        .with(routes!(robots::robots))
}
