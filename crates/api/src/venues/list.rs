//! `GET /venues`.

use crate::handler::*;
use crate::organization_choice as choice;
use crate::venues::view::venue_view;
use fairseat_contract::venues::VenueList;
use fairseat_store::{OrganizationId, Page};

/// The filter for venues.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VenuesQuery {
    /// Only venues of this organization
    #[param(required = false)]
    organization_id: Option<Uuid>,
}

/// The venues of the caller's organizations, the newest first
///
/// Administrators see all venues.
#[utoipa::path(get, path = "/venues", tag = "Venues", params(VenuesQuery, Paging),
    responses((status = 200, body = VenueList)))]
pub(crate) async fn list_venues(
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
    let venues = found.rows.into_iter().map(venue_view).collect();
    Ok(Json(VenueList { venues, total: found.total, limit, offset }))
}
