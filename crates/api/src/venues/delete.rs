//! `DELETE /venues/{venue_id}`.

use crate::handler::{ApiError, ApiState, Path, Permission, Problem, SignedIn, State, StatusCode, Uuid};
use crate::venues::access::venue_for;
use fairseat_edge::Code;
use fairseat_store::Scope;
use fairseat_store::venues::VenueDeletion;

/// Deletes a venue
///
/// Only a venue without events can be deleted; events that were deleted themselves do not count.
#[utoipa::path(delete, path = "/venues/{venue_id}", tag = "Venues", params(("venue_id" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "No such venue of the caller's"),
        (status = 409, description = "Events take place there: `has_events`")))]
pub(crate) async fn delete_venue(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(venue_id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    let venue = venue_for(&app, &caller, venue_id, Permission::ManageCatalogue).await?;
    match app.store.venues().delete(venue.id, &Scope::All, app.now()).await? {
        VenueDeletion::Deleted => Ok(StatusCode::NO_CONTENT),
        VenueDeletion::NotFound => Err(Problem::not_found().into()),
        VenueDeletion::HasEvents(events) => {
            let detail = format!(
                "{events} {} at this venue. Delete them first, if nothing was sold; else the venue stays.",
                if events == 1 { "event takes place" } else { "events take place" }
            );
            Err(Problem::new(Code::HasEvents, detail).into())
        }
    }
}
