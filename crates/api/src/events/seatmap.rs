//! `GET /events/{event_id}/seatmap`, `seatmap.svg` and `price-colors`.

use crate::handler::*;
use crate::sale_access::visible_sale;
use axum::http::HeaderMap;
use fairseat_contract::sections::PriceColors;

/// The version of the map.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MapQuery {
    /// The content's hash, as in `seat_map_url`; the answer may then be cached for ever
    #[param(required = false)]
    v: Option<String>,
    /// `2` writes rows that are alike once, for large maps over slow connections; `1` writes every row
    #[serde(default)]
    #[param(required = false, inline)]
    format: Format,
}

/// The versions of the document.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
enum Format {
    #[default]
    #[serde(rename = "1")]
    EveryRow,
    #[serde(rename = "2")]
    RowsAlike,
}

/// The map of an event: geometry by plan index, without ids
///
/// Prices and sections rarely change, and a seat never changes its index, so an answer to an address with `v` may be cached for ever. Join
/// it with `availability`, which uses the same indexes.
#[utoipa::path(get, path = "/events/{event_id}/seatmap", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), MapQuery),
    responses((status = 200, body = Object), (status = 304, description = "Unchanged"), (status = 404, description = "No such event")))]
pub(crate) async fn seatmap(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<MapQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let geometry = app.geometries.of(visible.event, &visible.sale.published().state).await?;
    let named = query.v.as_deref() == Some(&*geometry.hash);
    let documents = match query.format {
        Format::EveryRow => &geometry.every_row,
        Format::RowsAlike => &geometry.rows_alike,
    };
    let prepared = if named { &documents.immutable } else { &documents.current };
    Ok(visible.answer(prepared.respond(&headers)))
}

/// The sections of an event as a picture
#[utoipa::path(get, path = "/events/{event_id}/seatmap.svg", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = 304, description = "Unchanged"),
        (status = 404, description = "No such event")))]
pub(crate) async fn seatmap_svg(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let geometry = app.geometries.of(visible.event, &visible.sale.published().state).await?;
    Ok(visible.answer(geometry.svg.respond(&headers)))
}

/// The prices of an event and their colours in the plan's picture
///
/// They are the legend of `seatmap.svg`. A plan with more than eight prices has colours that come twice.
#[utoipa::path(get, path = "/events/{event_id}/price-colors", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = PriceColors), (status = 304, description = "Unchanged"), (status = 404, description = "No such event")))]
pub(crate) async fn price_colors(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let geometry = app.geometries.of(visible.event, &visible.sale.published().state).await?;
    Ok(visible.answer(geometry.price_colors.respond(&headers)))
}
