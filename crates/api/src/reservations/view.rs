//! A reservation as its owner sees it.

use crate::commands::answer;
use crate::error::ApiError;
use crate::seat_line::SeatLine;
use crate::state::ApiState;
use axum::http::StatusCode;
use axum::response::Response;
use fairseat_app::commands::Accepted;
use fairseat_app::ids::{PublicIds, account_uuid};
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::Sale;
use fairseat_domain::ids::ReservationNumber;
use fairseat_domain::sale::{Reservation, ReservationPhase, Subject};
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How far a reservation got.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Active,
    Expired,
    Cancelled,
    ConvertedToOrder,
}

impl From<ReservationPhase> for Status {
    fn from(phase: ReservationPhase) -> Self {
        match phase {
            ReservationPhase::Active => Self::Active,
            ReservationPhase::Expired => Self::Expired,
            ReservationPhase::Cancelled => Self::Cancelled,
            ReservationPhase::Converted => Self::ConvertedToOrder,
        }
    }
}

/// A reservation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reservation)]
pub(crate) struct View {
    reservation_id: Uuid,
    event_id: Uuid,
    user_id: Uuid,
    status: Status,
    /// In the order asked
    seat_ids: Vec<Uuid>,
    /// The same seats, described
    seats: Vec<SeatLine>,
    /// Whether it was given more time, which happens once
    extended: bool,
    /// The seats come back exactly then, unless a payment is under way
    expires_at: JsonTime,
    /// All-in
    total_amount: JsonMoney,
    /// The part of the total that is fees
    fees: JsonMoney,
    /// ISO 4217
    currency: String,
    created_at: JsonTime,
    /// Its order, once somebody tried to pay
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    order_id: Option<Uuid>,
}

impl View {
    pub(crate) fn of(
        ids: &PublicIds,
        sale: &Sale,
        number: ReservationNumber,
        reservation: &Reservation,
    ) -> Self {
        let (event, currency) = (sale.event(), sale.terms().currency);
        let seats = SeatLine::all(ids, sale, &reservation.items);
        Self {
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
            order_id: reservation.order.map(|order| ids.order(event, order)),
        }
    }
}

/// The reservation a command was about, as it is now.
pub(crate) fn accepted(
    app: &ApiState,
    status: StatusCode,
    accepted: &Accepted,
) -> Result<Response, ApiError> {
    let Subject::Reservation(number) = accepted.decision.subject else {
        return Err(Problem::internal("a reservation's command was about something else").into());
    };
    let sale = &accepted.published.state;
    let reservation = sale.reservation(number).ok_or_else(Problem::not_found)?;
    let view = View::of(&app.ids, sale, number, reservation);
    Ok(answer(accepted.decision.replayed, (status, Json(view))))
}
