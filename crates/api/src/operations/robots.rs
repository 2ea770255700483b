//! `GET /robots.txt`.

use crate::handler::{ApiState, IntoResponse, Response, State};
use axum::http::header;
use fairseat_edge::prepared::CachePolicy;

/// What crawlers may read
#[utoipa::path(get, path = "/robots.txt", tag = "Operations", security(()), responses((status = 200, body = String)))]
pub(crate) async fn robots(State(app): State<ApiState>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /api/\nDisallow: /metrics\nDisallow: /console\nAllow: /\nSitemap: {}/sitemap.xml\n",
        app.base_url
    );
    ([(header::CACHE_CONTROL, CachePolicy::seconds(3_600).header())], text).into_response()
}
