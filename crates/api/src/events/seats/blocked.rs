//! Blocked seats with their reasons.

use crate::caller::turn_keys;
use crate::events::access::event_for;
use crate::handler::*;
use fairseat_contract::blocked_seats::{BlockedFor, BlockedSeat, BlockedSeats};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::{BlockReason, SeatState};
use fairseat_edge::json;
use fairseat_engine::Published;
use fairseat_store::OrganizationId;

/// The most audit entries that are searched for who blocked a seat.
const LOOKED_THROUGH: u32 = 1_000;

/// Blocked seats
///
/// With their reasons and who gave these. For members of the event's organization.
#[utoipa::path(get, path = "/events/{event_id}/seats/blocked", tag = "Console", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = BlockedSeats), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn blocked(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeCatalogue).await?;
    let published = app.sale_now(event.number).await?;
    let reasons = reasons(&app, (event.organization, event.number)).await?;
    let (lists, keys) = (app.seat_lists.clone(), turn_keys(context.client, caller.account.0));
    let json = lists.run(keys, move || json::to_bytes(&listed(&app, event_id, &published, reasons))).await?;
    let json = json.map_err(Problem::internal)?;
    Ok(json::response(json.into()))
}

async fn reasons(app: &ApiState, of: (OrganizationId, EventNumber)) -> Result<Vec<BlockedFor>, ApiError> {
    let entries = app.store.audit().of_event(of, "seats.blocked", LOOKED_THROUGH).await?;
    let mut reasons: Vec<BlockedFor> = Vec::new();
    for shown in entries {
        let detail: Detail = serde_json::from_str(&shown.entry.detail).map_err(Problem::internal)?;
        if !reasons.iter().any(|known| known.reason == detail.reason) {
            let (reason, blocked_by) = (detail.reason, shown.username);
            reasons.push(BlockedFor { reason, blocked_by, blocked_at: JsonTime(shown.entry.at) });
        }
    }
    Ok(reasons)
}

/// The details of an audit entry about a block.
#[derive(Deserialize)]
struct Detail {
    reason: String,
}

pub(crate) fn listed(
    app: &ApiState,
    event_id: Uuid,
    published: &Published,
    reasons: Vec<BlockedFor>,
) -> BlockedSeats {
    let sale: &Sale = &published.state;
    let mut seats = Vec::new();
    for (seat, state) in sale.plan().seats().zip(sale.seat_states()) {
        let SeatState::Blocked(reason) = state else { continue };
        let (kind, label) = match reason {
            BlockReason::Unpriced => ("unpriced", ""),
            BlockReason::Removed => ("removed", ""),
            BlockReason::Organizer(number) => ("organizer", sale.block_reason(number).unwrap_or_default()),
        };
        seats.push(BlockedSeat {
            seat_id: app.ids.seat(sale.event(), seat.index),
            index: seat.index.0,
            section: seat.section_name().to_owned(),
            row: seat.row_label().to_owned(),
            number: seat.number.to_owned(),
            label: seat.label(),
            kind,
            reason: label.to_owned(),
        });
    }
    BlockedSeats { event_id, version: published.position.0, total: seats.len(), seats, reasons }
}
