//! The full-text index of events: [`put`], [`remove`] and [`matching`]. It is FTS5 in SQLite and a tsvector in PostgreSQL, with the same words:
//! the program cuts texts into words and folds them, so neither database does.

use super::places::Place;
use super::{fold, places, tokens, typos};
use crate::error::StoreError;
use crate::sql::{Dialect, Filter, Sql, values};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The parts of an event and its venue that are searched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Searchable<'a> {
    pub(crate) number: EventNumber,
    pub(crate) name: &'a str,
    pub(crate) performer: &'a str,
    pub(crate) description: &'a str,
    pub(crate) category: &'a str,
    pub(crate) starts_at: Timestamp,
    pub(crate) place: Place<'a>,
    /// The venue's time zone, an IANA name.
    pub(crate) timezone: &'a str,
}

/// Writes everything that search derives from an event and its venue, and replaces what was there.
pub(crate) fn put(sql: &Sql<'_>, event: &Searchable<'_>) -> Result<(), StoreError> {
    let text = "UPDATE events SET name_key = ?2, category_key = ?3, local_date = ?4, performer_key = ?5 WHERE number = ?1";
    let (name, category) = (fold::key(event.name), fold::key(event.category));
    let day = day_key(local_day(event.starts_at, event.timezone));
    sql.execute(text, &values![event.number, name, category, day, fold::key(event.performer)])?;
    let place = places::words(&event.place).join(" ");
    let named = format!("{} {} {} {place}", event.name, event.performer, event.category);
    typos::learn(sql, &fold::words(&named))?;
    let found_by = tokens::of_text(&format!("{named} {}", event.description));
    remove(sql, event.number)?;
    let (text, words) = match sql.dialect() {
        Dialect::Sqlite => ("INSERT INTO event_text (rowid, words) VALUES (?1, ?2)", found_by.join(" ")),
        Dialect::Postgres => {
            let text =
                "INSERT INTO event_text (rowid, words) VALUES (?1, CAST(CAST(?2 AS text) AS tsvector))";
            (text, tsvector(&found_by))
        }
    };
    sql.execute(text, &values![event.number, words])?;
    Ok(())
}

/// Words with their positions, as PostgreSQL writes a tsvector. Folded words consist of letters and digits, so that quotes suffice.
fn tsvector(words: &[String]) -> String {
    /// PostgreSQL counts no further.
    const LAST_POSITION: usize = 16_383;
    let placed = words.iter().enumerate().map(|(at, word)| {
        let position = at.saturating_add(1).min(LAST_POSITION);
        format!("'{word}':{position}")
    });
    placed.collect::<Vec<_>>().join(" ")
}

/// Removes an event from the index.
pub(crate) fn remove(sql: &Sql<'_>, event: EventNumber) -> Result<(), StoreError> {
    sql.execute("DELETE FROM event_text WHERE rowid = ?1", &values![event])?;
    Ok(())
}

/// The SQL condition for events that match every group. An event matches a group if one of its words begins with one of the group's words; in
/// scripts without spaces, if its text contains one. Folded words consist of letters and digits and are quoted, so none is read as an operator.
pub(crate) fn matching(dialect: Dialect, filter: &mut Filter, groups: &[Vec<String>]) -> String {
    let (or, and) = match dialect {
        Dialect::Sqlite => (" OR ", " AND "),
        Dialect::Postgres => (" | ", " & "),
    };
    let beginning = |word: &String| {
        let tokens = tokens::of_query(word);
        match dialect {
            Dialect::Sqlite => format!("\"{}\"*", tokens.join(" ")),
            Dialect::Postgres => format!("('{}':*)", tokens.join("' <-> '")),
        }
    };
    let group =
        |words: &Vec<String>| format!("({})", words.iter().map(beginning).collect::<Vec<_>>().join(or));
    let expression = groups.iter().map(group).collect::<Vec<_>>().join(and);
    let expression = filter.bind(expression);
    let matches = match dialect {
        Dialect::Sqlite => format!("event_text MATCH {expression}"),
        Dialect::Postgres => format!("words @@ CAST(CAST({expression} AS text) AS tsquery)"),
    };
    format!("e.number IN (SELECT rowid FROM event_text WHERE {matches})")
}

/// A day as stored in its column; the texts sort as the days do.
pub(crate) fn day_key(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year().max(0), day.month(), day.day())
}

/// The local day of an instant in a zone; if this machine does not know the zone, the day in UTC.
pub(super) fn local_day(instant: Timestamp, zone: &str) -> Date {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let latest = jiff::Timestamp::MAX;
    jiff::Timestamp::from_millisecond(instant.as_millis()).unwrap_or(latest).to_zoned_datetime(zone).date()
}
