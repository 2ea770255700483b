//! `POST /events/{event_id}/cancel`: cancels an event and refunds every order.

use crate::commands::{sender, submit};
use crate::events::access::event_for;
use crate::handler::*;
use fairseat_app::catalogue::rows;
use fairseat_app::catalogue::rows::CatalogueFields;
use fairseat_contract::events::Cancelled;
use fairseat_domain::Command;
use fairseat_domain::sale::OrderState;
use fairseat_problems::refusals::SeatFields;

/// Cancels an event and refunds every order
///
/// Sales stop at once. Orders are refunded one after the other. Cancelling again gives the same answer.
#[utoipa::path(post, path = "/events/{event_id}/cancel", tag = "Events", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = Cancelled), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn cancel_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<Json<Cancelled>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let who = sender(caller.account, &context);
    let accepted = submit(&app, who, event.number, Command::CancelEvent, &SeatFields::none()).await?;
    rows::update_from_sale(&app, event.number, CatalogueFields::default()).await?;
    // Counts all orders that the cancellation ends: those still confirmed, and those it has already cancelled. Orders cancelled before the
    // event have another reason.
    let ends_with_it = |state: &OrderState| match state {
        OrderState::Confirmed(_) => true,
        OrderState::Cancelled { reason, .. } => *reason == fairseat_domain::fact::CancelReason::Event,
        OrderState::Pending | OrderState::Abandoned { .. } => false,
    };
    let orders = accepted.published.state.orders().filter(|(_, order)| ends_with_it(&order.state)).count();
    Ok(Json(Cancelled { event_id, status: "cancelled", orders }))
}
