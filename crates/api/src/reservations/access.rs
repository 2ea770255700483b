//! Checks who may use a reservation, and how often.

use crate::handler::*;
use fairseat_contract::reservations::ReservationStatus;
use fairseat_domain::ids::{EventNumber, ReservationNumber};
use fairseat_domain::sale::Reservation;

pub(crate) async fn count(
    app: &ApiState,
    signed_in: &SignedIn,
    context: &RequestContext,
) -> Result<(), ApiError> {
    app.check_limit(RateLimit::ReserveByAccount, LimitedCaller::Account(signed_in.account)).await?;
    Ok(app.check_limit(RateLimit::ReserveByAddress, LimitedCaller::address(context.client)).await?)
}

pub(crate) fn open(app: &ApiState, id: Uuid) -> Result<(EventNumber, ReservationNumber), ApiError> {
    Ok(app.ids.open_reservation(id).ok_or_else(Problem::not_found)?)
}

/// The edit tag of a reservation: it names its seats and its state.
pub(crate) fn edit_tag(reservation: &Reservation) -> EditTag {
    let seats: Vec<u32> = reservation.items.iter().map(|item| item.seat.0).collect();
    EditTag::of(&(seats, reservation.extended, ReservationStatus::from(reservation.phase)))
}

/// Checks that a change of a reservation names its current version.
///
/// # Errors
/// `precondition_failed` when it names another version.
pub(crate) async fn check_version(
    app: &ApiState,
    if_match: &IfMatch,
    event: EventNumber,
    reservation: ReservationNumber,
) -> Result<(), ApiError> {
    if !if_match.is_conditional() {
        return Ok(());
    }
    let published = app.sale_now(event).await?;
    // The sale refuses a reservation that is missing or belongs to somebody else.
    let found = published.state.reservation(reservation);
    Ok(found.map_or(Ok(()), |found| if_match.check(&edit_tag(found)))?)
}
