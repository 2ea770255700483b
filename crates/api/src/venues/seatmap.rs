//! `GET /venues/{venue_id}/seatmap.svg`.

use crate::handler::{ApiError, ApiState, Path, Problem, Response, State, Uuid};
use axum::http::HeaderMap;
use fairseat_store::VenueId;

/// The seating plan of a venue as a picture
#[utoipa::path(get, path = "/venues/{venue_id}/seatmap.svg", tag = "Venues", security(()),
    params(("venue_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "image/svg+xml"),
        (status = 304, description = "Unchanged"), (status = 404, description = "No such venue")))]
pub(crate) async fn venue_seatmap_svg(
    State(app): State<ApiState>,
    Path(venue_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let picture = app.venue_pictures.of(&app, VenueId(venue_id)).await?;
    Ok(picture.ok_or_else(Problem::not_found)?.respond(&headers))
}
