//! `POST /reservations/{reservation_id}/extend`.

use crate::caller::SignedIn;
use crate::commands::{repeatable_sender, submit};
use crate::error::ApiError;
use crate::idempotency::{IdempotencyHeader, Repeat};
use crate::refusals::SeatFields;
use crate::reservations::access::{count, open};
use crate::reservations::view::accepted;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fairseat_contract::reservations::Reservation;
use fairseat_domain::Command;
use fairseat_edge::context::RequestContext;
use fairseat_edge::query::Path;
use uuid::Uuid;

/// Keep a reservation longer
///
/// Once, by the hold it was made with, and never past 15 minutes in all.
#[utoipa::path(post, path = "/reservations/{reservation_id}/extend", tag = "Buying",
    params(("reservation_id" = Uuid, Path), IdempotencyHeader), responses((status = 200, body = Reservation)))]
pub(crate) async fn extend_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    repeat: Repeat,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context)?;
    let (event, reservation) = open(&app, id)?;
    let command = Command::ExtendReservation { reservation, buyer: signed_in.account };
    let caller = repeatable_sender(&app, signed_in.account, &context, &repeat, event);
    accepted(&app, StatusCode::OK, &submit(&app, caller, event, command, &SeatFields::none()).await?)
}
