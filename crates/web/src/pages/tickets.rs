//! A ticket as it is shown at the door: one page that stays readable without a network, and on paper.

use super::orders::OrderedEvent;
use crate::api::{Failure, Visit};
use crate::render::{encoded, personal};
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
    #[serde(default)]
    qr_code: Option<String>,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct Page {
    ticket: Ticket,
}

/// The page.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let ticket: Ticket = visit.get(&format!("/tickets/{}", encoded(&id))).await?;
    Ok(personal(&Page { ticket }))
}
