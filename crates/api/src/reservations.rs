//! Reservations: seats for a while, for one buyer.
//!
//! What must always hold: nobody but their owner (and, to look, an administrator) learns that a reservation exists. Which
//! seats may be had, and when, is the sale's to say.

use crate::Routes;
use crate::caller::SignedIn;
use crate::commands::{answer, repeatable_sender, sender, submit};
use crate::error::ApiError;
use crate::idempotency::{IdempotencyHeader, Repeat, Repeatable};
use crate::refusals::SeatFields;
use crate::sale_access::public_sale;
use crate::seat_choice::{CartChange, Reserve, chosen};
use crate::seat_line::SeatLine;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use fairseat_app::commands::Accepted;
use fairseat_app::ids::{PublicIds, account_uuid};
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::ids::{EventNumber, ReservationNumber};
use fairseat_domain::limits::DEFAULT_HOLD;
use fairseat_domain::sale::{Reservation, ReservationPhase, Subject};
use fairseat_domain::time::Millis;
use fairseat_domain::{Command, Sale};
use fairseat_edge::body::Body;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(reserve))
        .with(routes!(reservation, change_reservation, cancel_reservation))
        .with(routes!(extend_reservation))
        .with(routes!(my_reservations))
}

/// How far a reservation got.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
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
struct View {
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
    fn of(ids: &PublicIds, sale: &Sale, number: ReservationNumber, reservation: &Reservation) -> Self {
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
fn accepted(app: &ApiState, status: StatusCode, accepted: &Accepted) -> Result<Response, ApiError> {
    let Subject::Reservation(number) = accepted.decision.subject else {
        return Err(Problem::internal("a reservation's command was about something else").into());
    };
    let sale = &accepted.published.state;
    let reservation = sale.reservation(number).ok_or_else(Problem::not_found)?;
    let view = View::of(&app.ids, sale, number, reservation);
    Ok(answer(accepted.decision.replayed, (status, Json(view))))
}

fn count(app: &ApiState, signed_in: &SignedIn, context: &RequestContext) -> Result<(), ApiError> {
    app.check_limit(Class::ReserveByAccount, Who::Account(signed_in.account))?;
    Ok(app.check_limit(Class::ReserveByAddress, Who::address(context.client))?)
}

fn open(app: &ApiState, id: Uuid) -> Result<(EventNumber, ReservationNumber), ApiError> {
    Ok(app.ids.open_reservation(id).ok_or_else(Problem::not_found)?)
}

/// Reserve seats
///
/// Exactly one of `seat_ids`, `seat_indexes`, `best_available` and `general_admission` says which. All seats or none.
#[utoipa::path(post, path = "/events/{event_id}/reserve", tag = "Buying", request_body = Reserve,
    params(("event_id" = Uuid, Path), IdempotencyHeader), responses((status = 201, body = View)))]
async fn reserve(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(event_id): Path<Uuid>,
    Repeatable { body, repeat }: Repeatable<Reserve>,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context)?;
    let (event, sale) = public_sale(&app, event_id).await?;
    let hold = body.hold_duration.map_or(DEFAULT_HOLD, Millis::from_seconds);
    let (selection, fields) = chosen(body, &app.ids, &sale.published().state)?;
    let command = Command::PlaceReservation { buyer: signed_in.account, selection, hold };
    let caller = repeatable_sender(&app, signed_in.account, &context, &repeat, event);
    accepted(&app, StatusCode::CREATED, &submit(&app, caller, event, command, &fields).await?)
}

/// A reservation
#[utoipa::path(get, path = "/reservations/{reservation_id}", tag = "Buying",
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = View)))]
async fn reservation(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<View>, ApiError> {
    let (event, number) = open(&app, id)?;
    let published = app.sale_now(event).await?;
    let found = published.state.reservation(number);
    let mine = found.filter(|found| found.buyer == signed_in.account || signed_in.is_admin());
    let reservation = mine.ok_or_else(Problem::not_found)?;
    Ok(Json(View::of(&app.ids, &published.state, number, reservation)))
}

/// Reservations whose time runs, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct ActiveReservations {
    reservations: Vec<View>,
}

/// Your reservations
///
/// Those whose time runs, in all events: what is in the cart, also after a reload and in another tab. At most 100, milliseconds
/// after they were made.
#[utoipa::path(get, path = "/users/me/reservations", tag = "Buying",
    responses((status = 200, body = ActiveReservations)))]
async fn my_reservations(
    State(app): State<ApiState>,
    signed_in: SignedIn,
) -> Result<Json<ActiveReservations>, ApiError> {
    let found = app.store.views().active_reservations_of(signed_in.account).await?;
    let mut reservations = Vec::with_capacity(found.len());
    for (event, number) in found {
        // The list may be behind; the sale itself says whether the time still runs.
        let published = app.sale_now(event).await?;
        let active = published
            .state
            .reservation(number)
            .filter(|found| found.phase == ReservationPhase::Active && found.buyer == signed_in.account);
        reservations.extend(active.map(|found| View::of(&app.ids, &published.state, number, found)));
    }
    Ok(Json(ActiveReservations { reservations }))
}

/// Add seats to a reservation or take some out
#[utoipa::path(patch, path = "/reservations/{reservation_id}", tag = "Buying", request_body = CartChange,
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = View)))]
async fn change_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    Body(body): Body<CartChange>,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context)?;
    let (event, reservation) = open(&app, id)?;
    let (add, remove, fields) = body.seats(&app.ids, event)?;
    let command = Command::ChangeReservation { reservation, buyer: signed_in.account, add, remove };
    let caller = sender(signed_in.account, &context);
    accepted(&app, StatusCode::OK, &submit(&app, caller, event, command, &fields).await?)
}

/// A reservation given back.
#[derive(Debug, Serialize, ToSchema)]
struct Released {
    status: Status,
    seats_released: usize,
}

/// Give a reservation back
#[utoipa::path(delete, path = "/reservations/{reservation_id}", tag = "Buying",
    params(("reservation_id" = Uuid, Path)), responses((status = 200, body = Released)))]
async fn cancel_reservation(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Json<Released>, ApiError> {
    count(&app, &signed_in, &context)?;
    let (event, reservation) = open(&app, id)?;
    let command = Command::CancelReservation { reservation, buyer: signed_in.account };
    let caller = sender(signed_in.account, &context);
    let accepted = submit(&app, caller, event, command, &SeatFields::none()).await?;
    let released = accepted.published.state.reservation(reservation).map_or(0, |found| found.items.len());
    Ok(Json(Released { status: Status::Cancelled, seats_released: released }))
}

/// Keep a reservation longer
///
/// Once, by the hold it was made with, and never past 15 minutes in all.
#[utoipa::path(post, path = "/reservations/{reservation_id}/extend", tag = "Buying",
    params(("reservation_id" = Uuid, Path), IdempotencyHeader), responses((status = 200, body = View)))]
async fn extend_reservation(
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
