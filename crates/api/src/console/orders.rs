//! The orders of an event or of an organization, for those in it who may see them: searched by who bought or by the order's id.
//!
//! From the views, so a moment behind the orders themselves.

use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::event_brief::EventBrief;
use crate::events::event_for;
use crate::order_people::{Buyer, CustomerView, channel};
use crate::organizations::permitted;
use crate::state::ApiState;
use axum::extract::State;
use fairseat_app::access::Permission;
use fairseat_contract::{JsonMoney, JsonTime};
use fairseat_domain::ids::AccountId;
use fairseat_edge::check::Check;
use fairseat_edge::json::Json;
use fairseat_edge::query::{Paging, Path, Query};
use fairseat_store::Page;
use fairseat_store::views::{FoundOrder, OrderQuery, OrderStatus, OrdersOf};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

const MAX_TEXT_CHARS: usize = 200;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(orders_of_event)).with(routes!(orders_of_organization))
}

/// Which orders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OrderFilter {
    /// An order's id, or a part of the buyer's or customer's name or e-mail address
    #[param(required = false, max_length = 200)]
    q: Option<String>,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    #[param(required = false)]
    status: Option<String>,
}

impl OrderFilter {
    /// The filter in the store's words.
    ///
    /// # Errors
    /// `invalid`, naming the parameter.
    pub(super) fn query(&self, app: &ApiState) -> Result<OrderQuery, ApiError> {
        let mut check = Check::new();
        let given = |value: &Option<String>| value.as_deref().map(str::trim).unwrap_or_default().to_owned();
        let text = check.text("q", &given(&self.q), 0..=MAX_TEXT_CHARS);
        let word = given(&self.status);
        let status = OrderStatus::from_name(&word);
        let known = status.is_some() || word.is_empty();
        check.that(known, "status", "must be pending, confirmed, cancelled or refunded");
        check.finish()?;
        let order = text.parse().ok().and_then(|id| app.ids.open_order(id));
        let text = Some(text).filter(|text| !text.is_empty() && order.is_none());
        Ok(OrderQuery { order, text, status })
    }
}

/// Orders, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct FoundOrders {
    orders: Vec<FoundOrderJson>,
    total: u64,
    limit: u32,
    offset: u32,
}

/// An order with who bought it; `GET /orders/{order_id}` has all of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundOrder)]
struct FoundOrderJson {
    order_id: Uuid,
    event: EventBrief,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    status: &'static str,
    /// `pending`, `completed` or `failed`
    payment_status: &'static str,
    payment_method: String,
    /// `online` or `box_office`
    channel: &'static str,
    /// Whose account it is in: at the counter, the seller's
    buyer: Buyer,
    /// Who stood at the counter, if that was noted
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    customer: Option<CustomerView>,
    tickets: usize,
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

/// The orders of an event
///
/// The newest first. For those in its organization who may see orders.
#[utoipa::path(get, path = "/events/{event_id}/orders", tag = "Console",
    params(("event_id" = Uuid, Path), OrderFilter, Paging),
    responses((status = 200, body = FoundOrders), (status = 404, description = "No such event of the caller's")))]
async fn orders_of_event(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(filter): Query<OrderFilter>,
    paging: Paging,
) -> Result<Json<FoundOrders>, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeOrders).await?;
    found(&app, OrdersOf::Event(event.number), filter.query(&app)?, paging).await
}

/// The orders of an organization
///
/// Of all its events, the newest first. For those in it who may see orders.
#[utoipa::path(get, path = "/organizations/{organization_id}/orders", tag = "Console",
    params(("organization_id" = Uuid, Path), OrderFilter, Paging),
    responses((status = 200, body = FoundOrders), (status = 404, description = "No such organization of the caller's")))]
async fn orders_of_organization(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(organization_id): Path<Uuid>,
    Query(filter): Query<OrderFilter>,
    paging: Paging,
) -> Result<Json<FoundOrders>, ApiError> {
    let organization = permitted(&app, &caller, organization_id, Permission::SeeOrders).await?;
    found(&app, OrdersOf::Organization(organization), filter.query(&app)?, paging).await
}

async fn found(
    app: &ApiState,
    of: OrdersOf,
    query: OrderQuery,
    paging: Paging,
) -> Result<Json<FoundOrders>, ApiError> {
    let Paging { limit, offset } = paging;
    let page = Page { limit, offset: u64::from(offset) };
    let found = app.store.views().search_orders(of, query, page).await?;
    let mut orders = Vec::with_capacity(found.rows.len());
    for order in found.rows {
        orders.push(FoundOrderJson::of(app, order).await?);
    }
    Ok(Json(FoundOrders { orders, total: found.total, limit, offset }))
}

impl FoundOrderJson {
    async fn of(app: &ApiState, found: FoundOrder) -> Result<Self, ApiError> {
        let FoundOrder { order, person, customer } = found;
        let (event, currency, row) = (order.event, order.currency, order.row);
        let known = app.event_infos.get(event).await?;
        let (email, username) = person.map_or((None, None), |person| (person.email, Some(person.username)));
        let buyer: AccountId = row.buyer;
        Ok(Self {
            order_id: app.ids.order(event, row.number),
            event: EventBrief::of(app, event, order.starts_at, known.as_deref()),
            status: row.status.name(),
            payment_status: row.payment_status.name(),
            payment_method: row.payment_method,
            channel: channel(row.counter_payment.is_some()),
            buyer: Buyer::new(buyer, email, username),
            customer: customer.map(CustomerView::from),
            tickets: row.seats.0.len(),
            total_amount: JsonMoney(row.total, currency),
            fees: JsonMoney(row.fees, currency),
            refunded_amount: JsonMoney(row.refunded, currency),
            currency: currency.code().to_owned(),
            created_at: JsonTime(row.created_at),
            confirmed_at: row.confirmed_at.map(JsonTime),
        })
    }
}
