//! The orders of an event: the list with its search, one order, and refunding it.

use super::fields::Fields;
use super::layout::{ConsoleLayout, Event, badge};
use super::problem_text::{form_problem, unavailable_reason};
use askama::Template;
use axum::extract::{Path, RawForm, RawQuery};
use axum::response::Response;
use fairseat_client::{ApiClient, ConsoleTask, PageError, Problem};
use fairseat_web::done::Done;
use fairseat_web::render::{encoded, last_page_if_past, personal, personal_with, see_other, status_of};
use fairseat_web::values::{Instant, Money};
use serde::Deserialize;
use serde_json::json;

/// Orders on one page.
const PAGE: u64 = 50;

/// A buyer or a customer of the box office; customers need not give a name.
#[derive(Debug, Default, Deserialize)]
struct Person {
    email: Option<String>,
    #[serde(alias = "name")]
    username: Option<String>,
    note: Option<String>,
}

impl Person {
    fn name(&self) -> &str {
        let name = self.username.as_deref().filter(|name| !name.is_empty());
        name.or(self.email.as_deref()).unwrap_or("Walk-up")
    }
}

/// An order in the list.
#[derive(Debug, Deserialize)]
struct Entry {
    order_id: String,
    number: String,
    status: String,
    payment_status: String,
    #[serde(default)]
    payment_method: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    buyer: Person,
    customer: Option<Person>,
    tickets: u64,
    total_amount: Money,
    refunded_amount: Option<Money>,
    currency: String,
    created_at: Instant,
}

impl Entry {
    /// The person to show: the customer of the box office if there is one, otherwise the buyer.
    fn who(&self) -> &Person {
        self.customer.as_ref().unwrap_or(&self.buyer)
    }

    fn badge(&self) -> (&'static str, String) {
        badge(&self.status)
    }

    fn refunded(&self) -> Option<String> {
        let refunded = self.refunded_amount.as_ref().filter(|amount| !amount.is_zero());
        refunded.map(|amount| amount.text(&self.currency))
    }
}

#[derive(Debug, Deserialize)]
struct OrderList {
    orders: Vec<Entry>,
    total: u64,
}

/// The statuses to filter by: the API's value and the label.
const STATUSES: &[(&str, &str)] = &[
    ("", "Any status"),
    ("confirmed", "Confirmed"),
    ("pending", "Pending"),
    ("cancelled", "Cancelled"),
    ("refunded", "Refunded"),
];

#[derive(Template)]
#[template(path = "console/orders.html")]
struct ListPage {
    layout: ConsoleLayout,
    event: Event,
    list: Result<OrderList, String>,
    asked: Fields,
    page: u64,
}

impl ListPage {
    fn statuses(&self) -> &'static [(&'static str, &'static str)] {
        STATUSES
    }

    fn address(&self, page: u64) -> String {
        let (q, status) = (encoded(self.asked.get("q")), encoded(self.asked.get("status")));
        format!("/console/events/{}/orders?q={q}&status={status}&page={page}", self.event.event_id)
    }

    fn before(&self) -> Option<String> {
        self.page.checked_sub(1).map(|page| self.address(page))
    }

    fn after(&self) -> Option<String> {
        let total = self.list.as_ref().map_or(0, |list| list.total);
        ((self.page + 1) * PAGE < total).then(|| self.address(self.page + 1))
    }

    fn is_searched(&self) -> bool {
        self.asked.given("q").is_some() || self.asked.given("status").is_some()
    }
}

/// `GET /console/events/{event_id}/orders`: the list.
pub(crate) async fn list(
    client: ApiClient,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let layout = ConsoleLayout::for_event(&client, &id, "orders").await?;
    let event = layout.event(&client)?.clone();
    let page = asked.get("page").parse::<u64>().unwrap_or(0).min(100_000);
    let path = format!(
        "/events/{}/orders?q={}&status={}&limit={PAGE}&offset={}",
        encoded(&id),
        encoded(asked.get("q")),
        encoded(asked.get("status")),
        page * PAGE
    );
    let list = client.get::<OrderList>(&path).await.map_err(|failure| unavailable_reason(&failure));
    let total = list.as_ref().map_or(0, |list| list.total);
    let page = ListPage { layout, event, list, asked, page };
    match last_page_if_past(page.page, total, PAGE).filter(|_| page.list.is_ok()) {
        Some(last) => Ok(see_other(&page.address(last))),
        None => Ok(personal(&page)),
    }
}

/// An order with everything that members may see.
#[derive(Debug, Deserialize)]
struct Order {
    order_id: String,
    number: String,
    event_id: String,
    status: String,
    payment_status: String,
    payment_method: String,
    #[serde(default)]
    channel: String,
    buyer: Option<Person>,
    customer: Option<Person>,
    seats: Vec<Seat>,
    total_amount: Money,
    fees: Money,
    currency: String,
    tickets: Vec<Ticket>,
    created_at: Instant,
    confirmed_at: Option<Instant>,
    cancelled_at: Option<Instant>,
    cancel_reason: Option<String>,
    refund: Option<Refund>,
    refundable_amount: Option<Money>,
}

