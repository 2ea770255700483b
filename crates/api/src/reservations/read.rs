//! `GET /reservations/{reservation_id}`.

use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::reservations::access::open;
use crate::reservations::view::reservation_view;
use fairseat_contract::reservations::Reservation;

use crate::state::ApiState;
use axum::extract::State;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use uuid::Uuid;

/// A reservation
#[utoipa::path(get, path = "/reservations/{reservation_id}", tag = "Buying",
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = Reservation)))]
pub(crate) async fn reservation(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Reservation>, ApiError> {
    let (event, number) = open(&app, id)?;
    let published = app.sale_now(event).await?;
    let found = published.state.reservation(number);
    let mine = found.filter(|found| found.buyer == signed_in.account || signed_in.is_admin());
    let reservation = mine.ok_or_else(Problem::not_found)?;
    Ok(Json(reservation_view(&app.ids, &published.state, number, reservation)))
}
