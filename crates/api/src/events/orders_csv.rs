//! `GET /events/{event_id}/orders.csv`: a row for each order.

use crate::events::export::{export, who};
use crate::handler::{ApiError, ApiState, Path, Query, Response, SignedIn, State, Uuid};
use crate::orders::people::channel;
use fairseat_contract::JsonTime;
use fairseat_contract::csv::{CsvForm, Table};
use fairseat_domain::time::Timestamp;
use fairseat_engine::Published;
use fairseat_store::views::FoundOrder;

const ORDER_HEAD: [&str; 16] = [
    "order_id",
    "status",
    "payment_status",
    "payment_method",
    "channel",
    "name",
    "email",
    "note",
    "tickets",
    "seats",
    "total_amount",
    "fees",
    "refunded_amount",
    "currency",
    "created_at",
    "number",
];

/// The orders of an event as CSV
///
/// In the order in which they were placed. A cell that a spreadsheet would run as a formula begins with a single quote.
#[utoipa::path(get, path = "/events/{event_id}/orders.csv", tag = "Console", params(("event_id" = Uuid, Path), CsvForm),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "No such event of the caller's")))]
pub(crate) async fn orders_csv(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
    Query(form): Query<CsvForm>,
) -> Result<Response, ApiError> {
    export(app, caller, event_id, form, ("orders.csv", &ORDER_HEAD, push_order)).await
}

pub(crate) fn time(at: Timestamp) -> String {
    serde_json::to_value(JsonTime(at))
        .ok()
        .and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn push_order(table: &mut Table, app: &ApiState, published: &Published, found: &FoundOrder) {
    let (event, row, currency) = (found.order.event, &found.order.row, found.order.currency);
    let (name, email, note) = who(found);
    let plan = published.state.plan();
    let label = |seat| plan.seat(seat).map(|seat| seat.label()).unwrap_or_default();
    let seats: Vec<String> = row.seats.0.iter().map(|item| label(item.seat)).collect();
    let id = app.ids.order(event, row.number).to_string();
    table.push([
        &*id,
        row.status.name(),
        row.payment_status.name(),
        &*row.payment_method,
        channel(row.counter_payment.is_some()),
        name,
        email,
        note,
        &*row.seats.0.len().to_string(),
        &*seats.join("; "),
        &*currency.format(row.total),
        &*currency.format(row.fees),
        &*currency.format(row.refunded),
        currency.code(),
        &*time(row.created_at),
        &*app.ids.order_code(event, row.number),
    ]);
}
