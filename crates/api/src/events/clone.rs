//! Copies an event: the same venue, prices and terms at another time, as a draft.

use crate::events::access::event_for;
use crate::events::create::{created_before, plan_of};
use crate::events::input::{Times, check_name};
use crate::events::terms::hold_limits;
use crate::events::view::event_view;
use crate::handler::*;
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, IdempotentBody};
use fairseat_app::catalogue::events::CreatedBy;
use fairseat_app::catalogue::terms::SaleOptions;
use fairseat_app::catalogue::{CopiedTimes, events};
use fairseat_contract::events::{CopyInput, EventView};
use fairseat_domain::entry::Actor;
use fairseat_store::Scope;
use fairseat_store::events::{Event, EventDetails, NewEvent};

fn details(input: &CopyInput, from: &EventDetails, timezone: &str) -> Result<EventDetails, ApiError> {
    let start = input.start_time.0;
    let copied = CopiedTimes::new(from.starts_at, start, timezone);
    let mut check = Check::new();
    let name = input.name.as_deref().map(|name| check_name(&mut check, name));
    let times = Times {
        start,
        end: input.end_time.map_or_else(|| copied.with_start(from.ends_at), |time| time.0),
        on_sale: input.on_sale_time.map_or_else(|| copied.by_days(from.on_sale_at), |time| time.0),
        sales_end: copied.with_start(from.sales_end_at),
    };
    times.check(&mut check);
    let kept = SaleOptions::in_row(from)?;
    let options = SaleOptions {
        hold_limits: input.hold_limits.map_or(kept.hold_limits, |limits| hold_limits(&mut check, &limits)),
        refuse_single_seats: input.refuse_single_seats.unwrap_or(kept.refuse_single_seats),
    };
    check.finish()?;
    let doors = from.doors_at.map(|doors| copied.with_start(doors));
    Ok(EventDetails {
        name: name.unwrap_or_else(|| from.name.clone()),
        starts_at: times.start,
        ends_at: times.end,
        on_sale_at: times.on_sale,
        sales_end_at: times.sales_end,
        doors_at: doors.filter(|doors| *doors <= times.start),
        draft: true,
        options: options.to_column()?,
        ..from.clone()
    })
}

/// Copies an event as a draft
///
/// The copy has the current seating plan of the venue, and the prices, fees, limits, rules about single seats and refund policy of the event. Blocked seats are not
/// copied. Times that are not given keep their times of day at the venue, also if the clocks change in between: sales open at the same
/// time of day, as many days before the start; the event and its sales end as long after or before the start. Publish it with `PATCH
/// /events/{event_id} {"draft": false}`.
#[utoipa::path(post, path = "/events/{event_id}/clone", tag = "Events", request_body = CopyInput,
    params(("event_id" = Uuid, Path), IdempotencyHeader),
    responses((status = 201, body = EventView), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn clone_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Extension(context): Extension<RequestContext>,
    Path(event_id): Path<Uuid>,
    IdempotentBody { body, key }: IdempotentBody<CopyInput>,
) -> Result<Answer, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let venue = app.store.venues().get(event.venue, &Scope::All).await?;
    let venue = venue.ok_or_else(|| Problem::internal("an event's venue is gone"))?;
    let details = details(&body, &event.details, &venue.details.timezone)?;
    let by = CreatedBy { actor: Actor::Account(caller.account), request: context.request_id };
    let worker = app.clone();
    let work = |claimed| async move {
        let copied = create_copy(&worker, event, details, by, claimed).await?;
        Answer::json(StatusCode::CREATED, &copied)
    };
    key.once(&app, Some(caller.account), work).await
}

pub(crate) async fn create_copy(
    app: &ApiState,
    from: Event,
    details: EventDetails,
    by: CreatedBy,
    claimed: Claimed,
) -> Result<EventView, ApiError> {
    if let Some(created) = created_before(app, &claimed).await? {
        return Ok(created);
    }
    let plan = plan_of(app, from.venue).await?;
    let new = NewEvent { organization: from.organization, venue: from.venue, details };
    let (event, published) = events::create(app, new, plan, by, claimed.key).await?;
    event_view(app, event, &published.state).await
}
