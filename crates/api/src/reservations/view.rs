//! A reservation as its owner sees it.

use crate::commands::answer;
use crate::handler::*;
use crate::seat_line::seat_lines;
use fairseat_app::commands::Accepted;
use fairseat_app::ids::{PublicIds, account_uuid};
use fairseat_contract::reservations::{ContactView, Reservation};
use fairseat_domain::ids::ReservationNumber;
use fairseat_domain::sale::{self, Subject};
use fairseat_store::contacts::Contact;

pub(crate) fn reservation_view(
    ids: &PublicIds,
    sale: &Sale,
    number: ReservationNumber,
    reservation: &sale::Reservation,
) -> Reservation {
    let (event, currency) = (sale.event(), sale.terms().currency);
    let seats = seat_lines(ids, sale, &reservation.items);
    Reservation {
        reservation_id: ids.reservation(event, number),
        event_id: ids.event(event),
        user_id: account_uuid(reservation.buyer),
        status: reservation.phase.into(),
        seat_ids: seats.iter().map(|seat| seat.seat_id).collect(),
        seats,
        extended: reservation.extended,
        expires_at: JsonTime(reservation.expires_at),
        total_amount: JsonMoney(reservation.total, currency),
        fees: JsonMoney(reservation.fees, currency),
        currency: currency.code().to_owned(),
        created_at: JsonTime(reservation.placed_at),
        single_seats_left: Vec::new(),
        order_id: reservation.order.map(|order| ids.order(event, order)),
        contact: None,
    }
}

/// A guest's contact as the guest sees it.
pub(crate) fn contact_view(contact: Contact) -> ContactView {
    ContactView { email: contact.email, name: Some(contact.name).filter(|name| !name.is_empty()) }
}

/// The answer to a command: its reservation, as of now.
pub(crate) fn accepted(
    app: &ApiState,
    status: StatusCode,
    accepted: &Accepted,
) -> Result<Response, ApiError> {
    let Subject::Reservation(number) = accepted.decision.subject else {
        return Err(Problem::internal("unexpected subject in the decision on a reservation's command").into());
    };
    let sale = &accepted.published.state;
    let reservation = sale.reservation(number).ok_or_else(Problem::not_found)?;
    let view = reservation_view(&app.ids, sale, number, reservation);
    Ok(answer(accepted.decision.replayed, (status, Json(view))))
}
