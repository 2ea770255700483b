//! `PATCH /venues/{venue_id}`.

use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::venues::access::venue_for;
use crate::venues::fields::checked;
use crate::venues::view::venue_view;
use fairseat_contract::venues::{VenueChange, VenueView};

use axum::extract::State;
use fairseat_app::access::Permission;
use fairseat_edge::body::Body;
use fairseat_edge::check::Check;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use fairseat_store::venues::VenueDetails;
use fairseat_store::{Scope, VenueId};
use uuid::Uuid;

/// Changes a venue
///
/// Its plan stays: change that of an event. What its events show of it changes with it.
#[utoipa::path(patch, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path)),
    request_body = VenueChange,
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn change_venue(
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
    Ok(changed.map(|venue| Json(venue_view(venue))).ok_or_else(Problem::not_found)?)
}
