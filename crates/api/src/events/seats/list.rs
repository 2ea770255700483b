//! `GET /events/{event_id}/seats`: seats by section and row.

use crate::caller::turn_keys;
use crate::handler::*;
use crate::sale_access::visible_sale;
use axum::http::HeaderMap;
use fairseat_contract::seats::{Row, Seat, SeatStatus, Seats, Section};
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::seating_plan::{RowIndex, RowView, SeatView, SectionIndex, SectionView};
use fairseat_edge::json;
use std::collections::BTreeSet;

/// Filters for the list of seats.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeatsQuery {
    /// Only seats of this section, by its exact name
    #[param(required = false, max_length = 200)]
    section: Option<String>,
    /// Only seats with these indexes, separated by commas; at most 100
    #[param(required = false, max_length = 1100)]
    indexes: Option<String>,
}

/// The most seats that one request may name.
const MAX_NAMED: usize = 100;

const MAX_CHARS: usize = 1_100;

impl SeatsQuery {
    /// The requested indexes, in order; `None` for all seats.
    fn named(&self) -> Result<Option<Vec<u32>>, ApiError> {
        let Some(list) = &self.indexes else { return Ok(None) };
        let named: Option<Vec<u32>> = list.split(',').map(|index| index.trim().parse().ok()).collect();
        let mut named = named
            .filter(|named| named.len() <= MAX_NAMED && list.len() <= MAX_CHARS)
            .ok_or_else(|| Problem::invalid("indexes", "must be whole numbers, by commas, 100 at most"))?;
        named.sort_unstable();
        Ok(Some(named))
    }
}

/// The seats of an event, by section and row
///
/// The answer never reveals who holds a seat. For a large event ask for one section, or use the map and `availability`.
#[utoipa::path(get, path = "/events/{event_id}/seats", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), SeatsQuery),
    responses((status = 200, body = Seats<'_>), (status = 404, description = "No such event or section")))]
pub(crate) async fn seats(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<SeatsQuery>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let (event, published) = (visible.event, visible.sale.published());
    let named = query.named()?;
    let section = query.section.as_deref();
    if section.is_some_and(|name| published.state.plan().section_named(name).is_none()) {
        return Err(Problem::not_found().into());
    }
    let is_short = named.is_some();
    let lists = app.seat_lists.clone();
    let write = move || {
        let sale = &published.state;
        let list =
            List { app: &app, event, sale, named: named.as_deref().map(|seats| Named::of(sale, seats)) };
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
    };
    // A list of all seats takes megabytes while it is made, and until it is read (see `fairseat_edge`'s budget for answers).
    let json = if is_short { write() } else { lists.run(turn_keys(context.client, 0), write).await? };
    let json = json.map_err(Problem::internal)?;
    Ok(visible.answer(json::response(json.into())))
}

fn currency_code(sale: &Sale) -> &str {
    sale.terms().currency.code()
}

/// The data for the list of seats.
struct List<'a> {
    app: &'a ApiState,
    event: EventNumber,
    sale: &'a Sale,
    /// The requested seats; `None` for all.
    named: Option<Named<'a>>,
}

/// Seats that a request names, and their sections and rows, so that no others are looked at.
struct Named<'a> {
    /// In order.
    seats: &'a [u32],
    sections: BTreeSet<SectionIndex>,
    rows: BTreeSet<RowIndex>,
}

impl<'a> Named<'a> {
    fn of(sale: &Sale, seats: &'a [u32]) -> Self {
        let known = || seats.iter().filter_map(|index| sale.plan().seat(SeatIndex(*index)));
        let (sections, rows) = (known().map(|seat| seat.section), known().map(|seat| seat.row));
        Self { seats, sections: sections.collect(), rows: rows.collect() }
    }
}

impl<'a> List<'a> {
    /// `None` when no seat of the section is requested.
    fn section(&self, section: SectionView<'a>) -> Option<Section<'a>> {
        let named = self.named.as_ref();
        if named.is_some_and(|named| !named.sections.contains(&section.index)) {
            return None;
        }
        let wanted = section.rows().filter(|row| named.is_none_or(|named| named.rows.contains(&row.index)));
        let rows: Vec<Row<'a>> =
            wanted.map(|row| self.row(row)).filter(|row| !row.seats.is_empty()).collect();
        let is_wanted = self.named.is_none() || !rows.is_empty();
        let general_admission = section.general_admission();
        is_wanted.then(|| Section { section: section.name(), general_admission, rows })
    }

    fn row(&self, row: RowView<'a>) -> Row<'a> {
        let named = self.named.as_ref();
        let is_named = |index: u32| named.is_none_or(|named| named.seats.binary_search(&index).is_ok());
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
