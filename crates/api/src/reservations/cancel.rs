//! `DELETE /reservations/{reservation_id}`: gives the seats back.

use crate::caller::SignedIn;
use crate::commands::{sender, submit};
use crate::error::ApiError;
use crate::refusals::SeatFields;
use crate::reservations::access::{count, open};
use fairseat_contract::reservations::{Released, ReservationStatus};

use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use fairseat_domain::Command;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::query::Path;
use uuid::Uuid;

/// Give a reservation back
#[utoipa::path(delete, path = "/reservations/{reservation_id}", tag = "Buying",
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = Released)))]
pub(crate) async fn cancel_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Released>, ApiError> {
    count(&app, &signed_in, &context)?;
    let (event, reservation) = open(&app, id)?;
    let command = Command::CancelReservation { reservation, buyer: signed_in.account };
    let caller = sender(signed_in.account, &context);
    let accepted = submit(&app, caller, event, command, &SeatFields::none()).await?;
    let released = accepted.published.state.reservation(reservation).map_or(0, |found| found.items.len());
    Ok(Json(Released { status: ReservationStatus::Cancelled, seats_released: released }))
}
