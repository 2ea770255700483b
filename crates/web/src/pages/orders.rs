//! The visitor's orders: the list, one order with its tickets, cancelling it.

use crate::done::Done;
use crate::render::{encoded, last_page_if_past, personal, private, see_other};
use crate::values::{Instant, Local, Money};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use fairseat_client::{ApiClient, PageError, Problem};
use serde::Deserialize;
use serde_json::json;

/// Orders on one page of the list.
const PAGE: u64 = 20;

/// The event of an order.
#[derive(Debug, Deserialize)]
pub(crate) struct OrderedEvent {
    pub(crate) event_id: String,
    pub(crate) name: String,
    pub(crate) venue: String,
    #[serde(default)]
    pub(crate) address: String,
    start_time: Instant,
    doors_time: Option<Instant>,
    timezone: String,
}

impl OrderedEvent {
    /// `Doors 19:00, starts 19:30`, on the clocks of the venue.
    pub(crate) fn times(&self) -> String {
        let starts = self.starts().clock();
        let doors = self.doors_time.map(|doors| doors.at(&self.timezone).clock());
        doors.map_or_else(|| format!("Starts {starts}"), |doors| format!("Doors {doors}, starts {starts}"))
    }

    pub(crate) fn starts(&self) -> Local {
        self.start_time.at(&self.timezone)
    }
}

#[derive(Debug, Deserialize)]
struct Entry {
    order_id: String,
    number: String,
    event: OrderedEvent,
    status: String,
    payment_status: String,
    seat_ids: Vec<String>,
    total_amount: Money,
    currency: String,
}

impl Entry {
    /// The status in words.
    fn state(&self) -> String {
        if self.status == "pending" && self.payment_status == "failed" {
            return "payment failed".to_owned();
        }
        self.status.replace('_', " ")
    }
}

#[derive(Debug, Deserialize)]
struct OrderList {
    orders: Vec<Entry>,
    total: u64,
}

#[derive(Template)]
#[template(path = "orders.html")]
struct ListPage {
    list: OrderList,
    carts: Vec<super::carts::Cart>,
    is_guest: bool,
    page: u64,
}

impl ListPage {
    fn next(&self) -> Option<u64> {
        ((self.page + 1) * PAGE < self.list.total).then_some(self.page + 1)
    }
}

#[derive(Debug, Deserialize)]
struct EventName {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Me {
    user_id: String,
    guest: bool,
}

/// The query of a list's page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PageNumber {
    page: u64,
}

/// The page at `/orders`.
pub(crate) async fn list(
    client: ApiClient,
    Query(PageNumber { page }): Query<PageNumber>,
) -> Result<Response, PageError> {
    let me: Me = client.get("/users/me").await?;
    let page = page.min(10_000);
    let path = format!("/users/{}/orders?channel=online&limit={PAGE}&offset={}", me.user_id, page * PAGE);
    let list: OrderList = client.get(&path).await?;
    if let Some(last) = last_page_if_past(page, list.total, PAGE) {
        return Ok(see_other(&format!("/orders?page={last}")));
    }
    let mut carts = super::carts::carts(&client).await?;
    for cart in &mut carts {
        let event: Result<EventName, PageError> =
            client.get(&format!("/events/{}", encoded(&cart.event_id))).await;
        cart.event_name = event.ok().map(|event| event.name);
    }
    Ok(personal(&ListPage { list, carts, is_guest: me.guest, page }))
}

/// An order as its page shows it.
#[derive(Debug, Deserialize)]
struct Order {
    order_id: String,
    number: String,
    reservation_id: String,
    status: String,
    payment_status: String,
    event: OrderedEvent,
    seats: Vec<super::reservation::Seat>,
    total_amount: Money,
    fees: Money,
    currency: String,
    tickets: Vec<Ticket>,
    next_action: Option<NextAction>,
    refund: Option<Refund>,
    refundable_amount: Option<Money>,
    cancel_reason: Option<String>,
    channel: String,
    /// Who got the tickets, when a guest bought them.
    contact: Option<Contact>,
    /// Present when the order belongs to another account.
    buyer: Option<serde::de::IgnoredAny>,
}

/// Who got the tickets.
#[derive(Debug, Deserialize)]
struct Contact {
    email: String,
}

#[derive(Debug, Deserialize)]
struct Refund {
    status: String,
    amount: Money,
}

impl Refund {
    fn is_pending(&self) -> bool {
        self.status == "pending"
    }
}

#[derive(Debug, Deserialize)]
struct Ticket {
    ticket_id: String,
    seat: String,
    status: String,
}

