//! What cancelling an event would do to people and money, before anybody does it.

use crate::app::AppState;
use crate::auth::{Permission, SignedIn};
use crate::http::Routes;
use crate::http::events::event_for;
use crate::http::json::Json;
use crate::http::problem::Problem;
use crate::http::query::Path;
use crate::http::sale_access::sale_now;
use crate::money_json::JsonMoney;
use axum::extract::State;
use fairseat_domain::Sale;
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{OrderState, Payment, PaymentState, ReservationPhase};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(cancellation))
}

/// What cancelling an event would do now. Once it is cancelled: what is still to be done of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Preview {
    orders: u32,
    tickets: u32,
    people: BTreeSet<u128>,
    refunds: Amount,
    at_counter: Amount,
    counter_orders: u32,
    reservations: u32,
    reserved_seats: u32,
    paying: u32,
}

impl Preview {
    fn of(sale: &Sale) -> Self {
        let mut all = Self::default();
        for (_, order) in sale.orders() {
            let OrderState::Confirmed(sold) = order.state else { continue };
            all.orders += 1;
            all.tickets += u32::try_from(order.items.len()).unwrap_or(u32::MAX);
            let payment = sold.payment.and_then(|payment| sale.payment(payment));
            // Money that was finally not to be had is not given back.
            let back = match payment.map(|payment| payment.state) {
                Some(PaymentState::CaptureFailed) | None => Amount::ZERO,
                Some(_) => order.total,
            };
            let sum = if order.tender.is_some() {
                all.counter_orders += 1;
                &mut all.at_counter
            } else {
                all.people.insert(order.buyer.0);
                &mut all.refunds
            };
            *sum = sum.plus(back).unwrap_or(*sum);
        }
        for (_, found) in sale.reservations().filter(|(_, found)| found.phase == ReservationPhase::Active) {
            all.reservations += 1;
            all.reserved_seats += u32::try_from(found.items.len()).unwrap_or(u32::MAX);
            let attempt =
                found.order.and_then(|order| sale.order(order)).and_then(|order| order.last_payment);
            let attempt = attempt.and_then(|payment| sale.payment(payment));
            all.paying += u32::from(attempt.is_some_and(Payment::is_unsettled));
        }
        all
    }
}

/// What cancelling an event would do now; once it is cancelled, what is left of that to do.
#[derive(Debug, Serialize, ToSchema)]
struct Cancellation {
    event_id: Uuid,
    /// Confirmed orders, which end
    orders: u32,
    /// Of these, sold at the counter: their money is handed out there
    box_office_orders: u32,
    /// Tickets that no longer let anybody in
    tickets: u32,
    /// Buyers who are told; customers of the counter are not among them
    people: usize,
    /// Given back through the payment provider, fees included
    refund_amount: JsonMoney,
    /// To be handed out at the counter
    box_office_refund_amount: JsonMoney,
    /// ISO 4217
    currency: String,
    /// Reservations that end at once
    reservations: u32,
    reserved_seats: u32,
    /// Of these, with an attempt to pay under way: it is stopped, or sent back if it succeeds
    paying: u32,
}

/// What cancelling an event would do
///
/// To people and money, if it were done now; nothing is done. For those who may cancel it.
#[utoipa::path(get, path = "/events/{event_id}/cancellation", tag = "Console", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = Cancellation), (status = 404, description = "No such event of the caller's")))]
async fn cancellation(
    State(app): State<AppState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
) -> Result<Json<Cancellation>, Problem> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let published = sale_now(&app, event.number).await?;
    let currency = published.state.terms().currency;
    let preview = tokio::task::spawn_blocking(move || Preview::of(&published.state)).await;
    let preview = preview.map_err(Problem::internal)?;
    Ok(Json(Cancellation {
        event_id,
        orders: preview.orders,
        box_office_orders: preview.counter_orders,
        tickets: preview.tickets,
        people: preview.people.len(),
        refund_amount: JsonMoney(preview.refunds, currency),
        box_office_refund_amount: JsonMoney(preview.at_counter, currency),
        currency: currency.code().to_owned(),
        reservations: preview.reservations,
        reserved_seats: preview.reserved_seats,
        paying: preview.paying,
    }))
}
