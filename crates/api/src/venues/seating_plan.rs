//! `GET /venues/{venue_id}/seating-plan` and `PUT`, which replaces it.

use crate::caller::turn_keys;
use crate::handler::*;
use crate::plan_import;
use crate::venues::access::venue_for;
use crate::venues::create::Repair;
use crate::venues::view::venue_view;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use fairseat_app::catalogue::plans;
use fairseat_contract::venues::VenueView;
use fairseat_domain::seating_plan::Imported;
use fairseat_edge::body::{self, PLAN_BODY_BYTES};
use fairseat_store::Scope;
use serde_json::value::RawValue;

/// The seating plan of a venue, in pretix's format
///
/// The document has the same meaning as the imported one: seats, guids, numbers, positions, categories and decorations.
#[utoipa::path(get, path = "/venues/{venue_id}/seating-plan", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = Object), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn venue_seating_plan(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
) -> Result<Response, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::SeeCatalogue).await?;
    let stored = app.store.venues().plan(venue.id, &Scope::All).await?;
    let keys = turn_keys(context.client, caller.account.0);
    let document = plans::document(stored.ok_or_else(Problem::not_found)?, keys).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response())
}

/// Replaces the seating plan of a venue
///
/// The body is a plan, or `{"seating_plan": …}`. Events that are made from now on have the new plan; those that exist keep theirs, which
/// `PUT /events/{event_id}/seating-plan` replaces.
#[utoipa::path(put, path = "/venues/{venue_id}/seating-plan", tag = "Venues", params(("venue_id" = Uuid, Path), Repair),
    request_body = Object,
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn replace_plan(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
    Query(Repair { repair }): Query<Repair>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Result<Json<VenueView>, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::ManageCatalogue).await?;
    let (body, _) = body::receive::<Box<RawValue>>(request, PLAN_BODY_BYTES, Some(caller.account)).await?;
    let keys = turn_keys(context.client, caller.account.0);
    let Imported { plan, repairs, renumbered, left_out, .. } =
        plan_import::import_document(body, repair, keys).await?;
    let capacity = u32::try_from(plan.seat_count()).map_err(Problem::internal)?;
    let packed = plans::pack(plan).await?;
    let replaced =
        app.store.venues().replace_plan(venue.id, &Scope::All, capacity, packed, app.now()).await?;
    app.venue_pictures.forget(venue.id);
    Ok(Json(VenueView {
        repairs: repair.then(|| plan_import::repaired(&repairs)),
        renumbered: plan_import::renumbered(&renumbered),
        left_out: plan_import::left_out(left_out),
        ..venue_view(replaced.ok_or_else(Problem::not_found)?)
    }))
}
