//! `GET /venues/{venue_id}`.

use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::venues::access::venue_for;
use crate::venues::view::venue_view;
use fairseat_contract::venues::VenueView;

use axum::extract::State;
use fairseat_app::access::Permission;
use fairseat_edge::json::Json;
use fairseat_edge::query::Path;
use uuid::Uuid;

/// A venue
#[utoipa::path(get, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = VenueView), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
) -> Result<Json<VenueView>, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::SeeCatalogue).await?;
    Ok(Json(venue_view(venue)))
}
