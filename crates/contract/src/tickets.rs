//! Tickets, and the key that checks them.

use crate::events::EventSummary;
use crate::seats::SeatLine;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The public key that checks tickets.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketKeyView {
    pub algorithm: &'static str,
    /// 32 bytes in base64url without padding
    pub public_key: String,
    /// What a token is made of
    pub format: &'static str,
}

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    pub ticket_id: Uuid,
    pub order_id: Uuid,
    pub event: EventSummary,
    /// `valid`, `suspended` while its payment is looked into, or `void`
    pub status: &'static str,
    /// `Floor A-1`
    pub seat: String,
    /// The same seat, described
    pub seat_details: SeatLine,
    /// ISO 4217
    pub currency: String,
    /// What the code says; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// The code as a PNG in base64; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub qr_code: Option<String>,
}