#[derive(Debug, Deserialize)]
struct NextAction {
    url: String,
}

impl Order {
    fn title(&self) -> &'static str {
        match self.status.as_str() {
            "confirmed" => "You’re going!",
            "pending" if self.has_failed() => "The payment failed",
            "pending" if self.next_action.is_some() => "One more step: your bank",
            "pending" => "We’re waiting for your payment",
            "refunded" | "cancelled" => match self.cancel_reason.as_deref() {
                Some("unpaid") => "This order wasn’t paid",
                Some("event") => "The event was cancelled",
                Some("organizer") => "The organizer cancelled this order",
                _ => "You cancelled this order",
            },
            _ => "Your order",
        }
    }

    fn has_valid_tickets(&self) -> bool {
        self.tickets.iter().any(|ticket| ticket.status == "valid")
    }

    /// The name of a ticket's seat.
    fn place(&self, ticket: &Ticket) -> String {
        let seat = self.seats.iter().find(|seat| seat.label == ticket.seat);
        seat.map_or_else(|| ticket.seat.clone(), super::reservation::Seat::place)
    }

    /// Whether the buyer may cancel it. A box-office order belongs to the seller's account and is cancelled at the box office.
    fn is_cancellable(&self) -> bool {
        self.status == "confirmed" && self.channel == "online"
    }

    /// The refund for cancelling now; `None` when the terms do not allow it. Zero for a free order.
    fn refund_now(&self) -> Option<&Money> {
        self.refundable_amount.as_ref().filter(|amount| !amount.is_zero() || self.total_amount.is_zero())
    }

    /// Whether the last payment failed. While the seats are reserved the buyer can try another card.
    fn has_failed(&self) -> bool {
        self.payment_status == "failed"
    }

    /// Whether a payment or refund is in progress, so that the page must be refreshed.
    fn is_pending(&self) -> bool {
        self.status == "pending" && !self.has_failed() || self.refund.as_ref().is_some_and(Refund::is_pending)
    }

    /// The page where the buyer approves the payment, if the provider requires that.
    fn approval_url(&self) -> Option<&str> {
        self.next_action.as_ref().map(|action| action.url.as_str())
    }
}

#[derive(Template)]
#[template(path = "order.html")]
struct Page {
    order: Order,
    problem: Option<Problem>,
    /// The key in the link of a guest's letter, by which the page was opened.
    key: Option<String>,
    /// What the form before this page has done.
    done: Option<Done>,
}

impl Page {
    /// `?key=…`, if the page was opened by a key.
    fn key_query(&self) -> String {
        key_query(self.key.as_deref())
    }

    /// The address of a ticket's page.
    fn ticket_url(&self, ticket: &Ticket) -> String {
        format!("/tickets/{}{}", ticket.ticket_id, key_query(self.key.as_deref()))
    }
}

/// The key by which a page was opened, from the page's query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct KeyQuery {
    pub(crate) key: Option<String>,
}

/// The query that passes the key on.
pub(crate) fn key_query(key: Option<&str>) -> String {
    key.map_or_else(String::new, |key| format!("?key={}", encoded(key)))
}

/// One order, for its buyer or for whoever has the key in its letter's link.
pub(crate) async fn show(
    client: ApiClient,
    Path(id): Path<String>,
    Query(KeyQuery { key }): Query<KeyQuery>,
) -> Result<Response, PageError> {
    let order: Order = client.get(&format!("/orders/{}{}", encoded(&id), key_query(key.as_deref()))).await?;
    // An order of another account is shown in the console, whose pages are not stored on the device.
    if order.buyer.is_some() {
        return Ok(see_other(&format!("/console/orders/{}", encoded(&id))));
    }
    let done = Done::in_address(&client.path);
    Ok(private(personal(&Page { order, problem: None, key, done })))
}

/// `POST /orders/{order_id}/cancel`: cancels an order under the event's refund policy.
pub(crate) async fn cancel(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let object = format!("/orders/{}", encoded(&id));
    // The page promised the refund of the policy. Without this, members who may refund would give themselves the full amount.
    match client.post(&format!("{object}/cancel"), &json!({"refund": "policy"})).await {
        Ok(_) => Ok(see_other(&object)),
        Err(failure) if failure.problem.status == 409 => {
            let order: Order = client.get(&object).await?;
            Ok(personal(&Page { order, problem: Some(failure.problem), key: None, done: None }))
        }
        Err(failure) => Err(failure),
    }
}
