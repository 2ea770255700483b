//! `POST /reservations/{reservation_id}/extend`.

use crate::commands::{repeatable_sender, submit};
use crate::handler::*;
use crate::idempotency::{IdempotencyHeader, IdempotencyKey};
use crate::reservations::access::{count, open};
use crate::reservations::view::accepted;
use fairseat_contract::reservations::Reservation;
use fairseat_domain::Command;
use fairseat_problems::refusals::SeatFields;

/// Keep a reservation longer
///
/// Once, by its original duration, up to 15 minutes in total.
#[utoipa::path(post, path = "/reservations/{reservation_id}/extend", tag = "Buying",
    params(("reservation_id" = Uuid, Path), IdempotencyHeader), responses((status = 200, body = Reservation)))]
pub(crate) async fn extend_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context).await?;
    let (event, reservation) = open(&app, id)?;
    let command = Command::ExtendReservation { reservation, buyer: signed_in.account };
    let caller = repeatable_sender(&app, signed_in.account, &context, &key, event);
    accepted(&app, StatusCode::OK, &submit(&app, caller, event, command, &SeatFields::none()).await?)
}
