//! New events.

use super::input::EventInput;
use super::view::EventView;
use crate::app::AppState;
use crate::auth::{Permission, SignedIn};
use crate::catalogue::events::Origin;
use crate::catalogue::{events, plans};
use crate::http::check::Check;
use crate::http::context::RequestContext;
use crate::http::idempotency::{Answer, Claimed, IdempotencyHeader, Repeatable};
use crate::http::organization_choice::require_manager;
use crate::http::problem::Problem;
use crate::http::venues::venue_for;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_store::events::NewEvent;
use fairseat_store::venues::Venue;
use fairseat_store::{Scope, VenueId};

/// Makes an event with its sale
///
/// Its seats are those of its venue's plan now. It goes on sale by itself at `on_sale_time`.
#[utoipa::path(post, path = "/events", tag = "Events", params(IdempotencyHeader), request_body = EventInput,
    responses((status = 201, body = EventView), (status = 403, description = "The caller manages no organization"),
        (status = 404, description = "No such venue of the caller's")))]
pub(super) async fn create_event(
    State(app): State<AppState>,
    caller: SignedIn,
    Extension(context): Extension<RequestContext>,
    Repeatable { body, repeat }: Repeatable<EventInput>,
) -> Result<Answer, Problem> {
    require_manager(&caller)?;
    let venue = venue_for(&app, &caller, body.venue_id, Permission::ManageCatalogue).await?;
    let origin = Origin { actor: Actor::Account(caller.account), request: context.request_id };
    let worker = app.clone();
    let work = |claimed| async move {
        let created = enter(&worker, venue, body, origin, claimed).await?;
        Answer::json(StatusCode::CREATED, &created)
    };
    repeat.once(&app, Some(caller.account), work).await
}

/// The event that an attempt under the same key entered before it was cut short, gone on with.
pub(super) async fn entered_before(app: &AppState, claimed: &Claimed) -> Result<Option<EventView>, Problem> {
    let Some(number) = claimed.entered.and_then(|entered| u64::try_from(entered).ok()) else {
        return Ok(None);
    };
    let (event, published) = events::go_on(app, EventNumber(number)).await?;
    EventView::of(app, event, &published.state).await.map(Some)
}

/// The seating plan of a venue as it is now.
pub(super) async fn plan_of(app: &AppState, venue: VenueId) -> Result<SeatingPlan, Problem> {
    let stored = app.platform.store.venues().plan(venue, &Scope::All).await?;
    plans::unpack(stored.ok_or_else(|| Problem::internal("a venue without a plan"))?).await
}

async fn enter(
    app: &AppState,
    venue: Venue,
    input: EventInput,
    origin: Origin,
    claimed: Claimed,
) -> Result<EventView, Problem> {
    if let Some(entered) = entered_before(app, &claimed).await? {
        return Ok(entered);
    }
    let plan = plan_of(app, venue.id).await?;
    let mut check = Check::new();
    let same = input.organization_id.is_none_or(|organization| organization == venue.organization.0);
    check.that(same, "organization_id", "must be the venue's organization, or left out");
    let details = input.details(check, &plan)?;
    let new = NewEvent { organization: venue.organization, venue: venue.id, details };
    let (event, published) = events::create(app, new, plan, origin, claimed.key).await?;
    EventView::of(app, event, &published.state).await
}
