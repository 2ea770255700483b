//! `GET /users/{user_id}/orders`: a person's orders of all events, read from the views, which follow the sales by milliseconds.

use crate::event_summary::event_summary;
use crate::handler::*;
use fairseat_app::ids::account_uuid;
use fairseat_contract::orders::{Channel, ListedOrder, OrderList};
use fairseat_domain::ids::AccountId;
use fairseat_store::Page;
use fairseat_store::views::{OfEvent, OrderRow};

/// Filters for the list of orders.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Without it, orders of both channels
    #[param(inline)]
    channel: Option<Channel>,
}

/// The orders of a person
///
/// The newest first. For the person and for administrators.
#[utoipa::path(get, path = "/users/{user_id}/orders", tag = "Buying",
    params(("user_id" = Uuid, Path), Which, Paging), responses((status = 200, body = OrderList)))]
pub(crate) async fn orders_of_user(
    State(app): State<ApiState>,
    lists: Lists,
    signed_in: SignedIn,
    Path(user_id): Path<Uuid>,
    Query(which): Query<Which>,
    paging: Paging,
) -> Result<Json<OrderList>, ApiError> {
    let Paging { limit, offset } = paging;
    let buyer = AccountId(user_id.as_u128());
    if account_uuid(signed_in.account) != user_id {
        let somebody = signed_in.is_admin() && app.store.users().by_id(buyer).await?.is_some();
        somebody.then_some(()).ok_or_else(Problem::not_found)?;
    }
    let page = Page { limit, offset: u64::from(offset) };
    let at_counter = which.channel.map(|channel| channel == Channel::BoxOffice);
    let found = lists.views().orders_of_buyer(buyer, at_counter, page).await?;
    let mut orders = Vec::with_capacity(found.rows.len());
    for row in found.rows {
        orders.push(listed(&app, row).await?);
    }
    Ok(Json(OrderList { orders, total: found.total, limit, offset }))
}

pub(crate) async fn listed(app: &ApiState, order: OfEvent<OrderRow>) -> Result<ListedOrder, ApiError> {
    let OfEvent { event, starts_at, currency, row, .. } = order;
    let known = app.event_infos.get(event).await?;
    let ids = &app.ids;
    Ok(ListedOrder {
        order_id: ids.order(event, row.number),
        number: ids.order_code(event, row.number),
        event: event_summary(app, event, starts_at, known.as_deref()),
        status: row.status.name(),
        payment_status: row.payment_status.name(),
        seat_ids: row.seats.0.iter().map(|item| ids.seat(event, item.seat)).collect(),
        total_amount: JsonMoney(row.total, currency),
        fees: JsonMoney(row.fees, currency),
        refunded_amount: JsonMoney(row.refunded, currency),
        currency: currency.code().to_owned(),
        created_at: JsonTime(row.created_at),
        confirmed_at: row.confirmed_at.map(JsonTime),
    })
}
