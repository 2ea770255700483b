//! `GET /openapi.json`, and `GET /docs` for people.

use crate::handler::{ApiState, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use fairseat_contract::asset_paths;
use fairseat_edge::docs_page;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use std::sync::OnceLock;

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "Operations", security(()),
    responses((status = 200, body = Object), (status = 304, description = "Unchanged")))]
pub(crate) async fn openapi_json(State(app): State<ApiState>, headers: HeaderMap) -> Response {
    static DOCUMENT: OnceLock<Prepared> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        let text = app.document.to_string();
        Prepared::new(HeaderValue::from_static("application/json"), text.into(), CachePolicy::REVALIDATE)
    });
    document.respond(&headers)
}

/// This document as a page for people
#[utoipa::path(get, path = "/docs", tag = "Operations", security(()),
    responses((status = 200, body = String, content_type = "text/html"), (status = 304, description = "Unchanged")))]
pub(crate) async fn docs(State(app): State<ApiState>, headers: HeaderMap) -> Response {
    static PAGE: OnceLock<Prepared> = OnceLock::new();
    let page = PAGE.get_or_init(|| {
        let html = docs_page::html(app.document, asset_paths::ICON, asset_paths::STYLES);
        Prepared::html(html, CachePolicy::REVALIDATE)
    });
    page.respond(&headers)
}
