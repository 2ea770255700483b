//! `GET /users/me/reservations`: the caller's active reservations.

use crate::handler::{ApiError, ApiState, Json, Lists, SignedIn, State};
use crate::reservations::view::reservation_view;
use fairseat_contract::reservations::ActiveReservations;
use fairseat_domain::sale::ReservationPhase;

/// Your reservations
///
/// The active ones of all events: the contents of the cart, also after a reload and in another tab. At most 100. The list follows the sales
/// by milliseconds.
#[utoipa::path(get, path = "/users/me/reservations", tag = "Buying",
    responses((status = 200, body = ActiveReservations)))]
pub(crate) async fn my_reservations(
    State(app): State<ApiState>,
    lists: Lists,
    signed_in: SignedIn,
) -> Result<Json<ActiveReservations>, ApiError> {
    let found = lists.views().active_reservations_of(signed_in.account).await?;
    let mut reservations = Vec::with_capacity(found.len());
    for (event, number) in found {
        // The list may be out of date; the sale knows whether the reservation is still active.
        let published = app.sale_now(event).await?;
        let active = published
            .state
            .reservation(number)
            .filter(|found| found.phase == ReservationPhase::Active && found.buyer == signed_in.account);
        reservations.extend(active.map(|found| reservation_view(&app.ids, &published.state, number, found)));
    }
    Ok(Json(ActiveReservations { reservations }))
}
