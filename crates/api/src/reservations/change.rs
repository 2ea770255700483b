//! `PATCH /reservations/{reservation_id}`: adds seats and takes seats out.

use crate::caller::SignedIn;
use crate::commands::{sender, submit};
use crate::error::ApiError;
use crate::reservations::access::{count, open};
use crate::reservations::view::accepted;
use crate::seat_choice::seats_of_change;
use fairseat_contract::reservations::{CartChange, Reservation};

use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fairseat_domain::Command;
use fairseat_edge::body::Body;
use fairseat_edge::context::RequestContext;
use fairseat_edge::query::Path;
use uuid::Uuid;

/// Add seats to a reservation or take some out
#[utoipa::path(patch, path = "/reservations/{reservation_id}", tag = "Buying", request_body = CartChange,
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = Reservation)))]
pub(crate) async fn change_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    Body(body): Body<CartChange>,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context)?;
    let (event, reservation) = open(&app, id)?;
    let (add, remove, fields) = seats_of_change(&body, &app.ids, event)?;
    let command = Command::ChangeReservation { reservation, buyer: signed_in.account, add, remove };
    let caller = sender(signed_in.account, &context);
    accepted(&app, StatusCode::OK, &submit(&app, caller, event, command, &fields).await?)
}
