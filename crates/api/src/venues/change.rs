//! `PATCH /venues/{venue_id}`.

use crate::handler::*;
use crate::venues::access::venue_for;
use crate::venues::fields::checked;
use crate::venues::view::{edit_tag, tagged};
use fairseat_contract::venues::{VenueChange, VenueView};
use fairseat_store::venues::VenueDetails;
use fairseat_store::{Scope, VenueId};

/// Changes a venue
///
/// Its plan cannot be changed here; change the plan of an event. Its events show the other changes at once.
#[utoipa::path(patch, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path), IfMatchHeader),
    request_body = VenueChange,
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn change_venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
    if_match: IfMatch,
    Body(change): Body<VenueChange>,
) -> Result<Response, ApiError> {
    venue_for(&app, &caller, venue_id, Permission::ManageCatalogue).await?;
    let apply = move |details: &mut VenueDetails| {
        if_match.check(&edit_tag(details))?;
        let kept = details.timezone.clone();
        let VenueDetails { name, address, city, state, country, timezone, layout_type } = details.clone();
        let mut check = Check::new();
        let changed = VenueDetails {
            name: change.name.clone().unwrap_or(name),
            address: change.address.clone().unwrap_or(address),
            city: change.city.clone().unwrap_or(city),
            state: change.state.clone().unwrap_or(state),
            country: change.country.clone().unwrap_or(country),
            timezone: change.timezone.clone().unwrap_or(timezone),
            layout_type: change.layout_type.clone().unwrap_or(layout_type),
        };
        *details = checked(&mut check, changed, Some(&kept));
        check.finish().map_err(ApiError::from)
    };
    let venues = app.store.venues();
    let changed = venues.update(VenueId(venue_id), &Scope::All, apply, app.now()).await?;
    Ok(changed.map(tagged).ok_or_else(Problem::not_found)?)
}
