//! `GET /venues/{venue_id}`.

use crate::handler::{ApiError, ApiState, Path, Permission, Response, SignedIn, State, Uuid};
use crate::venues::access::venue_for;
use crate::venues::view::tagged;
use fairseat_contract::venues::VenueView;

/// A venue
#[utoipa::path(get, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::SeeCatalogue).await?;
    Ok(tagged(venue))
}
