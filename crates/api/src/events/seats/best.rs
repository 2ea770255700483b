//! `GET /events/{event_id}/seats/best`: where the best available seats are, before anything is held.

use crate::handler::*;
use crate::sale_access::visible_sale;
use crate::seat_line::seat_lines;
use axum::http::HeaderMap;
use fairseat_contract::seats::BestSeats;
use fairseat_domain::best_available::{BestAvailableRequest, best_available};
use fairseat_domain::fact::Item;
use fairseat_domain::limits::MAX_SEATS_PER_RESERVATION;
use fairseat_domain::{Refusal, Sale};
use fairseat_edge::check::Check;
use fairseat_edge::json;
use fairseat_problems::refusals::{SeatFields, refused};

/// Which seats are wanted, as in `best_available` of a reservation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BestQuery {
    /// How many side by side
    #[param(minimum = 1, maximum = 1000)]
    quantity: u32,
    /// Only in this section, by its exact name
    #[param(required = false, max_length = 200)]
    section: Option<String>,
    /// The highest price of each seat, without fees
    #[param(required = false, max_length = 32)]
    max_price: Option<String>,
    /// Whether at least one must be a wheelchair place
    #[serde(default)]
    #[param(required = false)]
    accessible: bool,
}

impl BestQuery {
    fn read(&self, sale: &Sale) -> Result<BestAvailableRequest, ApiError> {
        let mut check = Check::new();
        let most = u32::try_from(MAX_SEATS_PER_RESERVATION).unwrap_or(u32::MAX);
        check.number("quantity", self.quantity, 1..=most);
        let section = self.section.as_deref().and_then(|name| {
            let section = sale.plan().section_named(name);
            check.that(section.is_some(), "section", "is not a section of this event");
            section
        });
        let max_price = self.max_price.as_deref().and_then(|text| {
            let price = sale.terms().currency.parse(text);
            if let Err(error) = &price {
                check.refuse("max_price", error.to_string());
            }
            price.ok()
        });
        check.finish()?;
        Ok(BestAvailableRequest { quantity: self.quantity, section, max_price, accessible: self.accessible })
    }
}

/// The best available seats
///
/// The seats that `best_available` would reserve at this moment. Nothing is held: reserve them by their ids or indexes.
#[utoipa::path(get, path = "/events/{event_id}/seats/best", tag = "Seats", security((), ("bearer" = [])),
    params(("event_id" = Uuid, Path), BestQuery),
    responses((status = 200, body = BestSeats), (status = 404, description = "No such event"),
        (status = 409, description = "Nothing that is available fits")))]
pub(crate) async fn best_seats(
    State(app): State<ApiState>,
    Path(event_id): Path<Uuid>,
    Query(query): Query<BestQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let visible = visible_sale(&app, &headers, event_id).await?;
    let published = visible.sale.published();
    let wanted = query.read(&published.state)?;
    // The first search of a plan measures the distances of all of its seats.
    let work = tokio::task::spawn_blocking(move || {
        let sale = &published.state;
        let Some(found) = best_available(sale.plan(), &wanted, sale) else {
            return Err(refused(&Refusal::NothingFits, &app.ids, sale, &SeatFields::none()).into());
        };
        let priced = found.into_iter().filter_map(|seat| Some(Item { seat, price: sale.price_of(seat)? }));
        let items: Vec<Item> = priced.collect();
        let seats = BestSeats {
            event_id,
            seats: seat_lines(&app.ids, sale, &items),
            currency: sale.terms().currency.code().to_owned(),
            version: published.position.0,
        };
        json::to_bytes(&seats).map_err(|error| ApiError::from(Problem::internal(error)))
    });
    let json = work.await.map_err(Problem::internal)??;
    Ok(visible.answer(json::response(json.into())))
}
