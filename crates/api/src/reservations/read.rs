//! `GET /reservations/{reservation_id}`.

use crate::handler::{ApiError, ApiState, Json, Path, Problem, Response, SignedIn, State, Uuid};
use crate::reservations::access::{edit_tag, open};
use crate::reservations::view::{contact_view, reservation_view};
use fairseat_contract::reservations::Reservation;
use fairseat_domain::sale::ReservationPhase;

/// A reservation
#[utoipa::path(get, path = "/reservations/{reservation_id}", tag = "Buying",
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = Reservation)))]
pub(crate) async fn reservation(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (event, number) = open(&app, id)?;
    let published = app.sale_now(event).await?;
    let found = published.state.reservation(number);
    let mine = found.filter(|found| found.buyer == signed_in.account || signed_in.is_admin());
    let reservation = mine.ok_or_else(Problem::not_found)?;
    let mut view = reservation_view(&app.ids, &published.state, number, reservation);
    if reservation.phase == ReservationPhase::Active {
        let held: Vec<_> = reservation.items.iter().map(|item| item.seat).collect();
        let plan = published.state.plan();
        let alone = published.state.single_seats_beside(&held).into_iter();
        view.single_seats_left = alone.filter_map(|seat| Some(plan.seat(seat)?.label())).collect();
    }
    if signed_in.is_guest() {
        view.contact = app.store.contacts().of(event, number).await?.map(contact_view);
    }
    Ok(edit_tag(reservation).on(Json(view)))
}
