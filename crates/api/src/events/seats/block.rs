//! Withholds seats from sale, and releases them.

use crate::commands::{sender, submit};
use crate::events::access::event_for;
use crate::handler::*;
use crate::seat_choice::seats_of;
use fairseat_contract::blocked_seats::{Blocked, SeatList, Unblocked};
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::limits::MAX_REASON_CHARS;
use fairseat_domain::{Command, Fact};
use fairseat_problems::refusals::SeatFields;

fn seats(
    list: &SeatList,
    app: &ApiState,
    event: EventNumber,
    check: &mut Check,
) -> (Vec<SeatIndex>, SeatFields) {
    let (field, seats) = match (&list.seat_ids, &list.seat_indexes) {
        (Some(ids), None) => ("seat_ids", seats_of("seat_ids", ids, &app.ids, event, check)),
        (None, Some(indexes)) => ("seat_indexes", indexes.iter().copied().map(SeatIndex).collect()),
        (Some(_), Some(_)) | (None, None) => {
            check.refuse("seat_ids", "exactly one of seat_ids and seat_indexes is required");
            ("seat_ids", Vec::new())
        }
    };
    (seats.clone(), SeatFields { field, lists: vec![(field, seats)] })
}

/// Withholds seats from sale
///
/// All of them or none. Reserved and sold seats are refused.
#[utoipa::path(post, path = "/events/{event_id}/seats/block", tag = "Seats", params(("event_id" = Uuid, Path)),
    request_body = SeatList,
    responses((status = 200, body = Blocked), (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Somebody has one of them; see seats")))]
pub(crate) async fn block(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Body(list): Body<SeatList>,
) -> Result<Json<Blocked>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::BlockSeats).await?;
    let mut check = Check::new();
    let (seats, fields) = seats(&list, &app, event.number, &mut check);
    let reason = check.text("reason", list.reason.as_deref().unwrap_or_default(), 0..=MAX_REASON_CHARS);
    check.finish()?;
    let blocked = seats.len();
    let who = sender(caller.account, &context);
    submit(&app, who, event.number, Command::BlockSeats { seats, reason }, &fields).await?;
    Ok(Json(Blocked { blocked }))
}

/// Releases withheld seats for sale
///
/// Seats that are not blocked stay as they are. A seat without a price is refused, because it cannot be sold.
#[utoipa::path(post, path = "/events/{event_id}/seats/unblock", tag = "Seats", params(("event_id" = Uuid, Path)),
    request_body = SeatList,
    responses((status = 200, body = Unblocked), (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "One of them has no price; see seats")))]
pub(crate) async fn unblock(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Body(list): Body<SeatList>,
) -> Result<Json<Unblocked>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::BlockSeats).await?;
    let mut check = Check::new();
    let (seats, fields) = seats(&list, &app, event.number, &mut check);
    check.finish()?;
    let who = sender(caller.account, &context);
    let accepted = submit(&app, who, event.number, Command::UnblockSeats { seats }, &fields).await?;
    let mut unblocked = 0;
    for fact in &accepted.decision.facts {
        if let Fact::SeatsUnblocked { seats } = fact {
            unblocked += seats.len();
        }
    }
    Ok(Json(Unblocked { unblocked }))
}
