//! `GET /venues/{venue_id}/seating-plan`.

use crate::handler::{
    ApiError, ApiState, IntoResponse, Path, Permission, Problem, Response, SignedIn, State, Uuid,
};
use crate::venues::access::venue_for;
use axum::http::{HeaderValue, header};
use fairseat_app::catalogue::plans;
use fairseat_store::Scope;

/// The seating plan of a venue, in pretix's format
///
/// The document has the same meaning as the imported one: seats, guids, numbers, positions, categories and decorations.
#[utoipa::path(get, path = "/venues/{venue_id}/seating-plan", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = Object), (status = 404, description = "No such venue of the caller's")))]
pub(crate) async fn venue_seating_plan(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::SeeCatalogue).await?;
    let stored = app.store.venues().plan(venue.id, &Scope::All).await?;
    let document = plans::document(stored.ok_or_else(Problem::not_found)?).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response())
}
