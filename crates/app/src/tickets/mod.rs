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
    /// The order's number for people; empty if it is not known.
    pub order: String,
    /// When the doors open, where known.
    pub doors_at: Option<Timestamp>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends, where known.
    pub ends_at: Option<Timestamp>,
    /// The venue's time zone, an IANA name.
    pub timezone: String,
    /// `Floor A-1`.
    pub seat: String,
    /// The section, the row and the number of a numbered seat.
    pub place: Option<(String, String, String)>,
    /// Whether the ticket is valid; a void ticket is printed as void.
    pub valid: bool,
}

impl Printed {
    /// The day in the venue's time: `Tuesday, 1 December 2026`.
    #[must_use]
    pub fn day(&self) -> String {
        local(self.starts_at, &self.timezone).map(|at| at.strftime(DAY).to_string()).unwrap_or_default()
    }

    /// The times of day in the venue's time: `Doors 19:00, starts 19:30`.
    #[must_use]
    pub fn times(&self) -> String {
        let times = times_of_day(self.doors_at, self.starts_at, &self.timezone);
        let mut letters = times.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
    }
}

impl Printed {
    /// `Doors: 19:00`, where it is known when they open.
    pub(crate) fn doors(&self) -> Option<String> {
        doors(self.doors_at?, &self.timezone)
    }
}

/// `Doors: 19:00`, in the venue's time.
#[must_use]
pub fn doors(at: Timestamp, timezone: &str) -> Option<String> {
    local(at, timezone).map(|at| at.strftime("Doors: %H:%M").to_string())
}

const DAY: &str = "%A, %-d %B %Y";

/// The instant in the zone; in UTC if the zone is unknown.
fn local(at: Timestamp, timezone: &str) -> Option<jiff::ZonedDateTime> {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    instant.in_tz(timezone).or_else(|_unknown| instant.in_tz("UTC")).ok()
}

fn clock(at: Timestamp, timezone: &str) -> String {
    local(at, timezone).map(|at| at.strftime("%H:%M").to_string()).unwrap_or_default()
}

/// `doors 19:00, starts 19:30`, or `starts 19:30`; UTC is said, a venue's own time is not.
fn times_of_day(doors: Option<Timestamp>, start: Timestamp, timezone: &str) -> String {
    let starts = format!("starts {}", clock(start, timezone));
    let is_local = jiff::tz::TimeZone::get(timezone).is_ok() && timezone != "UTC";
    let zone = if is_local { "" } else { " UTC" };
    match doors {
        Some(doors) => format!("doors {}, {starts}{zone}", clock(doors, timezone)),
        None => format!("{starts}{zone}"),
    }
}

/// When an event is, in the venue's time: `Friday, 4 December 2026, doors 19:00, starts 19:30 (New York time)`.
#[must_use]
pub fn event_time(doors: Option<Timestamp>, start: Timestamp, timezone: &str) -> String {
    let Some(at) = local(start, timezone) else { return String::new() };
    let place = place_of(&at).map(|place| format!(" ({place} time)")).unwrap_or_default();
    format!("{}, {}{place}", at.strftime(DAY), times_of_day(doors, start, timezone))
}

/// An instant in a time zone: `Tuesday, 1 December 2026, 20:00 (New York time)`; in UTC if the zone is unknown.
#[must_use]
pub fn local_time(at: Timestamp, timezone: &str) -> String {
    let Some(at) = local(at, timezone) else { return String::new() };
    let place = place_of(&at).map_or_else(|| "UTC".to_owned(), |place| format!("{place} time"));
    at.strftime(&format!("{DAY}, %H:%M ({place})")).to_string()
}

/// The city after which a zone is named: `New York`; `None` for UTC.
fn place_of(at: &jiff::ZonedDateTime) -> Option<String> {
    let (_, city) = at.time_zone().iana_name()?.rsplit_once('/')?;
    Some(city.replace('_', " "))
}
