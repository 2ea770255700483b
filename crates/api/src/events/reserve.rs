//! `POST /events/{event_id}/reserve`.

use crate::commands::{holder, problem_of, repeatable_sender};
use crate::handler::*;
use crate::idempotency::{IdempotencyHeader, IdempotentBody};
use crate::reservations::access::count;
use crate::reservations::view::accepted;
use crate::sale_access::public_sale;
use crate::seat_choice::chosen;
use fairseat_app::commands::Sender;
use fairseat_contract::reservations::{Reservation, Reserve};
use fairseat_domain::Command;
use fairseat_domain::limits::DEFAULT_HOLD;
use fairseat_domain::time::Millis;

/// Reserve seats
///
/// Exactly one of `seat_ids`, `seat_indexes`, `best_available` and `general_admission` chooses the seats. All of them are reserved, or
/// none. With `add_to_cart` they join the reservation that you have for this event, if there is one.
#[utoipa::path(post, path = "/events/{event_id}/reserve", tag = "Buying", request_body = Reserve,
    params(("event_id" = Uuid, Path), IdempotencyHeader), responses((status = 201, body = Reservation)))]
pub(crate) async fn reserve(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(event_id): Path<Uuid>,
    IdempotentBody { body, key }: IdempotentBody<Reserve>,
) -> Result<Response, ApiError> {
    count(&app, &signed_in, &context).await?;
    let (event, sale) = public_sale(&app, event_id).await?;
    let hold = body.hold_duration.map_or(DEFAULT_HOLD, Millis::from_seconds);
    let (buyer, in_cart) = (signed_in.account, body.add_to_cart);
    let (selection, fields) = chosen(body, &app.ids, &sale.published().state)?;
    let command = match in_cart {
        true => Command::AddToCart { buyer, selection, hold },
        false => Command::PlaceReservation { buyer, selection, hold },
    };
    let sender = repeatable_sender(&app, signed_in.account, &context, &key, event);
    let caller = Sender {
        holder: holder(&app, (signed_in.access.verified_at, signed_in.access.created_at), &context),
        ..sender
    };
    let decided = caller.submit_to(&app, &sale, command).await;
    accepted(&app, StatusCode::CREATED, &decided.map_err(|error| problem_of(&app, error, &fields))?)
}
