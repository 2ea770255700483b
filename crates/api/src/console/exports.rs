//! Orders and attendees of an event as CSV: written page by page, so that a stadium needs no more memory than a theatre.
//!
//! Seats and tickets are those of one version of the sale; orders come from the views, a moment behind.

use super::csv::{BYTE_ORDER_MARK, push_row};
use crate::Routes;
use crate::caller::SignedIn;
use crate::error::ApiError;
use crate::events::event_for;
use crate::order_people::channel;
use crate::order_view::ticket_status;
use crate::state::ApiState;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fairseat_app::access::Permission;
use fairseat_contract::JsonTime;
use fairseat_domain::ids::{EventNumber, OrderNumber, TicketNumber};
use fairseat_domain::sale::TicketState;
use fairseat_domain::time::Timestamp;
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use fairseat_engine::Published;
use fairseat_store::audit::Line;
use fairseat_store::events::Event;
use fairseat_store::views::FoundOrder;
use futures::stream::try_unfold;
use std::sync::Arc;
use utoipa_axum::routes;
use uuid::Uuid;

/// Orders read at once.
const PAGE: u32 = 500;

const ORDER_HEAD: [&str; 15] = [
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
];
const ATTENDEE_HEAD: [&str; 9] =
    ["ticket_id", "status", "section", "row", "seat", "price", "name", "email", "order_id"];

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(orders_csv)).with(routes!(attendees_csv))
}

/// The orders of an event as CSV
///
/// In the order they were placed. Cells that a spreadsheet would take for a formula begin with a quote.
#[utoipa::path(get, path = "/events/{event_id}/orders.csv", tag = "Console", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "No such event of the caller's")))]
async fn orders_csv(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
) -> Result<Response, ApiError> {
    export(app, caller, event_id, "orders.csv", &ORDER_HEAD, push_order).await
}

/// The attendees of an event as CSV
///
/// A row for each ticket that is valid or suspended. Cells that a spreadsheet would take for a formula begin with a quote.
#[utoipa::path(get, path = "/events/{event_id}/attendees.csv", tag = "Console", params(("event_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/csv"),
        (status = 404, description = "No such event of the caller's")))]
async fn attendees_csv(
    State(app): State<ApiState>,
    caller: SignedIn,
    Path(event_id): Path<Uuid>,
) -> Result<Response, ApiError> {
    export(app, caller, event_id, "attendees.csv", &ATTENDEE_HEAD, push_attendees).await
}

type Push = fn(&mut String, &ApiState, &Published, &FoundOrder);

async fn export(
    app: ApiState,
    caller: SignedIn,
    event_id: Uuid,
    name: &'static str,
    head: &[&str],
    push: Push,
) -> Result<Response, ApiError> {
    let (event, _) = event_for(&app, &caller, event_id, Permission::SeeOrders).await?;
    note(&app, &caller, &event, name).await?;
    let published = app.sale_now(event.number).await?;
    let mut first = BYTE_ORDER_MARK.to_owned();
    push_row(&mut first, head.iter().copied());
    let begin = Export { app, published, event: event.number, push, text: first, next: Some(None) };
    let body = Body::from_stream(try_unfold(begin, Export::go_on));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(Problem::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

/// Who took people's names and addresses out of the house is written down before they have them.
async fn note(app: &ApiState, caller: &SignedIn, event: &Event, name: &str) -> Result<(), ApiError> {
    let line = Line {
        dedupe_key: format!("export:{}", Uuid::new_v4()),
        organization: event.organization,
        at: app.now(),
        actor: caller.account,
        action: format!("{}.exported", name.trim_end_matches(".csv")),
        event: Some(event.number),
        object: app.ids.event(event.number).to_string(),
        detail: "{}".to_owned(),
    };
    Ok(app.store.audit().record(vec![line]).await?)
}

struct Export {
    app: ApiState,
    published: Arc<Published>,
    event: EventNumber,
    push: Push,
    text: String,
    /// After which order to read on; `None` when all is read.
    next: Option<Option<OrderNumber>>,
}

impl Export {
    async fn go_on(mut self) -> Result<Option<(String, Self)>, std::io::Error> {
        let Some(after) = self.next else { return Ok(None) };
        let page = self.app.store.views().orders_after(self.event, after, PAGE).await;
        let page = page.map_err(std::io::Error::other)?;
        for found in &page {
            (self.push)(&mut self.text, &self.app, &self.published, found);
        }
        let full = u32::try_from(page.len()) == Ok(PAGE);
        self.next = page.last().filter(|_| full).map(|last| Some(last.order.row.number));
        Ok(Some((std::mem::take(&mut self.text), self)))
    }
}

fn time(at: Timestamp) -> String {
    serde_json::to_value(JsonTime(at))
        .ok()
        .and_then(|text| text.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Who bought it: at the counter, who stood there.
fn who(found: &FoundOrder) -> (&str, &str, &str) {
    let said = found.customer.as_ref();
    if found.order.row.counter_payment.is_some() {
        return said.map_or(("", "", ""), |said| (&said.name, &said.email, &said.note));
    }
    let person = found.person.as_ref();
    let name = person.map_or("", |person| &*person.username);
    (name, person.and_then(|person| person.email.as_deref()).unwrap_or_default(), "")
}

fn push_order(table: &mut String, app: &ApiState, published: &Published, found: &FoundOrder) {
    let (event, row, currency) = (found.order.event, &found.order.row, found.order.currency);
    let (name, email, note) = who(found);
    let plan = published.state.plan();
    let label = |seat| plan.seat(seat).map(|seat| seat.label()).unwrap_or_default();
    let seats: Vec<String> = row.seats.0.iter().map(|item| label(item.seat)).collect();
    let id = app.ids.order(event, row.number).to_string();
    push_row(
        table,
        [
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
        ],
    );
}

fn push_attendees(table: &mut String, app: &ApiState, published: &Published, found: &FoundOrder) {
    let (event, row, currency) = (found.order.event, &found.order.row, found.order.currency);
    let Some(first) = row.first_ticket else { return };
    let (name, email, _) = who(found);
    let order = app.ids.order(event, row.number).to_string();
    for (item, number) in row.seats.0.iter().zip((first.0..).map(TicketNumber)) {
        let ticket = published.state.ticket(number).filter(|ticket| ticket.state != TicketState::Void);
        let (Some(ticket), Some(seat)) = (ticket, published.state.plan().seat(item.seat)) else { continue };
        let id = app.ids.ticket(event, number).to_string();
        let price = currency.format(item.price);
        push_row(
            table,
            [
                &*id,
                ticket_status(ticket.state),
                seat.section_name(),
                seat.row_label(),
                seat.number,
                &*price,
                name,
                email,
                &*order,
            ],
        );
    }
}
