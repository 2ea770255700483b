//! Tickets, and the public key for checking them.

use crate::events::EventSummary;
use crate::seats::SeatLine;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The public key for checking tickets.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketKeyView {
    pub algorithm: &'static str,
    /// 32 bytes in base64url without padding
    pub public_key: String,
    /// The format of a token
    pub format: &'static str,
}

/// A ticket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ticket {
    pub ticket_id: Uuid,
    pub order_id: Uuid,
    pub event: EventSummary,
    /// `valid`, `suspended` until its failed payment is resolved, or `void`
    pub status: &'static str,
    /// The seat's name, such as `Floor A-1`
    pub seat: String,
    /// The same seat with its details
    pub seat_details: SeatLine,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    /// The text of the code; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// The code as a PNG in base64; only a valid ticket has one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub qr_code: Option<String>,
}
