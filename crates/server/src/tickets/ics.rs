//! A ticket as a calendar entry (RFC 5545).
//!
//! Names come from organizers: each is escaped, so that none can add a line of its own, and lines are folded at 75 octets
//! between characters.

use super::Printed;
use fairseat_domain::time::Timestamp;

/// The file, with one event in it; `now` is when it was made.
#[must_use]
pub fn calendar(ticket: &Printed, now: Timestamp) -> String {
    let mut file = String::new();
    let mut line = |text: String| fold(&mut file, &text);
    line("BEGIN:VCALENDAR".to_owned());
    line("VERSION:2.0".to_owned());
    line("PRODID:-//Fairseat//Tickets//EN".to_owned());
    line("METHOD:PUBLISH".to_owned());
    line("BEGIN:VEVENT".to_owned());
    line(format!("UID:{}", ticket.ticket_id));
    line(format!("DTSTAMP:{}", utc(now)));
    // A later file goes before an earlier one of the same ticket: minutes fit the number RFC 5545 has for revisions.
    line(format!("SEQUENCE:{}", now.as_millis().max(0) / 60_000));
    line(format!("DTSTART:{}", utc(ticket.starts_at)));
    if let Some(ends_at) = ticket.ends_at {
        line(format!("DTEND:{}", utc(ends_at)));
    }
    line(format!("SUMMARY:{}", escape(&ticket.event)));
    if !ticket.venue.is_empty() {
        line(format!("LOCATION:{}", escape(&ticket.venue.join(", "))));
    }
    line(format!("DESCRIPTION:{}", escape(&format!("Seat: {}", ticket.seat))));
    line(format!("STATUS:{}", if ticket.valid { "CONFIRMED" } else { "CANCELLED" }));
    line("END:VEVENT".to_owned());
    line("END:VCALENDAR".to_owned());
    file
}

/// `20261201T200000Z`.
fn utc(time: Timestamp) -> String {
    let time = jiff::Timestamp::from_millisecond(time.as_millis()).unwrap_or_default();
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Adds a line, broken so that no part has more than 75 octets before its line break.
fn fold(file: &mut String, line: &str) {
    const MAX_OCTETS: usize = 75;
    let mut octets = 0;
    for character in line.chars() {
        if octets + character.len_utf8() > MAX_OCTETS {
            file.push_str("\r\n ");
            octets = 1;
        }
        file.push(character);
        octets += character.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Printed {
        Printed {
            ticket_id: uuid::Uuid::from_u128(7),
            event: "Rock, Paper; Scissors\\\r\nBEGIN:VALARM".to_owned(),
            venue: vec![
                "Théâtre des Très Longues Émotions Évidemment".to_owned(),
                "Rue de l’Été 1, Genève".to_owned(),
            ],
            starts_at: Timestamp::from_millis(1_796_155_200_000),
            ends_at: Some(Timestamp::from_millis(1_796_162_400_000)),
            timezone: "Europe/Zurich".to_owned(),
            seat: "Floor A-1".to_owned(),
            valid: true,
        }
    }

    #[test]
    fn says_what_when_and_where() {
        let file = calendar(&ticket(), Timestamp::EPOCH);
        assert!(file.ends_with("END:VCALENDAR\r\n"));
        assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{file}");
        insta::assert_snapshot!(file.replace("\r\n ", "").replace("\r\n", "\n"), @r"
        BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//Fairseat//Tickets//EN
        METHOD:PUBLISH
        BEGIN:VEVENT
        UID:00000000-0000-0000-0000-000000000007
        DTSTAMP:19700101T000000Z
        SEQUENCE:0
        DTSTART:20261201T200000Z
        DTEND:20261201T220000Z
        SUMMARY:Rock\, Paper\; Scissors\\\nBEGIN:VALARM
        LOCATION:Théâtre des Très Longues Émotions Évidemment\, Rue de l’Été 1\, Genève
        DESCRIPTION:Seat: Floor A-1
        STATUS:CONFIRMED
        END:VEVENT
        END:VCALENDAR
        ");
    }

    #[test]
    fn a_void_ticket_is_a_cancelled_entry() {
        let void = Printed { valid: false, ends_at: None, venue: vec![], ..ticket() };
        let file = calendar(&void, Timestamp::EPOCH);
        assert!(file.contains("STATUS:CANCELLED\r\n"));
        let later = calendar(&void, Timestamp::from_millis(1_796_155_200_000));
        assert!(later.contains("SEQUENCE:29935920\r\n"), "{later}");
        assert!(!file.contains("DTEND") && !file.contains("LOCATION"));
    }
}
