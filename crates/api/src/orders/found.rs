//! Searches the orders of an event or organization by buyer, order number or order id, for members who may see orders.
//!
//! The orders are read from the views, which follow the sales by milliseconds; the list of one event waits for them.

use crate::event_summary::event_summary;
use crate::handler::*;
use crate::orders::people::{buyer_json, customer_json};
use fairseat_app::exports::channel;
use fairseat_contract::orders::{FoundOrderJson, FoundOrders};
use fairseat_domain::ids::{AccountId, is_order_code};
use fairseat_store::views::{FoundOrder, OrderQuery, OrderStatus, OrdersOf};
use fairseat_store::{Page, Store};

const MAX_TEXT_CHARS: usize = 200;

/// Filters for the list of orders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderFilter {
    /// An order's number or id, or part of the buyer's or customer's name or e-mail address
    #[param(required = false, max_length = 200)]
    q: Option<String>,
    /// `pending`, `confirmed`, `cancelled` or `refunded`
    #[param(required = false)]
    status: Option<String>,
}

impl OrderFilter {
    /// The filter as the store's type.
    ///
    /// # Errors
    /// `invalid`, naming the parameter.
    pub(crate) fn query(&self, app: &ApiState) -> Result<OrderQuery, ApiError> {
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
        Ok(OrderQuery { orders: order.into_iter().collect(), text, status })
    }
}

pub(crate) async fn found(
    app: &ApiState,
    store: &Store,
    of: OrdersOf,
    mut query: OrderQuery,
    paging: Paging,
) -> Result<Json<FoundOrders>, ApiError> {
    let Paging { limit, offset } = paging;
    let page = Page { limit, offset: u64::from(offset) };
    if let Some(code) = query.text.as_deref().filter(|text| is_order_code(text)) {
        let events = store.views().events_of(of).await?;
        query.orders = app.ids.open_order_code(&events, code);
    }
    let found = store.views().search_orders(of, query, page).await?;
    let mut orders = Vec::with_capacity(found.rows.len());
    for order in found.rows {
        orders.push(found_order(app, order).await?);
    }
    Ok(Json(FoundOrders { orders, total: found.total, limit, offset }))
}

async fn found_order(app: &ApiState, found: FoundOrder) -> Result<FoundOrderJson, ApiError> {
    let FoundOrder { order, person, customer } = found;
    let (event, currency, row) = (order.event, order.currency, order.row);
    let known = app.event_infos.get(event).await?;
    let (email, username) = person.map_or((None, None), |person| (person.email, Some(person.username)));
    let buyer: AccountId = row.buyer;
    Ok(FoundOrderJson {
        order_id: app.ids.order(event, row.number),
        number: app.ids.order_code(event, row.number),
        event: event_summary(app, event, order.starts_at, known.as_deref()),
        status: row.status.name(),
        payment_status: row.payment_status.name(),
        payment_method: row.payment_method,
        channel: channel(row.counter_payment.is_some()),
        buyer: buyer_json(buyer, email, username),
        customer: customer.map(customer_json),
        tickets: row.seats.0.len(),
        total_amount: JsonMoney(row.total, currency),
        fees: JsonMoney(row.fees, currency),
        refunded_amount: JsonMoney(row.refunded, currency),
        currency: currency.code().to_owned(),
        created_at: JsonTime(row.created_at),
        confirmed_at: row.confirmed_at.map(JsonTime),
    })
}
