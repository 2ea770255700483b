//! `GET /events/{event_id}/sections`: the free seats of each section, for lists and for the map when it is zoomed out.

use crate::caller::turn_keys;
use crate::handler::*;
use crate::sale_access::visible_sale;
use axum::body::Bytes;
use axum::http::HeaderMap;
use fairseat_contract::seats::SeatStatus;
use fairseat_contract::sections::{Section, Sections};
use fairseat_domain::money::Amount;
use fairseat_domain::seating_plan::SectionView;
use fairseat_edge::json;

/// The sections of an event, with prices and free seats
#[utoipa::path(get, path = "/events/{event_id}/sections", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path)),
    responses((status = 200, body = Sections<'_>), (status = 404, description = "No such event")))]
pub(crate) async fn sections(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let published = visible.sale.published();
    let (event, version) = (visible.event, published.position);
    let json = match app.sections.of(event, version) {
        Some(json) => json,
        None => {
            let worker = app.clone();
            // Counting every seat of a stadium takes milliseconds.
            let work = app.seat_lists.run(turn_keys(context.client, 0), move || {
                // Another request may have counted them meanwhile.
                if let Some(json) = worker.sections.of(event, version) {
                    return Ok(json);
                }
                let sale = &published.state;
                let sections = sale.plan().sections().map(|section| section_of(sale, section)).collect();
                let currency = sale.terms().currency.code();
                let json = json::to_bytes(&Sections { event_id, currency, version: version.0, sections })?;
                let json = Bytes::from(json);
                worker.sections.keep(event, version, json.clone());
                Ok::<_, serde_json::Error>(json)
            });
            work.await?.map_err(Problem::internal)?
        }
    };
    Ok(visible.answer(json::response(json)))
}

fn section_of<'a>(sale: &Sale, section: SectionView<'a>) -> Section<'a> {
    let (mut seats, mut available) = (0, 0);
    let mut prices: Option<(Amount, Amount)> = None;
    let on_offer = |seat| sale.seat(seat).is_some_and(|state| state.is_offered());
    for seat in section.rows().flat_map(|row| row.seats()).filter(|seat| !seat.removed) {
        seats += 1;
        available += u32::from(sale.seat(seat.index).map(SeatStatus::of) == Some(SeatStatus::Available));
        if let Some(price) = sale.price_of(seat.index).filter(|_| on_offer(seat.index)) {
            prices = Some(prices.map_or((price, price), |(low, high)| (low.min(price), high.max(price))));
        }
    }
    let money = |amount| JsonMoney(amount, sale.terms().currency);
    Section {
        section: section.name(),
        general_admission: section.general_admission(),
        seats,
        available,
        min_price: prices.map(|(low, _)| money(low)),
        max_price: prices.map(|(_, high)| money(high)),
    }
}
