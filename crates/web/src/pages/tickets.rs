//! A ticket's page, for showing at the door; it can be opened without a network, and printed.

use super::orders::{KeyQuery, OrderedEvent, key_query};
use crate::render::{encoded, personal, private};
use crate::values::number_or_text;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use fairseat_client::{ApiClient, PageError};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Ticket {
    ticket_id: String,
    order_id: String,
    event: OrderedEvent,
    status: String,
    seat: String,
    seat_details: Seat,
    #[serde(default)]
    qr_code: Option<String>,
}

impl Ticket {
    /// The last 8 characters of the ticket's id, to compare by eye at the door.
    fn short(&self) -> String {
        let end = self.ticket_id.rsplit('-').next().unwrap_or_default();
        end.get(end.len().saturating_sub(8)..).unwrap_or(end).to_uppercase()
    }
}

/// The parts of a seat's name; the row is empty for standing places.
#[derive(Debug, Deserialize)]
struct Seat {
    section: String,
    row: String,
    #[serde(deserialize_with = "number_or_text")]
    number: String,
}

/// The order: its number, and its tickets for links to the others.
#[derive(Debug, Default, Deserialize)]
struct Order {
    number: String,
    tickets: Vec<Neighbour>,
}

#[derive(Debug, Deserialize)]
struct Neighbour {
    ticket_id: String,
    seat: String,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct Page {
    ticket: Ticket,
    /// The ticket's position in its order, from 1, and the number of tickets.
    place: (usize, usize),
    before: Option<Neighbour>,
    after: Option<Neighbour>,
    /// The order's number for people; empty if the order cannot be read.
    number: String,
    /// `?key=…`, when the page was opened with the key of a guest's letter.
    key: String,
}

/// `GET /tickets/{ticket_id}`: the page.
pub(crate) async fn show(
    client: ApiClient,
    Path(id): Path<String>,
    Query(KeyQuery { key }): Query<KeyQuery>,
) -> Result<Response, PageError> {
    let key = key_query(key.as_deref());
    let ticket: Ticket = client.get(&format!("/tickets/{}{key}", encoded(&id))).await?;
    // If the order cannot be read, the ticket is shown without links to the others.
    let order: Result<Order, PageError> =
        client.get(&format!("/orders/{}{key}", encoded(&ticket.order_id))).await;
    let Order { number, tickets } = order.unwrap_or_default();
    let count = tickets.len();
    let at = tickets.iter().position(|beside| beside.ticket_id == ticket.ticket_id).unwrap_or(0);
    let mut tickets = tickets.into_iter();
    let before = at.checked_sub(1).and_then(|before| tickets.nth(before));
    // Index 0 of the rest is this ticket, index 1 the one after it.
    let after = tickets.nth(1);
    Ok(private(personal(&Page { ticket, place: (at + 1, count), before, after, number, key })))
}
