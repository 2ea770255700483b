//! `GET /events/{event_id}/orders`.

use crate::events::access::event_for;
use crate::handler::{ApiError, ApiState, Json, Paging, Path, Permission, Query, SignedIn, State, Uuid};
use crate::orders::found::{OrderFilter, found};
use fairseat_contract::orders::FoundOrders;
use fairseat_store::views::OrdersOf;

/// The orders of an event
///
/// The newest first. For members of its organization who may see orders.
#[utoipa::path(get, path = "/events/{event_id}/orders", tag = "Console",
    params(("event_id" = Uuid, Path), OrderFilter, Paging),
    responses((status = 200, body = FoundOrders), (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn orders_of_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(filter): Query<OrderFilter>,
    paging: Paging,
) -> Result<Json<FoundOrders>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeOrders).await?;
    let position = app.sale_now(event.number).await?.position;
    app.wait_for_views(event.number, position).await?;
    found(&app, &app.store, OrdersOf::Event(event.number), filter.query(&app)?, paging).await
}
