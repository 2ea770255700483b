//! `GET /organizations/{organization_id}/orders`.

use crate::handler::{
    ApiError, ApiState, Json, Lists, Paging, Path, Permission, Query, SignedIn, State, Uuid,
};
use crate::orders::found::{OrderFilter, found};
use crate::organizations::access::permitted;
use fairseat_contract::orders::FoundOrders;
use fairseat_store::views::OrdersOf;

/// The orders of an organization
///
/// Of all its events, the newest first. For members who may see orders.
#[utoipa::path(get, path = "/organizations/{organization_id}/orders", tag = "Console",
    params(("organization_id" = Uuid, Path), OrderFilter, Paging),
    responses((status = 200, body = FoundOrders), (status = 404, description = "No such organization of the caller's")))]
pub(crate) async fn orders_of_organization(
    State(app): State<ApiState>,
    lists: Lists,
    caller: SignedIn,
    Path(organization_id): Path<Uuid>,
    Query(filter): Query<OrderFilter>,
    paging: Paging,
) -> Result<Json<FoundOrders>, ApiError> {
    let organization = permitted(&app, &caller, organization_id, Permission::SeeOrders).await?;
    found(&app, &lists, OrdersOf::Organization(organization), filter.query(&app)?, paging).await
}
