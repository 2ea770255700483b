//! Seats an organizer withholds from sale, and gives to it again.

use super::Routes;
use super::body::Body;
use super::check::Check;
use super::commands::Caller;
use super::context::RequestContext;
use super::events::event_for;
use super::problem::Problem;
use super::query::Path;
use super::refusals::Asked;
use super::seat_choice::seats_of;
use crate::app::AppState;
use crate::auth::{Permission, SignedIn};
use crate::http::json::Json;
use axum::Extension;
use axum::extract::State;
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::limits::MAX_REASON_CHARS;
use fairseat_domain::{Command, Fact};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub fn routes() -> Routes {
    Routes::new().with(routes!(block)).with(routes!(unblock))
}

/// Which seats.
#[derive(Debug, Deserialize, ToSchema)]
struct SeatList {
    /// These seats
    seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    seat_indexes: Option<Vec<u32>>,
    /// When blocking: a label for the organizer's own use, such as `press`; kept for ever, so never a person's name
    #[schema(max_length = 64)]
    reason: Option<String>,
}

/// How many seats.
#[derive(Debug, Serialize, ToSchema)]
struct Blocked {
    blocked: usize,
}

/// How many seats.
#[derive(Debug, Serialize, ToSchema)]
struct Unblocked {
    unblocked: usize,
}

impl SeatList {
    fn seats(&self, app: &AppState, event: EventNumber, check: &mut Check) -> (Vec<SeatIndex>, Asked) {
        let (field, seats) = match (&self.seat_ids, &self.seat_indexes) {
            (Some(ids), None) => ("seat_ids", seats_of("seat_ids", ids, &app.platform.ids, event, check)),
            (None, Some(indexes)) => ("seat_indexes", indexes.iter().copied().map(SeatIndex).collect()),
            (Some(_), Some(_)) | (None, None) => {
                check.refuse("seat_ids", "exactly one of seat_ids and seat_indexes is required");
                ("seat_ids", Vec::new())
            }
        };
        (seats.clone(), Asked { field, lists: vec![(field, seats)] })
    }
}

/// Withholds seats from sale
///
/// All or none. A seat that somebody has is refused.
#[utoipa::path(post, path = "/events/{event_id}/seats/block", tag = "Seats", params(("event_id" = Uuid, Path)),
    request_body = SeatList,
    responses((status = 200, body = Blocked), (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Somebody has one of them; see seats")))]
async fn block(
    State(app): State<AppState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Body(list): Body<SeatList>,
) -> Result<Json<Blocked>, Problem> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::BlockSeats).await?;
    let mut check = Check::new();
    let (seats, asked) = list.seats(&app, event.number, &mut check);
    let reason = check.text("reason", list.reason.as_deref().unwrap_or_default(), 0..=MAX_REASON_CHARS);
    check.finish()?;
    let blocked = seats.len();
    let who = Caller::once(caller.account, &context);
    who.submit(&app, event.number, Command::BlockSeats { seats, reason }, &asked).await?;
    Ok(Json(Blocked { blocked }))
}

/// Gives withheld seats to the sale
///
/// Seats that are not blocked stay as they are. A seat without a price cannot be sold, and is refused.
#[utoipa::path(post, path = "/events/{event_id}/seats/unblock", tag = "Seats", params(("event_id" = Uuid, Path)),
    request_body = SeatList,
    responses((status = 200, body = Unblocked), (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "One of them has no price; see seats")))]
async fn unblock(
    State(app): State<AppState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    Body(list): Body<SeatList>,
) -> Result<Json<Unblocked>, Problem> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::BlockSeats).await?;
    let mut check = Check::new();
    let (seats, asked) = list.seats(&app, event.number, &mut check);
    check.finish()?;
    let who = Caller::once(caller.account, &context);
    let granted = who.submit(&app, event.number, Command::UnblockSeats { seats }, &asked).await?;
    let mut unblocked = 0;
    for fact in &granted.decision.facts {
        if let Fact::SeatsUnblocked { seats } = fact {
            unblocked += seats.len();
        }
    }
    Ok(Json(Unblocked { unblocked }))
}
