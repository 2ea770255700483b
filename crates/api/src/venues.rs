//! Venues and their seating plans, as organizers enter them.
//!
//! What must always hold: nothing is half-imported (a plan comes in whole or not at all), and a venue of another organization
//! does not exist for the caller. A venue's plan never changes; an event's may (`PUT /events/{event_id}/seating-plan`).

use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::idempotency::{Answer, Claimed, IdempotencyHeader, Repeatable};
use crate::organization_choice as choice;
use crate::plan_import::{self, LeftOut, Repaired};
use crate::state::ApiState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fairseat_app::access::Permission;
use fairseat_app::catalogue::plans;
use fairseat_app::catalogue::timezones;
use fairseat_contract::JsonTime;
use fairseat_domain::seating_plan::Imported;
use fairseat_edge::body::{Body, PLAN_BODY_BYTES};
use fairseat_edge::check::Check;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::{Paging, Path, Query};
use fairseat_store::venues::{NewVenue, Venue, VenueDetails};
use fairseat_store::{OrganizationId, Page, Scope, VenueId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .with(routes!(list_venues, create_venue))
        .with(routes!(venue, change_venue))
        .with(routes!(venue_seating_plan))
        .with(routes!(venue_seatmap_svg))
}

/// A venue to be entered.
#[derive(Debug, Deserialize, ToSchema)]
struct VenueInput {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(max_length = 500)]
    address: String,
    #[schema(min_length = 1, max_length = 100)]
    city: String,
    /// As a code or a name
    #[schema(max_length = 100)]
    #[serde(default)]
    state: String,
    /// As a code or a name
    #[schema(min_length = 1, max_length = 100)]
    country: String,
    /// An IANA name; by default that of the state, city or country, else UTC
    timezone: Option<String>,
    /// Stadium, theater, arena, …
    #[schema(min_length = 1, max_length = 50)]
    layout_type: String,
    /// pretix's seating-plan JSON, or the short form `{sections: [{name, rows, seats_per_row, accessible?}, {name,
    /// general_admission}]}`
    #[schema(value_type = Object)]
    seating_plan: Box<RawValue>,
    /// Needed by members of several organizations only
    organization_id: Option<Uuid>,
}

/// What is to change of a venue; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VenueChange {
    name: Option<String>,
    address: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
    timezone: Option<String>,
    layout_type: Option<String>,
}

/// A venue.
#[derive(Debug, Serialize, ToSchema)]
struct VenueView {
    venue_id: Uuid,
    organization_id: Uuid,
    name: String,
    address: String,
    city: String,
    state: String,
    country: String,
    /// An IANA name
    timezone: String,
    layout_type: String,
    /// Seats of its plan
    capacity: u32,
    /// The plan as a picture
    seat_map_url: String,
    created_at: JsonTime,
    updated_at: JsonTime,
    /// Of a new venue: the seats that got another guid, when that was asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    repairs: Option<Vec<Repaired>>,
    /// Of a new venue: the parts of its plan that were left out, if any; at most the first 1000
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    left_out: Vec<LeftOut>,
}

impl VenueView {
    fn of(venue: Venue) -> Self {
        let details = venue.details;
        Self {
            venue_id: venue.id.0,
            organization_id: venue.organization.0,
            name: details.name,
            address: details.address,
            city: details.city,
            state: details.state,
            country: details.country,
            timezone: details.timezone,
            layout_type: details.layout_type,
            capacity: venue.capacity,
            seat_map_url: seat_map_url(venue.id),
            created_at: JsonTime(venue.created_at),
            updated_at: JsonTime(venue.updated_at),
            repairs: None,
            left_out: Vec::new(),
        }
    }
}

/// Where the picture of a venue's plan is.
pub(super) fn seat_map_url(venue: VenueId) -> String {
    format!("{}/venues/{venue}/seatmap.svg", crate::API)
}

/// How a plan is taken in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Repair {
    /// Renumber duplicate `seat_guid`s instead of refusing them: the second `X` becomes `X~2`, the next `X~3`
    #[serde(default)]
    #[param(required = false, default = false)]
    pub(super) repair: bool,
}

/// Enters a venue with its seating plan
///
/// A plan is taken in with all its seats or refused with every problem found. Several seats with one `seat_guid` are refused,
/// each named with its places in `duplicates`, unless `repair=true` asks to renumber them. Decorations and other parts that
/// seats do not need never refuse a plan: what cannot be used is left out and listed in `left_out`.
#[utoipa::path(post, path = "/venues", tag = "Venues", params(Repair, IdempotencyHeader), request_body = VenueInput,
    responses((status = 201, body = VenueView), (status = 403, description = "The caller manages no organization")))]
async fn create_venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Query(Repair { repair }): Query<Repair>,
    Repeatable { body, repeat }: Repeatable<VenueInput, PLAN_BODY_BYTES>,
) -> Result<Answer, ApiError> {
    let organization = choice::for_new(&app, &caller, body.organization_id).await?;
    let worker = app.clone();
    let work = |claimed| async move {
        let created = enter(&worker, organization, body, repair, claimed).await?;
        Answer::json(StatusCode::CREATED, &created)
    };
    repeat.once(&app, Some(caller.account), work).await
}

