//! What operators and machines ask: health, metrics, the OpenAPI document and its page, robots.txt.

use crate::Routes;
use crate::error::ApiError;
use crate::openapi;
use crate::state::ApiState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fairseat_app::consumers::QUEUES;
use fairseat_domain::Sale;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_edge::problem::{Code, Problem};
use fairseat_engine::Machine as _;
use fairseat_journal::AppendError;
use fairseat_store::search::EventQuery;
use fairseat_store::{EventStatus, Page, Scope};
use prometheus_client::encoding::text;
use std::sync::OnceLock;
use std::time::Duration;
use utoipa_axum::routes;

/// At most so many sales are counted as behind, for each consumer.
const MAX_COUNTED: usize = 10_000;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(healthz))
        .with(routes!(readyz))
        .with(routes!(metrics))
        .with(routes!(openapi_json))
        .with(routes!(docs))
        .with(routes!(robots))
}

/// Whether the process is up
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()), responses((status = 200, body = String)))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the server can sell
///
/// 503 while it starts, drains, or cannot write.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()), responses((status = 200, body = String)))]
async fn readyz(State(app): State<ApiState>) -> Result<&'static str, ApiError> {
    if app.edge.shutdown.has_begun() {
        return Err(Problem::new(Code::Overloaded, "The server is going away.")
            .retry_after(Duration::from_secs(5))
            .into());
    }
    match app.journal.ready().await {
        Ok(()) => Ok("ready\n"),
        Err(AppendError::Full) => Err(Problem::new(Code::ReadOnly, "The disk is full: make room.")
            .retry_after(Duration::from_secs(5))
            .into()),
        Err(error) => Err(Problem::new(Code::Unavailable, format!("The journal takes nothing: {error}."))
            .retry_after(Duration::from_secs(5))
            .into()),
    }
}

/// Measurements in the `OpenMetrics` format, for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "Operations", security(()),
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn metrics(State(app): State<ApiState>) -> Result<Response, ApiError> {
    // A store that fails must not hide everything else there is to see.
    if let Err(problem) = look_around(&app).await {
        tracing::warn!(code = problem.0.code().name(), "some gauges are old");
    }
    app.edge.metrics.flush();
    let mut encoded = String::new();
    text::encode(&mut encoded, &app.registry).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], encoded).into_response())
}

/// Sets the gauges that nothing moves but looking.
async fn look_around(app: &ApiState) -> Result<(), ApiError> {
    let metrics = &app.metrics;
    metrics.overdue(app.effects.overdue());
    let sales = app.engine.handles();
    metrics.queue_length("mailboxes", sales.iter().map(|(_, sale)| sale.queued()).sum());
    for (consumer, queue) in QUEUES {
        let behind = app.journal.behind(consumer, Sale::KIND, None, MAX_COUNTED).await;
        metrics.queue_length(queue, behind.map_err(Problem::unavailable)?.len());
    }
    let waiting = app.store.outbox().count().await?;
    metrics.queue_length("outbox", usize::try_from(waiting).unwrap_or(usize::MAX));
    let oldest = app.store.outbox().oldest().await?;
    let waited = oldest.map_or(0, |oldest| app.now().since(oldest).0);
    metrics.mail_oldest(Duration::from_millis(u64::try_from(waited).unwrap_or_default()));
    let on_sale = EventQuery { status: Some(EventStatus::OnSale), ..EventQuery::default() };
    let page = Page { limit: 1, offset: 0 };
    let found = app.store.search().events(on_sale, &Scope::Public, page, app.now()).await?;
    metrics.events_on_sale(usize::try_from(found.total).unwrap_or(usize::MAX));
    Ok(())
}

/// This document
#[utoipa::path(get, path = "/openapi.json", tag = "Operations", security(()),
    responses((status = 200, body = Object), (status = 304, description = "Unchanged")))]
async fn openapi_json(headers: HeaderMap) -> Response {
    static DOCUMENT: OnceLock<Prepared> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        let text = openapi::document().to_string();
        Prepared::new(HeaderValue::from_static("application/json"), text.into(), CachePolicy::REVALIDATE)
    });
    document.respond(&headers)
}

/// The same for people
#[utoipa::path(get, path = "/docs", tag = "Operations", security(()),
    responses((status = 200, body = String, content_type = "text/html"), (status = 304, description = "Unchanged")))]
async fn docs(headers: HeaderMap) -> Response {
    static PAGE: OnceLock<Prepared> = OnceLock::new();
    let page = PAGE.get_or_init(|| {
        let html = crate::docs_page::html(openapi::document());
        Prepared::html(html, CachePolicy::REVALIDATE)
    });
    page.respond(&headers)
}

/// What crawlers may read
#[utoipa::path(get, path = "/robots.txt", tag = "Operations", security(()), responses((status = 200, body = String)))]
async fn robots(State(app): State<ApiState>) -> Response {
    let text = format!(
        "User-agent: *\nDisallow: /api/\nDisallow: /metrics\nDisallow: /console\nAllow: /\nSitemap: {}/sitemap.xml\n",
        app.base_url
    );
    ([(header::CACHE_CONTROL, CachePolicy::seconds(3_600).header())], text).into_response()
}
