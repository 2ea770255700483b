//! The forms of a ticket: the signed token, its QR code, a PDF page.
//!
//! These are pure functions of data from the sale and the catalogue; the sale decides whether a ticket is valid. Drawing is slow, so
//! callers draw on blocking threads.

pub mod drawing;
mod issued;
pub mod pdf;
pub mod qr;
pub mod token;

pub use issued::IssuedTicket;

use fairseat_domain::time::Timestamp;
use uuid::Uuid;

/// The texts of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Its id.
    pub ticket_id: Uuid,
    /// The name of the event.
    pub event: String,
    /// The venue's name, and its address if known.
    pub venue: Vec<String>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends, where known.
    pub ends_at: Option<Timestamp>,
    /// The venue's time zone, an IANA name.
    pub timezone: String,
    /// `Floor A-1`.
    pub seat: String,
    /// Whether the ticket is valid; a void ticket is printed as void.
    pub valid: bool,
}

impl Printed {
    /// The start in the venue's time: `Tuesday, 1 December 2026, 20:00 (America/New_York)`.
    #[must_use]
    pub fn local_time(&self) -> String {
        local_time(self.starts_at, &self.timezone)
    }
}

/// An instant in a time zone: `Tuesday, 1 December 2026, 20:00 (America/New_York)`; in UTC if the zone is unknown.
#[must_use]
pub fn local_time(at: Timestamp, timezone: &str) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    let zoned = instant.in_tz(timezone).or_else(|_unknown| instant.in_tz("UTC"));
    zoned.map_or_else(
        |_no_zones| instant.to_string(),
        |zoned| zoned.strftime("%A, %-d %B %Y, %H:%M (%Q)").to_string(),
    )
}