async fn enter(
    app: &ApiState,
    organization: OrganizationId,
    input: VenueInput,
    repair: bool,
    claimed: Claimed,
) -> Result<VenueView, ApiError> {
    let zone = || timezones::of_place(&input.city, &input.state, &input.country);
    let details = VenueDetails {
        timezone: input.timezone.unwrap_or_else(zone),
        name: input.name,
        address: input.address,
        city: input.city,
        state: input.state,
        country: input.country,
        layout_type: input.layout_type,
    };
    let mut check = Check::new();
    let details = checked(&mut check, details);
    check.finish()?;
    let Imported { plan, repairs, left_out, .. } =
        plan_import::import_document(Box::<str>::from(input.seating_plan).into(), repair).await?;
    let venues = app.store.venues();
    let venue = match claimed.entered {
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
    Ok(VenueView { repairs, left_out: plan_import::left_out(left_out), ..VenueView::of(venue) })
}

fn checked(check: &mut Check, details: VenueDetails) -> VenueDetails {
    let zone = timezones::named(&details.timezone);
    check.that(zone.is_some(), "timezone", "must be an IANA name such as America/New_York");
    VenueDetails {
        name: check.text("name", &details.name, 1..=200),
        address: check.text("address", &details.address, 0..=500),
        city: check.text("city", &details.city, 1..=100),
        state: check.text("state", &details.state, 0..=100),
        country: check.text("country", &details.country, 1..=100),
        timezone: zone.unwrap_or(details.timezone),
        layout_type: check.text("layout_type", &details.layout_type, 1..=50),
    }
}

/// A page of venues.
#[derive(Debug, Serialize, ToSchema)]
struct VenueList {
    venues: Vec<VenueView>,
    total: u64,
    limit: u32,
    offset: u32,
}

/// Whose venues.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VenuesQuery {
    /// Of this organization only
    #[param(required = false)]
    organization_id: Option<Uuid>,
}

/// The venues of the caller's organizations, the newest first
///
/// An administrator sees all.
#[utoipa::path(get, path = "/venues", tag = "Venues", params(VenuesQuery, Paging),
    responses((status = 200, body = VenueList)))]
async fn list_venues(
    State(app): State<ApiState>,
    caller: SignedIn,
    Query(query): Query<VenuesQuery>,
    paging: Paging,
) -> Result<Json<VenueList>, ApiError> {
    let Paging { limit, offset } = paging;
    let scope = choice::scope_of(&caller);
    let page = Page { limit, offset: u64::from(offset) };
    let of = query.organization_id.map(OrganizationId);
    let found = app.store.venues().list(&scope, of, page).await?;
    let venues = found.rows.into_iter().map(VenueView::of).collect();
    Ok(Json(VenueList { venues, total: found.total, limit, offset }))
}

/// A venue the caller may use so.
///
/// # Errors
/// `not_found` when there is none or it is another organization's, `forbidden` when the caller's role there does not allow it.
pub(super) async fn venue_for(
    app: &ApiState,
    caller: &SignedIn,
    venue: Uuid,
    permission: Permission,
) -> Result<Venue, ApiError> {
    let found = app.store.venues().get(VenueId(venue), &Scope::All).await?;
    let venue = found.ok_or_else(Problem::not_found)?;
    caller.require(venue.organization, permission)?;
    Ok(venue)
}

/// A venue
#[utoipa::path(get, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
async fn venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
) -> Result<Json<VenueView>, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::SeeCatalogue).await?;
    Ok(Json(VenueView::of(venue)))
}

/// Changes a venue
///
/// Its plan stays: change that of an event. What its events show of it changes with it.
#[utoipa::path(patch, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path)),
    request_body = VenueChange,
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
async fn change_venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
    Body(change): Body<VenueChange>,
) -> Result<Json<VenueView>, ApiError> {
    venue_for(&app, &caller, venue_id, Permission::ManageCatalogue).await?;
    let apply = move |details: &mut VenueDetails| {
        let VenueDetails { name, address, city, state, country, timezone, layout_type } = details.clone();
        let mut check = Check::new();
        let changed = VenueDetails {
            name: change.name.unwrap_or(name),
            address: change.address.unwrap_or(address),
            city: change.city.unwrap_or(city),
            state: change.state.unwrap_or(state),
            country: change.country.unwrap_or(country),
            timezone: change.timezone.unwrap_or(timezone),
            layout_type: change.layout_type.unwrap_or(layout_type),
        };
        *details = checked(&mut check, changed);
        check.finish().map_err(ApiError::from)
    };
    let venues = app.store.venues();
    let changed = venues.update(VenueId(venue_id), &Scope::All, apply, app.now()).await?;
    Ok(changed.map(|venue| Json(VenueView::of(venue))).ok_or_else(Problem::not_found)?)
}

/// The seating plan of a venue, in pretix's form
///
/// What was imported comes back equal in meaning: seats, guids, numbers, positions, categories and decorations.
#[utoipa::path(get, path = "/venues/{venue_id}/seating-plan", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = Object), (status = 404, description = "No such venue of the caller's")))]
async fn venue_seating_plan(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::SeeCatalogue).await?;
    let stored = app.store.venues().plan(venue.id, &Scope::All).await?;
    let document = plans::document(stored.ok_or_else(Problem::not_found)?).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response())
}

/// The seating plan of a venue as a picture
#[utoipa::path(get, path = "/venues/{venue_id}/seatmap.svg", tag = "Venues", security(()),
    params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "image/svg+xml"),
        (status = 304, description = "Unchanged"), (status = 404, description = "No such venue")))]
async fn venue_seatmap_svg(
    State(app): State<ApiState>,
    Path(venue_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    Ok(app.venue_maps.of(&app, VenueId(venue_id)).await?.respond(&headers))
}
