//! The edit tag of an event, and answers that carry it.

use crate::events::view::event_view;
use crate::handler::*;
use fairseat_contract::events::{EventStatusView, EventView};
use fairseat_store::events::Event;

/// The edit tag of an event: a hash of everything that its organizer can change, the seating plan included, and of nothing that sales
/// change.
pub(crate) async fn edit_tag(
    app: &ApiState,
    event: &Event,
    sale: &Sale,
    view: &EventView,
) -> Result<EditTag, ApiError> {
    let plan = app.plan_tags.of(event.number, sale.plan()).await?;
    Ok(EditTag::of(&(
        (&view.name, &view.description, &view.category, &view.image_url),
        (view.start_time, view.end_time, view.on_sale_time, view.sales_end_time),
        (&view.price_tiers, &view.fees, &view.refund_policy, view.max_tickets_per_user),
        (view.refuse_single_seats, view.hold_limits),
        (view.draft, view.status == EventStatusView::Cancelled, plan),
    )))
}

/// Checks that a change of an event names the current version. The caller holds the event's lock.
///
/// # Errors
/// `precondition_failed` when it names another version.
pub(crate) async fn check(
    app: &ApiState,
    if_match: &IfMatch,
    event: &Event,
    sale: &Sale,
) -> Result<(), ApiError> {
    if !if_match.is_conditional() {
        return Ok(());
    }
    let view = event_view(app, event.clone(), sale).await?;
    Ok(if_match.check(&edit_tag(app, event, sale, &view).await?)?)
}

/// The event as an answer, with its tag.
pub(crate) async fn tagged(app: &ApiState, event: Event, sale: &Sale) -> Result<Response, ApiError> {
    let view = event_view(app, event.clone(), sale).await?;
    let tag = edit_tag(app, &event, sale, &view).await?;
    Ok(tag.on(Json(view)))
}
