//! What cancelling an event would do to people and money, before anybody does it.

use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::events::access::event_for;
use crate::state::ApiState;
use axum::extract::State;
use fairseat_app::access::Permission;
use fairseat_contract::JsonMoney;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What cancelling an event would do now; once it is cancelled, what is left of that to do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Cancellation {
    event_id: Uuid,
    /// Confirmed orders, which end
    orders: u32,
    /// Of these, sold at the counter: their money is handed out there
    box_office_orders: u32,
    /// Tickets that no longer let anybody in
    tickets: u32,
    /// Buyers who are told; customers of the counter are not among them
    people: u32,
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
pub(crate) async fn cancellation(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
) -> Result<Json<Cancellation>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let published = app.sale_now(event.number).await?;
    let currency = published.state.terms().currency;
    let preview = tokio::task::spawn_blocking(move || published.state.cancellation_preview()).await;
    let preview = preview.map_err(Problem::internal)?;
    Ok(Json(Cancellation {
        event_id,
        orders: preview.orders,
        box_office_orders: preview.counter_orders,
        tickets: preview.tickets,
        people: preview.buyers,
        refund_amount: JsonMoney(preview.refunds, currency),
        box_office_refund_amount: JsonMoney(preview.counter_refunds, currency),
        currency: currency.code().to_owned(),
        reservations: preview.reservations,
        reserved_seats: preview.reserved_seats,
        paying: preview.paying,
    }))
}
