//! `DELETE /events/{event_id}`: deletes an event without sold tickets.

use crate::commands::{sender, submit};
use crate::events::access::event_for;
use crate::events::edit_tag;
use crate::handler::*;
use fairseat_app::catalogue::rows;
use fairseat_app::catalogue::rows::CatalogueFields;
use fairseat_domain::Command;
use fairseat_problems::refusals::SeatFields;

/// Deletes an event without sold tickets
#[utoipa::path(delete, path = "/events/{event_id}", tag = "Events", params(("event_id" = Uuid, Path), IfMatchHeader),
    responses((status = 204, description = "Deleted; its reservations are cancelled"),
        (status = 404, description = "No such event of the caller's"),
        (status = 409, description = "Tickets were sold: cancel the event instead")))]
pub(crate) async fn delete_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Extension(context): Extension<RequestContext>,
    if_match: IfMatch,
) -> Result<StatusCode, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    let _changing = app.event_locks.lock(event.number).await;
    let (event, published) = event_for(&app, &caller, event_id, Permission::ManageCatalogue).await?;
    edit_tag::check(&app, &if_match, &event, &published.state).await?;
    let who = sender(caller.account, &context);
    submit(&app, who, event.number, Command::DeleteSale, &SeatFields::none()).await?;
    rows::update_from_sale(&app, event.number, CatalogueFields::default()).await?;
    Ok(StatusCode::NO_CONTENT)
}
