//! New events.

use crate::events::input::event_details;
use crate::events::view::event_view;
use crate::handler::*;
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, IdempotentBody};
use crate::venues::access::venue_for;
use fairseat_app::catalogue::events::CreatedBy;
use fairseat_app::catalogue::{events, plans};
use fairseat_contract::events::{EventInput, EventView};
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_store::events::NewEvent;
use fairseat_store::venues::Venue;
use fairseat_store::{Scope, VenueId};

/// Makes an event with its sale
///
/// Its seats are those of its venue's current plan. It goes on sale by itself at `on_sale_time`.
#[utoipa::path(post, path = "/events", tag = "Events", params(IdempotencyHeader), request_body = EventInput,
    responses((status = 201, body = EventView), (status = 403, description = "The caller manages no organization"),
        (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn create_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Extension(context): Extension<RequestContext>,
    IdempotentBody { body, key }: IdempotentBody<EventInput>,
) -> Result<Answer, ApiError> {
    caller.require_manager()?;
    let venue = venue_for(&app, &caller, body.venue_id, Permission::ManageCatalogue).await?;
    let by = CreatedBy { actor: Actor::Account(caller.account), request: context.request_id };
    let worker = app.clone();
    let work = |claimed| async move {
        let created = create_from_input(&worker, venue, body, by, claimed).await?;
        Answer::json(StatusCode::CREATED, &created)
    };
    key.once(&app, Some(caller.account), work).await
}

/// Finishes the event that an interrupted request with the same key began to create.
pub(crate) async fn created_before(app: &ApiState, claimed: &Claimed) -> Result<Option<EventView>, ApiError> {
    let Some(number) = claimed.created.and_then(|created| u64::try_from(created).ok()) else {
        return Ok(None);
    };
    let (event, published) = events::finish_creating(app, EventNumber(number)).await?;
    event_view(app, event, &published.state).await.map(Some)
}

/// The seating plan of a venue as it is now.
pub(crate) async fn plan_of(app: &ApiState, venue: VenueId) -> Result<SeatingPlan, ApiError> {
    let stored = app.store.venues().plan(venue, &Scope::All).await?;
    Ok(plans::unpack(stored.ok_or_else(|| Problem::internal("a venue without a plan"))?).await?)
}

pub(crate) async fn create_from_input(
    app: &ApiState,
    venue: Venue,
    input: EventInput,
    by: CreatedBy,
    claimed: Claimed,
) -> Result<EventView, ApiError> {
    if let Some(created) = created_before(app, &claimed).await? {
        return Ok(created);
    }
    let plan = plan_of(app, venue.id).await?;
    let mut check = Check::new();
    let same = input.organization_id.is_none_or(|organization| organization == venue.organization.0);
    check.that(same, "organization_id", "must be the venue's organization, or left out");
    let details = event_details(&input, check, &plan)?;
    let new = NewEvent { organization: venue.organization, venue: venue.id, details };
    let (event, published) = events::create(app, new, plan, by, claimed.key).await?;
    event_view(app, event, &published.state).await
}
