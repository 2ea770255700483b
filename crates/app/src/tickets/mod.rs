//! Tickets as things one can show: the signed token, its QR code, a page to print.
//!
//! Pure functions of what a sale and the catalogue say; whether a ticket counts is the sale's to say. Drawing takes a
//! while, so callers do it on threads for such work.

pub mod drawing;
mod issued;
pub mod pdf;
pub mod qr;
pub mod token;

pub use issued::IssuedTicket;

use fairseat_domain::time::Timestamp;
use uuid::Uuid;

/// What a ticket says to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Its id.
    pub ticket_id: Uuid,
    /// What is on.
    pub event: String,
    /// Where: the venue's name, and its address where known.
    pub venue: Vec<String>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends, where known.
    pub ends_at: Option<Timestamp>,
    /// The venue's time zone, an IANA name.
    pub timezone: String,
    /// `Floor A-1`.
    pub seat: String,
    /// Whether it opens the door; a void ticket is never printed as if it did.
    pub valid: bool,
}

impl Printed {
    /// When it begins, as a clock at the venue says: `Tuesday, 1 December 2026, 20:00 (America/New_York)`.
    #[must_use]
    pub fn local_time(&self) -> String {
        local_time(self.starts_at, &self.timezone)
    }
}

/// An instant as clocks in this time zone say it: `Tuesday, 1 December 2026, 20:00 (America/New_York)`; in UTC where the zone is not
/// known.
#[must_use]
pub fn local_time(at: Timestamp, timezone: &str) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    let zoned = instant.in_tz(timezone).or_else(|_unknown| instant.in_tz("UTC"));
    zoned.map_or_else(
        |_no_zones| instant.to_string(),
        |zoned| zoned.strftime("%A, %-d %B %Y, %H:%M (%Q)").to_string(),
    )
}
