//! How an event ends before its time: withdrawn while nothing is sold, or cancelled with everybody's money going back.

use super::read::event_for;
use crate::caller::SignedIn;
use crate::commands::{sender, submit};
use crate::error::ApiError;
use crate::refusals::SeatFields;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_app::access::Permission;
use fairseat_app::catalogue::rows::{self, CatalogueFields};
use fairseat_domain::Command;
use fairseat_domain::sale::OrderState;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::query::Path;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Withdraws an event of which nothing is sold
#[utoipa::path(delete, path = "/events/{event_id}", tag = "Events", params(("event_id" = Uuid, Path)),
    responses((status = 204, description = "Gone; reservations are given back"),
        (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Something was sold: cancel it instead")))]
pub(super) async fn delete_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<StatusCode, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let who = sender(caller.account, &context);
    submit(&app, who, event.number, Command::DeleteSale, &SeatFields::none()).await?;
    rows::follow(&app, event.number, CatalogueFields::default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A cancelled event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Cancelled {
    event_id: Uuid,
    /// `cancelled`
    status: &'static str,
    /// Orders that were confirmed just before; each is refunded in full, fees included
    orders: usize,
}

/// Cancels an event and refunds every order
///
/// Nothing is sold from then on. Orders are refunded one after the other; asked again it answers the same.
#[utoipa::path(post, path = "/events/{event_id}/cancel", tag = "Events", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = Cancelled), (status = 404, description = "No such event of the caller's")))]
pub(super) async fn cancel_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<Json<Cancelled>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let who = sender(caller.account, &context);
    let accepted = submit(&app, who, event.number, Command::CancelEvent, &SeatFields::none()).await?;
    rows::follow(&app, event.number, CatalogueFields::default()).await?;
    // Confirmed just before, whether or not the event's end has reached them: what came to an end earlier has another reason.
    let ends_with_it = |state: &OrderState| match state {
        OrderState::Confirmed(_) => true,
        OrderState::Cancelled { reason, .. } => *reason == fairseat_domain::fact::CancelReason::Event,
        OrderState::Pending | OrderState::Abandoned { .. } => false,
    };
    let orders = accepted.published.state.orders().filter(|(_, order)| ends_with_it(&order.state)).count();
    Ok(Json(Cancelled { event_id, status: "cancelled", orders }))
}
