//! `PATCH /reservations/{reservation_id}`: adds seats and removes seats.

use crate::commands::{sender, submit};
use crate::handler::*;
use crate::reservations::access::{check_version, count, open};
use crate::reservations::view::accepted;
use crate::seat_choice::seats_of_change;
use fairseat_contract::reservations::{CartChange, Reservation};
use fairseat_domain::Command;

/// Add seats to a reservation or remove some
#[utoipa::path(patch, path = "/reservations/{reservation_id}", tag = "Buying", request_body = CartChange,
    params(("reservation_id" = Uuid, Path), IfMatchHeader), responses((status = 200, body = Reservation)))]
pub(crate) async fn change_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Body(body): Body<CartChange>,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context).await?;
    let (event, reservation) = open(&app, id)?;
    check_version(&app, &if_match, event, reservation).await?;
    let (add, remove, fields) = seats_of_change(&body, &app.ids, event)?;
    let command = Command::ChangeReservation { reservation, buyer: signed_in.account, add, remove };
    let caller = sender(signed_in.account, &context);
    accepted(&app, StatusCode::OK, &submit(&app, caller, event, command, &fields).await?)
}
