//! `GET /events/{event_id}/availability`: the status of every seat, in two bits each.

use crate::handler::*;
use crate::sale_access::visible_sale;
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use fairseat_contract::seats::{AvailabilityFormat, Change, Changes};
use fairseat_domain::ids::EventNumber;
use fairseat_edge::json;
use fairseat_journal::Position;
use fairseat_maps::{Availabilities, SeatChange};

/// The version to start from, and the format.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AvailabilityQuery {
    /// Only what changed after this version; the full answer if those changes are no longer known
    #[param(required = false, minimum = 0, format = "uint64")]
    since: Option<u64>,
    /// `json` (the default) or `binary`
    #[param(required = false, inline)]
    format: Option<AvailabilityFormat>,
}

/// The status of every seat, in two bits each
///
/// `full` is base64 of two bits per seat in plan order, the first seat in the lowest bits of the first byte: 0 available, 1 reserved, 2
/// sold, 3 blocked. `changes` lists only what changed after `since`. The binary form is `FSA1`, a byte that is 0 for full and 1 for
/// changes, three zero bytes, the version (64 bits, little-endian), a count (32 bits), then either the bits, or 32 bits per change: index
/// times four plus status.
#[utoipa::path(get, path = "/events/{event_id}/availability", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), AvailabilityQuery),
    responses((status = 200, content((Object = "application/json"), (Vec<u8> = "application/octet-stream"))),
        (status = 304, description = "Unchanged"), (status = 404, description = "No such event")))]
pub(crate) async fn availability(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<AvailabilityQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let (event, sale) = (visible.event, &visible.sale);
    let binary = query.format.unwrap_or_default() == AvailabilityFormat::Binary;
    let seats = sale.published().state.plan().seat_count();
    let since = query.since.and_then(|since| Availabilities::changes(sale, Position(since)));
    // In the binary form a change takes 32 bits, 16 times a seat's two bits; in JSON it takes more. With more changes than this the full
    // answer is shorter.
    if let Some((version, changes)) = since.filter(|(_, changes)| changes.len() * 16 <= seats.max(64)) {
        return Ok(visible.answer(changes_response(&app, event, version, &changes, binary)?));
    }
    let newest = app.availabilities.current(event, sale);
    let etag = format!("\"{}{}\"", newest.version.0, if binary { "b" } else { "j" });
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, cache_headers(&etag)?).into_response());
    }
    let body = if binary { binary_response(newest.binary()) } else { json::response(newest.json()) };
    Ok(visible.answer((cache_headers(&etag)?, body).into_response()))
}

fn changes_response(
    app: &ApiState,
    event: EventNumber,
    version: Position,
    changes: &[SeatChange],
    binary: bool,
) -> Result<Response, ApiError> {
    if binary {
        return Ok(binary_response(fairseat_maps::Frame::binary(version, changes)));
    }
    let change = |change: &SeatChange| Change {
        seat_id: app.ids.seat(event, change.seat),
        index: change.seat.0,
        status: change.status,
    };
    let changes = Changes { version: version.0, changes: changes.iter().map(change).collect() };
    Ok(json::response(json::to_bytes(&changes).map_err(Problem::internal)?.into()))
}

fn cache_headers(etag: &str) -> Result<HeaderMap, ApiError> {
    let mut headers = HeaderMap::with_capacity(2);
    headers.insert(header::ETAG, HeaderValue::from_str(etag).map_err(Problem::internal)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    Ok(headers)
}

fn binary_response(bytes: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))], bytes).into_response()
}
