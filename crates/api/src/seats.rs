//! The seats of an event as the public sees them: as a list, as a map, as bits.

use crate::Routes;
use crate::error::ApiError;
use crate::live::{Availabilities, SeatChange, SeatStatus};
use crate::sale_access::visible_sale;
use crate::state::ApiState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use fairseat_contract::JsonMoney;
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::seating_plan::{RowView, SeatView, SectionView};
use fairseat_edge::json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::{Path, Query};
use fairseat_journal::Position;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::schema::{Object, OneOfBuilder, Schema, Type};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(seats))
        .with(routes!(seatmap))
        .with(routes!(seatmap_svg))
        .with(routes!(availability))
}

/// What may narrow the list of seats.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SeatsQuery {
    /// Only this section, by its exact name
    #[param(required = false, max_length = 200)]
    section: Option<String>,
    /// Only the seats with these indexes, by commas; 100 at most
    #[param(required = false, max_length = 1100)]
    indexes: Option<String>,
}

/// Seats that one request may name, and the characters it may take for that.
const MOST_NAMED: usize = 100;
const MOST_CHARS: usize = 1_100;

impl SeatsQuery {
    /// The indexes that are named, in order; `None` for all seats.
    fn named(&self) -> Result<Option<Vec<u32>>, ApiError> {
        let Some(list) = &self.indexes else { return Ok(None) };
        let named: Option<Vec<u32>> = list.split(',').map(|index| index.trim().parse().ok()).collect();
        let mut named = named
            .filter(|named| named.len() <= MOST_NAMED && list.len() <= MOST_CHARS)
            .ok_or_else(|| Problem::invalid("indexes", "must be whole numbers, by commas, 100 at most"))?;
        named.sort_unstable();
        Ok(Some(named))
    }
}

/// Seats by section and row.
#[derive(Debug, Serialize, ToSchema)]
struct Seats<'a> {
    event_id: Uuid,
    /// The currency of every price, ISO 4217
    currency: &'a str,
    /// The version of the sale this shows; see `availability`
    version: u64,
    sections: Vec<Section<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Section<'a> {
    section: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    general_admission: bool,
    rows: Vec<Row<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Row<'a> {
    row: &'a str,
    seats: Vec<Seat<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Seat<'a> {
    seat_id: Uuid,
    /// Its index in the plan, as in the map and the compact forms
    index: u32,
    /// A number where it is one, else a text
    #[serde(serialize_with = "number_or_text")]
    #[schema(schema_with = number_or_text_schema)]
    number: &'a str,
    status: SeatStatus,
    /// Without fees; null for a seat that has none and is blocked for that
    #[schema(value_type = Option<f64>)]
    price: Option<JsonMoney>,
    price_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    accessible: bool,
}

pub(crate) fn number_or_text<S: Serializer>(number: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match number.parse::<u32>() {
        Ok(integer) if integer.to_string() == number => serializer.serialize_u32(integer),
        Ok(_) | Err(_) => serializer.serialize_str(number),
    }
}

pub(crate) fn number_or_text_schema() -> Schema {
    let number = Object::builder().schema_type(Type::Integer).minimum(Some(0));
    let text = Object::builder().schema_type(Type::String);
    OneOfBuilder::new().item(number).item(text).build().into()
}

