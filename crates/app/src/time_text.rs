//! Instants as text.

use fairseat_domain::time::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// An instant as RFC 3339 in UTC with milliseconds: `2026-12-01T20:00:00.000Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    MILLISECONDS.timestamp_to_string(&at)
}

/// Parses RFC 3339; `None` if the text is something else.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::Timestamp>().ok().map(|at| Timestamp::from_millis(at.as_millisecond()))
}
