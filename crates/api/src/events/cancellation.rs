//! `GET /events/{event_id}/cancellation`: a preview of the refunds that cancelling an event would make, and how many people they concern.

use crate::events::access::event_for;
use crate::handler::*;
use fairseat_contract::events::Cancellation;

/// What cancelling an event would do
///
/// How many people and how much money it would concern now. Nothing is changed. Only for members who may cancel the event.
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
