//! `GET /metrics`.

use crate::handler::*;
use axum::http::{HeaderMap, HeaderValue, header};
use fairseat_app::consumers::queues;
use fairseat_engine::Machine as _;
use fairseat_store::search::EventQuery;
use fairseat_store::{EventStatus, Page, Scope};
use prometheus_client::encoding::text;
use std::time::Duration;

/// The most sales that are counted as behind, for each consumer.
const MAX_COUNTED: usize = 10_000;

/// Headers by which a proxy says that a request comes from elsewhere.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];

/// Measurements in the `OpenMetrics` format, for Prometheus
///
/// Answered to the server's own machine, and to others with the operator's token as `Authorization: Bearer`.
#[utoipa::path(get, path = "/metrics", tag = "Operations", security((), ("bearer" = [])),
    responses((status = 200, body = String, content_type = "application/openmetrics-text"),
        (status = 403, description = "From another machine, without the token")))]
pub(crate) async fn metrics(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
    let is_local = context.client.is_loopback() && !is_forwarded;
    let has_token = app.edge.metrics_token.as_ref().is_some_and(|token| token.is_sent(&headers));
    if is_local || has_token {
        return measurements(app).await;
    }
    let detail = "Measurements are for the server's own machine, and for others with the token that its operator set (--metrics-token).";
    Err(Problem::forbidden(detail).into())
}

/// `GET /metrics` for everybody, on a listener that only operators can reach.
pub(crate) async fn metrics_for_operators(State(app): State<ApiState>) -> Result<Response, ApiError> {
    measurements(app).await
}

async fn measurements(app: ApiState) -> Result<Response, ApiError> {
    // If the store fails, all other metrics must still be readable.
    if let Err(problem) = refresh_gauges(&app).await {
        tracing::warn!(
            code = problem.0.code().name(),
            "some gauges could not be refreshed and show old values"
        );
    }
    app.edge.flush_metrics();
    let mut encoded = String::new();
    text::encode(&mut encoded, &app.registry).map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], encoded).into_response())
}

/// Sets the gauges that no event updates: their values are read when the metrics are requested.
async fn refresh_gauges(app: &ApiState) -> Result<(), ApiError> {
    let metrics = &app.metrics;
    metrics.overdue(app.effects.overdue());
    metrics.sales_awake(app.engine.awake(), app.engine.awake_bytes());
    let sales = app.engine.handles();
    metrics.queue_length("mailboxes", sales.iter().map(|(_, sale)| sale.queued()).sum());
    metrics.bus_away(app.bus.as_ref().and_then(|bus| bus.away_for()));
    metrics.replicas(&app.store.replicas());
    for (consumer, queue) in queues(app) {
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
