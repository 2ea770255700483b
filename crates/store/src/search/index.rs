//! The full-text index of events: [`put`], [`remove`] and [`matching`]. It is FTS5 in SQLite; PostgreSQL will use a tsvector behind the
//! same functions.

use super::places::Place;
use super::{fold, places, tokens, typos};
use crate::error::StoreError;
use crate::sql::{Filter, Sql, values};
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
    let text = "INSERT INTO event_text (rowid, words) VALUES (?1, ?2)";
    sql.execute(text, &values![event.number, found_by.join(" ")])?;
    Ok(())
}

/// Removes an event from the index.
pub(crate) fn remove(sql: &Sql<'_>, event: EventNumber) -> Result<(), StoreError> {
    sql.execute("DELETE FROM event_text WHERE rowid = ?1", &values![event])?;
    Ok(())
}

/// The condition that an event has, for each group, a word that begins with one of the group's words; in scripts without spaces, a text that
/// contains one of them. Folded words consist of letters and digits and are quoted, so none of them is read as an FTS5 operator.
pub(crate) fn matching(filter: &mut Filter, groups: &[Vec<String>]) -> String {
    let group = |words: &Vec<String>| {
        let words: Vec<_> =
            words.iter().map(|word| format!("\"{}\"*", tokens::of_query(word).join(" "))).collect();
        format!("({})", words.join(" OR "))
    };
    let expression = groups.iter().map(group).collect::<Vec<_>>().join(" AND ");
    let expression = filter.bind(expression);
    format!("e.number IN (SELECT rowid FROM event_text WHERE event_text MATCH {expression})")
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