/// The seats of an event, by section and row
///
/// Never says who holds a seat. For a large event ask for one section, or use the map and `availability`.
#[utoipa::path(get, path = "/events/{event_id}/seats", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), SeatsQuery),
    responses((status = 200, body = Seats<'_>), (status = 404, description = "No such event or section")))]
async fn seats(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<SeatsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let (event, published) = (visible.event, visible.sale.published());
    let named = query.named()?;
    let section = query.section.as_deref();
    if section.is_some_and(|name| published.state.plan().section_named(name).is_none()) {
        return Err(Problem::not_found().into());
    }
    // A hundred thousand seats take a while to write: not on a thread that answers others.
    let work = tokio::task::spawn_blocking(move || {
        let sale = &published.state;
        let list = List { app: &app, event, sale, named: named.as_deref() };
        let wanted =
            |section: &SectionView<'_>| query.section.as_deref().is_none_or(|name| section.name() == name);
        json::to_bytes(&Seats {
            event_id,
            currency: currency_code(sale),
            version: published.position.0,
            sections: sale
                .plan()
                .sections()
                .filter(wanted)
                .filter_map(|section| list.section(section))
                .collect(),
        })
    });
    let json = work.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(visible.answer(json::response(json.into())))
}

fn currency_code(sale: &Sale) -> &str {
    sale.terms().currency.code()
}

/// What the list of seats is made from.
struct List<'a> {
    app: &'a ApiState,
    event: EventNumber,
    sale: &'a Sale,
    /// Indexes in order, when only some are wanted.
    named: Option<&'a [u32]>,
}

impl<'a> List<'a> {
    /// `None` when nothing in it is wanted.
    fn section(&self, section: SectionView<'a>) -> Option<Section<'a>> {
        let rows: Vec<Row<'a>> =
            section.rows().map(|row| self.row(row)).filter(|row| !row.seats.is_empty()).collect();
        let is_wanted = self.named.is_none() || !rows.is_empty();
        let general_admission = section.general_admission();
        is_wanted.then(|| Section { section: section.name(), general_admission, rows })
    }

    fn row(&self, row: RowView<'a>) -> Row<'a> {
        let is_named = |index: u32| self.named.is_none_or(|named| named.binary_search(&index).is_ok());
        let seats = row.seats().filter(|seat| !seat.removed && is_named(seat.index.0));
        Row { row: row.label(), seats: seats.filter_map(|seat| self.seat(&seat)).collect() }
    }

    fn seat(&self, seat: &SeatView<'a>) -> Option<Seat<'a>> {
        let Self { app, event, sale, .. } = *self;
        let tier = sale.tier_of(seat.index).and_then(|tier| sale.tiers().get(usize::from(tier.0)));
        Some(Seat {
            seat_id: app.ids.seat(event, seat.index),
            index: seat.index.0,
            number: seat.number,
            status: SeatStatus::of(sale.seat(seat.index)?),
            price: tier.map(|tier| JsonMoney(tier.price, sale.terms().currency)),
            price_tier: tier.map(|tier| &*tier.name),
            accessible: seat.accessible,
        })
    }
}

/// Which map is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MapQuery {
    /// The content's hash, as in `seat_map_url`: the answer may then be kept for ever
    #[param(required = false)]
    v: Option<String>,
}

/// The map of an event: geometry by plan index, without ids
///
/// Prices and sections rarely change and seats never move between indexes, so the address with `v` may be cached for ever.
/// Join it with `availability`, which speaks in the same indexes.
#[utoipa::path(get, path = "/events/{event_id}/seatmap", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), MapQuery),
    responses((status = 200, body = Object), (status = 304, description = "Unchanged"), (status = 404, description = "No such event")))]
async fn seatmap(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<MapQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let geometry = app.geometries.of(visible.event, &visible.sale.published().state).await?;
    let named = query.v.as_deref() == Some(&*geometry.hash);
    let prepared = if named { &geometry.immutable } else { &geometry.current };
    Ok(visible.answer(prepared.respond(&headers)))
}

/// The sections of an event as a picture
#[utoipa::path(get, path = "/events/{event_id}/seatmap.svg", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = 304, description = "Unchanged"),
        (status = 404, description = "No such event")))]
async fn seatmap_svg(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let geometry = app.geometries.of(visible.event, &visible.sale.published().state).await?;
    Ok(visible.answer(geometry.svg.respond(&headers)))
}

/// Since when, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AvailabilityQuery {
    /// Only what changed after this version; a full answer comes where that can no longer be told
    #[param(required = false, minimum = 0, format = "uint64")]
    since: Option<u64>,
    /// `json` (the default) or `binary`
    #[param(required = false, inline)]
    format: Option<AvailabilityFormat>,
}

/// The forms of an availability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AvailabilityFormat {
    /// An object.
    #[default]
    Json,
    /// Bytes behind a 20-byte header.
    Binary,
}

#[derive(Debug, Serialize)]
struct Changes {
    version: u64,
    changes: Vec<Change>,
}

#[derive(Debug, Serialize)]
struct Change {
    seat_id: Uuid,
    index: u32,
    status: SeatStatus,
}

/// What every seat is doing, in two bits each
///
/// `full` is base64 of two bits a seat in plan order, the first seat in the lowest bits of the first byte: 0 available, 1
/// reserved, 2 sold, 3 blocked. `changes` lists only what changed after `since`. The binary form is `FSA1`, a byte that
/// is 0 for full and 1 for changes, three zero bytes, the version (64 bits, little-endian), a count (32 bits), then the bits, or
/// 32 bits a change: index times four plus status.
#[utoipa::path(get, path = "/events/{event_id}/availability", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), AvailabilityQuery),
    responses((status = 200, content((Object = "application/json"), (Vec<u8> = "application/octet-stream"))),
        (status = 304, description = "Unchanged"), (status = 404, description = "No such event")))]
async fn availability(
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
    // A change takes eight times the room of a seat's two bits in the binary form, and more in the other.
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
        return Ok(binary_response(crate::live::Frame::binary(version, changes)));
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