#[derive(Debug, Deserialize)]
struct Seat {
    label: String,
    price: Money,
}

#[derive(Debug, Deserialize)]
struct Ticket {
    ticket_id: String,
    seat: String,
    status: String,
}

#[derive(Debug, Deserialize)]
struct Refund {
    status: String,
    amount: Money,
}

impl Ticket {
    fn badge(&self) -> (&'static str, String) {
        badge(&self.status)
    }
}

impl Refund {
    fn badge(&self) -> (&'static str, String) {
        badge(&self.status)
    }
}

impl Order {
    /// The e-mail address that the customer of the box office gave for the tickets.
    fn customer_email(&self) -> Option<&str> {
        self.customer.as_ref()?.email.as_deref()
    }

    fn badge(&self) -> (&'static str, String) {
        badge(&self.status)
    }

    fn has_valid_tickets(&self) -> bool {
        self.tickets.iter().any(|ticket| ticket.status == "valid")
    }

    fn is_confirmed(&self) -> bool {
        self.status == "confirmed"
    }

    fn is_from_counter(&self) -> bool {
        self.channel == "box_office"
    }

    /// Whether a refund waits to be paid out at the box office.
    fn has_refund_at_counter(&self) -> bool {
        self.is_from_counter() && self.refund.as_ref().is_some_and(|refund| refund.status == "pending")
    }

    fn cancelled_by(&self) -> Option<String> {
        Some(match self.cancel_reason.as_deref()? {
            "event" => "by the event’s cancellation".to_owned(),
            "unpaid" => "because it was never paid".to_owned(),
            who => format!("by the {who}"),
        })
    }

    fn method(&self) -> String {
        self.payment_method.replace('_', " ")
    }

    fn money(&self, amount: &Money) -> String {
        amount.text(&self.currency)
    }
}

/// What the form of the box office has done, as its redirect says.
enum Sold {
    Now,
    /// Too many letters were sent, so the customer gets none.
    WithoutLetter,
    /// The form was sent twice, and this is the first sale.
    Before,
}

#[derive(Template)]
#[template(path = "console/order.html")]
struct Page {
    layout: ConsoleLayout,
    event: Event,
    order: Order,
    /// After a sale at the box office.
    sold: Option<Sold>,
    problem: Option<Problem>,
}

impl Page {
    /// The words on the button that prints all tickets.
    fn print_all(&self) -> &'static str {
        match self.order.tickets.len() {
            1 => "Print the ticket",
            2 => "Print both tickets",
            _ => "Print all tickets",
        }
    }
}

#[derive(Template)]
#[template(path = "console/refund.html")]
struct RefundPage {
    layout: ConsoleLayout,
    event: Event,
    order: Order,
    problem: Option<Problem>,
}

async fn order_page(client: &ApiClient, id: &str) -> Result<(ConsoleLayout, Event, Order), PageError> {
    let order: Order = client.get(&format!("/orders/{}", encoded(id))).await?;
    let layout = ConsoleLayout::for_event(client, &order.event_id, "orders").await?;
    let event = layout.event(client)?.clone();
    Ok((layout, event, order))
}

/// One order.
pub(crate) async fn show(
    client: ApiClient,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let (layout, event, order) = order_page(&client, &id).await?;
    let sold = match Fields::read(query.unwrap_or_default().as_bytes()).get("sold") {
        "" => None,
        "before" => Some(Sold::Before),
        "unsent" => Some(Sold::WithoutLetter),
        _ => Some(Sold::Now),
    };
    Ok(personal(&Page { layout, event, order, sold, problem: None }))
}

/// The form that asks how much to refund.
pub(crate) async fn refund_form(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let (layout, event, order) = order_page(&client, &id).await?;
    let layout = layout.require(&client, ConsoleTask::Refund)?;
    Ok(personal(&RefundPage { layout, event, order, problem: None }))
}

/// Cancels and refunds an order, or records that a refund was paid out at the box office.
pub(crate) async fn refund(
    client: ApiClient,
    Path(id): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response, PageError> {
    let fields = Fields::read(&form);
    let object = format!("/orders/{}", encoded(&id));
    let (done, answer) = if fields.has("handed_out") {
        (Done::RefundHandedOut, client.post(&format!("{object}/refund/handed-out"), &json!({})).await)
    } else {
        let body = json!({"refund": fields.get("refund")});
        (Done::OrderCancelled, client.post(&format!("{object}/cancel"), &body).await)
    };
    match answer {
        Ok(_) => Ok(done.then(&format!("/console{object}"))),
        Err(failure) => {
            let problem = Some(form_problem(failure)?);
            let (layout, event, order) = order_page(&client, &id).await?;
            Ok(personal_with(status_of(problem.as_ref()), &RefundPage { layout, event, order, problem }))
        }
    }
}
