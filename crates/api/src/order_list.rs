//! The orders of somebody, in all events: from the views, so a moment behind the orders themselves.

use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::event_brief::EventBrief;
use crate::state::ApiState;
use axum::extract::State;
use fairseat_app::ids::account_uuid;
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::ids::AccountId;
use fairseat_edge::json::Json;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::{Paging, Path, Query};
use fairseat_store::Page;
use fairseat_store::views::{OfEvent, OrderRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(orders_of_user))
}

/// Orders, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct OrderList {
    orders: Vec<ListedOrder>,
    total: u64,
    limit: u32,
    offset: u32,
}

/// An order in a list; `GET /orders/{order_id}` has all of it.
#[derive(Debug, Serialize, ToSchema)]
struct ListedOrder {
    order_id: Uuid,
    event: EventBrief,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    status: &'static str,
    /// `pending`, `completed` or `failed`
    payment_status: &'static str,
    seat_ids: Vec<Uuid>,
    /// All-in
    total_amount: JsonMoney,
    fees: JsonMoney,
    refunded_amount: JsonMoney,
    /// ISO 4217
    currency: String,
    created_at: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    confirmed_at: Option<JsonTime>,
}

/// How orders came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderChannel)]
enum Channel {
    /// Bought by themselves
    Online,
    /// Sold by them at the counter
    BoxOffice,
}

/// Which orders.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// All unless given
    #[param(inline)]
    channel: Option<Channel>,
}

/// The orders of somebody
///
/// The newest first. For themselves and for administrators.
#[utoipa::path(get, path = "/users/{user_id}/orders", tag = "Buying",
    params(("user_id" = Uuid, Path), Which, Paging), responses((status = 200, body = OrderList)))]
async fn orders_of_user(
    State(app): State<ApiState>,
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
    let found = app.store.views().orders_of_buyer(buyer, at_counter, page).await?;
    let mut orders = Vec::with_capacity(found.rows.len());
    for row in found.rows {
        orders.push(listed(&app, row).await?);
    }
    Ok(Json(OrderList { orders, total: found.total, limit, offset }))
}

async fn listed(app: &ApiState, order: OfEvent<OrderRow>) -> Result<ListedOrder, ApiError> {
    let OfEvent { event, starts_at, currency, row, .. } = order;
    let known = app.event_infos.get(event).await?;
    let ids = &app.ids;
    Ok(ListedOrder {
        order_id: ids.order(event, row.number),
        event: EventBrief::of(app, event, starts_at, known.as_deref()),
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
