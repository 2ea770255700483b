//! Who may see or change an event.

use crate::handler::{ApiError, ApiState, Permission, Problem, SignedIn, Uuid};
use crate::sale_access::any_sale;
use fairseat_engine::Published;
use fairseat_store::events::{Event, Lifecycle};
use std::sync::Arc;

/// An event's row and its sale, without a check of permissions.
///
/// # Errors
/// `not_found` when there is no such event, or it was deleted.
pub(crate) async fn found(app: &ApiState, event_id: Uuid) -> Result<(Event, Arc<Published>), ApiError> {
    let (number, sale, _) = any_sale(app, event_id).await?;
    let published = app.as_of_now(&sale).await?;
    let event = app.store.events().by_number(number).await?;
    let event = event.filter(|event| event.lifecycle != Lifecycle::Deleted).ok_or_else(Problem::not_found)?;
    Ok((event, published))
}

/// An event for which the caller has this permission.
///
/// # Errors
/// `not_found` when there is none or it belongs to another organization, `forbidden` when the caller's role there does not allow it.
pub(crate) async fn event_for(
    app: &ApiState,
    caller: &SignedIn,
    event_id: Uuid,
    permission: Permission,
) -> Result<(Event, Arc<Published>), ApiError> {
    let (event, published) = found(app, event_id).await?;
    caller.require(event.organization, permission)?;
    Ok((event, published))
}
