//! A ticket as it is shown at the door: one page that stays readable without a network, and on paper.

use super::orders::OrderedEvent;
use crate::api::{ApiClient, PageError};
use crate::render::{encoded, personal};
use crate::values::number_or_text;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
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
    /// The end of the ticket's id, for a person at the door who asks for it.
    fn short(&self) -> String {
        let end = self.ticket_id.rsplit('-').next().unwrap_or_default();
        end.get(end.len().saturating_sub(8)..).unwrap_or(end).to_uppercase()
    }
}

/// A seat, part by part; no row where people stand.
#[derive(Debug, Deserialize)]
struct Seat {
    section: String,
    row: String,
    #[serde(deserialize_with = "number_or_text")]
    number: String,
}

/// The order, for the tickets beside this one.
#[derive(Debug, Deserialize)]
struct Order {
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
    /// Where it stands among the tickets of its order, from 1, and how many they are.
    place: (usize, usize),
    before: Option<Neighbour>,
    after: Option<Neighbour>,
}

/// The page.
pub(crate) async fn show(client: ApiClient, Path(id): Path<String>) -> Result<Response, PageError> {
    let ticket: Ticket = client.get(&format!("/tickets/{}", encoded(&id))).await?;
    // The ticket is shown whether or not its neighbours can be.
    let order: Result<Order, PageError> = client.get(&format!("/orders/{}", encoded(&ticket.order_id))).await;
    let tickets = order.map(|order| order.tickets).unwrap_or_default();
    let count = tickets.len();
    let at = tickets.iter().position(|beside| beside.ticket_id == ticket.ticket_id).unwrap_or(0);
    let mut tickets = tickets.into_iter();
    let before = at.checked_sub(1).and_then(|before| tickets.nth(before));
    // The ticket itself stands between the two.
    let after = tickets.nth(1);
    Ok(personal(&Page { ticket, place: (at + 1, count), before, after }))
}
