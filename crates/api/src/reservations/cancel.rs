//! `DELETE /reservations/{reservation_id}`: releases its seats.

use crate::commands::{sender, submit};
use crate::handler::*;
use crate::reservations::access::{check_version, count, open};
use fairseat_contract::reservations::{Released, ReservationStatus};
use fairseat_domain::Command;
use fairseat_problems::refusals::SeatFields;

/// Cancel a reservation
#[utoipa::path(delete, path = "/reservations/{reservation_id}", tag = "Buying",
    params(("reservation_id" = Uuid, Path), IfMatchHeader), responses((status = 200, body = Released)))]
pub(crate) async fn cancel_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<Json<Released>, ApiError> {
    count(&app, &signed_in, &context).await?;
    let (event, reservation) = open(&app, id)?;
    check_version(&app, &if_match, event, reservation).await?;
    let command = Command::CancelReservation { reservation, buyer: signed_in.account };
    let caller = sender(signed_in.account, &context);
    let accepted = submit(&app, caller, event, command, &SeatFields::none()).await?;
    let released = accepted.published.state.reservation(reservation).map_or(0, |found| found.items.len());
    Ok(Json(Released { status: ReservationStatus::Cancelled, seats_released: released }))
}
