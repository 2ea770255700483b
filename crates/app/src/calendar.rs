//! Events and tickets as calendar entries (`text/calendar`, RFC 5545).

use fairseat_domain::text::is_writable;
use fairseat_domain::time::Timestamp;
use icalendar::{Calendar, Component as _, Event, EventLike as _, EventStatus, Property};

/// 2020-01-01, when counting the versions of entries begins.
const SEQUENCE_BEGINS_MS: i64 = 1_577_836_800_000;

/// A calendar entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEntry<'a> {
    /// Identifies the entry in all its versions.
    pub uid: String,
    /// The title.
    pub name: &'a str,
    /// The place; may be empty.
    pub place: &'a str,
    /// The description; may be empty.
    pub description: &'a str,
    /// The address of its page; may be empty.
    pub url: &'a str,
    /// The name of who organizes it; may be empty.
    pub organizer: &'a str,
    /// The address of the site that publishes it.
    pub site: &'a str,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends, if that is known.
    pub ends_at: Option<Timestamp>,
    /// Whether the event is cancelled.
    pub cancelled: bool,
}

impl CalendarEntry<'_> {
    /// A calendar file with this entry, created at `now`: a publication, or a cancellation if the event is cancelled (RFC 5546, 3.2.1 and
    /// 3.2.5). Text is escaped and lines are folded, so that a name cannot add lines.
    #[must_use]
    pub fn to_file(&self, now: Timestamp) -> String {
        // A file with a higher SEQUENCE replaces an earlier one with the same UID. Seconds since 2020 fit into RFC 5545's integer until 2088.
        let revision = now.as_millis().saturating_sub(SEQUENCE_BEGINS_MS).max(0) / 1_000;
        let status = if self.cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed };
        let mut event = Event::new();
        event.uid(&self.uid).summary(&plain(self.name)).status(status);
        event.add_property("DTSTAMP", utc(now)).add_property("SEQUENCE", revision.to_string());
        event.add_property("DTSTART", utc(self.starts_at));
        if let Some(ends_at) = self.ends_at {
            event.add_property("DTEND", utc(ends_at));
        }
        if !self.place.is_empty() {
            event.location(&plain(self.place));
        }
        if !self.description.is_empty() {
            event.description(&plain(self.description));
        }
        if !self.url.is_empty() {
            event.url(self.url);
        }
        event.append_property(self.organizer());
        let mut calendar = Calendar::empty();
        calendar.append_property(("VERSION", "2.0"));
        calendar.append_property(("PRODID", "-//Fairseat//Tickets//EN"));
        calendar.append_property(("METHOD", if self.cancelled { "CANCEL" } else { "PUBLISH" }));
        calendar.push(event.done());
        calendar.to_string()
    }
}

impl CalendarEntry<'_> {
    /// Who organizes the event. The address is the site's, because nobody is to answer by e-mail.
    fn organizer(&self) -> Property {
        let mut organizer = Property::new("ORGANIZER", self.site);
        let name = plain(self.organizer).replace(['\n', '"'], " ");
        if !name.is_empty() {
            organizer.add_parameter("CN", &name);
        }
        organizer.done()
    }
}

/// The lines of a description, without those that are not known.
#[must_use]
pub fn description<const LINES: usize>(lines: [Option<String>; LINES]) -> String {
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// `20261201T200000Z`.
fn utc(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or_default();
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Text without characters that a calendar file cannot contain. Line breaks stay.
fn plain(text: &str) -> String {
    text.chars().filter(|character| is_writable(*character) && !matches!(character, '\r' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> CalendarEntry<'static> {
        CalendarEntry {
            uid: "00000000-0000-0000-0000-000000000007".to_owned(),
            name: "Rock, Paper; Scissors\\\r\nBEGIN:VALARM",
            place: "Théâtre des Très Longues Émotions Évidemment, Rue de l’Été 1, Genève",
            description: "Seat: Floor A-1",
            url: "https://tickets.test/events/7",
            organizer: "Rock, \"Roll\" & Sons",
            site: "https://tickets.test",
            starts_at: Timestamp::from_millis(1_796_155_200_000),
            ends_at: Some(Timestamp::from_millis(1_796_162_400_000)),
            cancelled: false,
        }
    }

    #[test]
    fn an_entry_says_what_when_and_where() {
        let file = entry().to_file(Timestamp::EPOCH);
        assert!(file.ends_with("END:VCALENDAR\r\n"));
        assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{file}");
        insta::assert_snapshot!(file.replace("\r\n ", "").replace("\r\n", "\n"), @r#"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Fairseat//Tickets//EN
        METHOD:PUBLISH
        BEGIN:VEVENT
        DESCRIPTION:Seat: Floor A-1
        DTEND:20261201T220000Z
        DTSTAMP:19700101T000000Z
        DTSTART:20261201T200000Z
        LOCATION:Théâtre des Très Longues Émotions Évidemment\, Rue de l’Été 1\, Genève
        ORGANIZER;CN="Rock,  Roll  & Sons":https://tickets.test
        SEQUENCE:0
        STATUS:CONFIRMED
        SUMMARY:Rock\, Paper\; Scissors\\\nBEGIN:VALARM
        UID:00000000-0000-0000-0000-000000000007
        URL:https://tickets.test/events/7
        END:VEVENT
        END:VCALENDAR
        "#);
    }

    #[test]
    fn characters_that_a_file_cannot_contain_are_left_out() {
        let odd = CalendarEntry { name: "Na\u{fffe}me\0", organizer: "", place: "Hall\u{b}", ..entry() };
        let file = odd.to_file(Timestamp::EPOCH);
        for line in ["SUMMARY:Name\r\n", "LOCATION:Hall\r\n", "ORGANIZER:https://tickets.test\r\n"] {
            assert!(file.contains(line), "{file}");
        }
    }

    #[test]
    fn a_later_cancelled_entry_replaces_the_first() {
        let cancelled = CalendarEntry { cancelled: true, ends_at: None, place: "", ..entry() };
        let file = cancelled.to_file(Timestamp::from_millis(1_796_155_200_000));
        assert!(file.contains("STATUS:CANCELLED\r\n") && file.contains("SEQUENCE:218318400\r\n"), "{file}");
        assert!(file.contains("METHOD:CANCEL\r\n") && file.contains("ORGANIZER;CN="), "{file}");
        assert!(!file.contains("DTEND") && !file.contains("LOCATION"), "{file}");
    }
}
