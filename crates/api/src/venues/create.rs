//! `POST /venues`.

use crate::caller::turn_keys;
use crate::handler::*;
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, IdempotentBody};
use crate::venues::fields::checked;
use crate::venues::view::venue_view;
use crate::{organization_choice as choice, plan_import};
use axum::extract::Request;
use fairseat_app::catalogue::{plans, timezones};
use fairseat_contract::venues::{VenueInput, VenueView};
use fairseat_domain::seating_plan::Imported;
use fairseat_edge::body::PLAN_BODY_BYTES;
use fairseat_store::venues::{NewVenue, VenueDetails};
use fairseat_store::{OrganizationId, Scope, VenueId};
use fairseat_turns::TurnKeys;

/// Options for importing the plan.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Repair {
    /// Renumber duplicate `seat_guid`s instead of refusing them: the second `X` becomes `X~2`, the next `X~3`. Likewise seats of one
    /// section and row with one number: the second `A-1` becomes `A-1~2`
    #[serde(default)]
    #[param(required = false, default = false)]
    pub(crate) repair: bool,
}

/// Creates a venue with its seating plan
///
/// A plan is imported with all its seats, or refused with every problem found. Seats that share a `seat_guid` are refused, each listed with
/// its places in `duplicates`, unless `repair=true` asks to renumber them. So are seats that share section, row and number, because their
/// tickets could not be told apart; they are listed in `duplicate_labels`. Decorations and other parts that seats do not need never cause a
/// refusal: what cannot be used is left out and listed in `left_out`.
#[utoipa::path(post, path = "/venues", tag = "Venues", params(Repair, IdempotencyHeader), request_body = VenueInput,
    responses((status = 201, body = VenueView), (status = 403, description = "The caller manages no organization")))]
pub(crate) async fn create_venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Query(Repair { repair }): Query<Repair>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Result<Answer, ApiError> {
    caller.require_manager()?;
    let IdempotentBody { body, key } =
        IdempotentBody::<VenueInput>::receive(request, &app, PLAN_BODY_BYTES, Some(caller.account)).await?;
    let organization = choice::for_new(&app, &caller, body.organization_id).await?;
    let (worker, keys) = (app.clone(), turn_keys(context.client, caller.account.0));
    let work = |claimed| async move {
        let created = create_from_input(&worker, organization, body, (repair, keys), claimed).await?;
        Answer::json(StatusCode::CREATED, &created)
    };
    key.once(&app, Some(caller.account), work).await
}

pub(crate) async fn create_from_input(
    app: &ApiState,
    organization: OrganizationId,
    input: VenueInput,
    (repair, keys): (bool, TurnKeys),
    claimed: Claimed,
) -> Result<VenueView, ApiError> {
    let zone = || timezones::of_place(&input.city, &input.state, &input.country);
    let details = VenueDetails {
        timezone: input.timezone.or_else(zone).unwrap_or_default(),
        name: input.name,
        address: input.address,
        city: input.city,
        state: input.state,
        country: input.country,
        layout_type: input.layout_type,
    };
    let mut check = Check::new();
    let details = checked(&mut check, details, None);
    check.finish()?;
    let Imported { plan, repairs, renumbered, left_out, .. } =
        plan_import::import_document(input.seating_plan, repair, keys).await?;
    let venues = app.store.venues();
    let venue = match claimed.created {
        Some(id) => {
            venues.get(VenueId(Uuid::from_u128(id)), &Scope::All).await?.ok_or_else(Problem::not_found)?
        }
        None => {
            let capacity = u32::try_from(plan.seat_count()).map_err(Problem::internal)?;
            let new = NewVenue { organization, details, capacity, plan: plans::pack(plan).await? };
            venues.create(new, claimed.key, app.now()).await?
        }
    };
    let repairs = repair.then(|| plan_import::repaired(&repairs));
    let renumbered = plan_import::renumbered(&renumbered);
    let left_out = plan_import::left_out(left_out);
    Ok(VenueView { repairs, renumbered, left_out, ..venue_view(venue) })
}
