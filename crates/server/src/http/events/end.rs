//! How an event ends before its time: withdrawn while nothing is sold, or cancelled with everybody's money going back.

use super::read::event_for;
use crate::app::AppState;
use crate::auth::{Permission, SignedIn};
use crate::catalogue::rows::{self, OwnWords};
use crate::http::commands::Caller;
use crate::http::context::RequestContext;
use crate::http::json::Json;
use crate::http::problem::Problem;
use crate::http::query::Path;
use crate::http::refusals::Asked;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_domain::Command;
use fairseat_domain::sale::OrderState;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Withdraws an event of which nothing is sold
#[utoipa::path(delete, path = "/events/{event_id}", tag = "Events", params(("event_id" = Uuid, Path)),
    responses((status = 204, description = "Gone; reservations are given back"),
        (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Something was sold: cancel it instead")))]
pub(super) async fn delete_event(
    State(app): State<AppState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<StatusCode, Problem> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.platform.event_locks.lock(event.number).await;
    let who = Caller::once(caller.account, &context);
    who.submit(&app, event.number, Command::DeleteSale, &Asked::nothing()).await?;
    rows::follow(&app.platform, event.number, OwnWords::default()).await?;
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
    State(app): State<AppState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<Json<Cancelled>, Problem> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.platform.event_locks.lock(event.number).await;
    let who = Caller::once(caller.account, &context);
    let granted = who.submit(&app, event.number, Command::CancelEvent, &Asked::nothing()).await?;
    rows::follow(&app.platform, event.number, OwnWords::default()).await?;
    // Confirmed just before, whether or not the event's end has reached them: what came to an end earlier has another reason.
    let ends_with_it = |state: &OrderState| match state {
        OrderState::Confirmed(_) => true,
        OrderState::Cancelled { reason, .. } => *reason == fairseat_domain::fact::CancelReason::Event,
        OrderState::Pending | OrderState::Abandoned { .. } => false,
    };
    let orders = granted.published.state.orders().filter(|(_, order)| ends_with_it(&order.state)).count();
    Ok(Json(Cancelled { event_id, status: "cancelled", orders }))
}
