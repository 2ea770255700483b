//! The page at `/`, for whoever opens the address in a browser, and the styles of our own pages.

use super::Routes;
use super::cache::{CachePolicy, Prepared};
use crate::app::AppState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use std::sync::OnceLock;
use utoipa_axum::routes;

const PAGE: &str = include_str!("../../static/start.html");
const DEMO: &str = include_str!("../../static/demo.html");
const STYLES: &str = include_str!("../../static/fairseat.css");

/// The routes of this file.
pub fn routes() -> Routes {
    Routes::new().with(routes!(start)).with(routes!(styles))
}

/// What this server is
#[utoipa::path(get, path = "/", tag = "Pages", security(()),
    responses((status = 200, body = String, content_type = "text/html"), (status = 304, description = "Unchanged")))]
async fn start(State(app): State<AppState>, headers: HeaderMap) -> Response {
    static PLAIN: OnceLock<Prepared> = OnceLock::new();
    static WITH_DEMO: OnceLock<Prepared> = OnceLock::new();
    let (page, demo) = if app.settings.demo { (&WITH_DEMO, DEMO) } else { (&PLAIN, "") };
    let make = || Prepared::html(PAGE.replace("<!-- demo -->", demo), CachePolicy::REVALIDATE);
    page.get_or_init(make).respond(&headers)
}

/// The styles of our pages
#[utoipa::path(get, path = "/assets/fairseat.css", tag = "Pages", security(()),
    responses((status = 200, body = String, content_type = "text/css"), (status = 304, description = "Unchanged")))]
async fn styles(headers: HeaderMap) -> Response {
    static SHEET: OnceLock<Prepared> = OnceLock::new();
    let css = HeaderValue::from_static("text/css; charset=utf-8");
    SHEET.get_or_init(|| Prepared::new(css, STYLES.into(), CachePolicy::REVALIDATE)).respond(&headers)
}
