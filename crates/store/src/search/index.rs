//! The port to the database's full text: [`put`], [`remove`] and [`matching`] are all there is. Here it is FTS5; on PostgreSQL
//! the same three speak to a tsvector.

use super::{fold, places, typos};
use crate::error::StoreError;
use crate::events::{self, Event};
use crate::sql::{Filter, Sql, values};
use crate::venues::Venue;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Writes everything search derives from an event and its venue.
pub(crate) fn put(sql: &Sql<'_>, event: &Event, venue: &Venue) -> Result<(), StoreError> {
    let text = "UPDATE events SET name_key = ?2, category_key = ?3, local_date = ?4 WHERE number = ?1";
    let (name, category) = (fold::key(&event.details.name), fold::key(&event.details.category));
    let day = day_key(local_day(event.details.starts_at, &venue.details.timezone));
    sql.execute(text, &values![event.number, name, category, day])?;
    let mut named = fold::words(&event.details.name);
    named.extend(fold::words(&event.details.category));
    named.extend(places::words(&venue.details));
    typos::learn(sql, &named)?;
    named.extend(fold::words(&event.details.description));
    remove(sql, event.number)?;
    let text = "INSERT INTO event_text (rowid, words) VALUES (?1, ?2)";
    sql.execute(text, &values![event.number, named.join(" ")])?;
    Ok(())
}

/// Writes it again for the events of a venue that was changed.
pub(crate) fn venue_changed(sql: &Sql<'_>, venue: &Venue) -> Result<(), StoreError> {
    let text = format!(
        "SELECT {} FROM events e WHERE e.venue_id = ?1 AND e.stage <> 'deleted' ORDER BY e.number",
        events::COLUMNS
    );
    for event in sql.all(&text, &values![venue.id], events::read)? {
        put(sql, &event, venue)?;
    }
    Ok(())
}

/// Takes an event out.
pub(crate) fn remove(sql: &Sql<'_>, event: EventNumber) -> Result<(), StoreError> {
    sql.execute("DELETE FROM event_text WHERE rowid = ?1", &values![event])?;
    Ok(())
}

/// The condition that an event has, for each group, a word that begins with one of the group. The words are folded: letters
/// and digits alone, so that none is an operator once in quotes.
pub(crate) fn matching(filter: &mut Filter, groups: &[Vec<String>]) -> String {
    let group = |words: &Vec<String>| {
        let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"*")).collect();
        format!("({})", words.join(" OR "))
    };
    let expression = groups.iter().map(group).collect::<Vec<_>>().join(" AND ");
    let expression = filter.bind(expression);
    format!("e.number IN (SELECT rowid FROM event_text WHERE event_text MATCH {expression})")
}

/// A day as its column holds it; in the order of days.
pub(crate) fn day_key(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year().max(0), day.month(), day.day())
}

/// The day an instant falls on in a zone; in UTC when the zone is unknown here, as on a machine with older tables.
fn local_day(instant: Timestamp, zone: &str) -> Date {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let latest = jiff::Timestamp::MAX;
    jiff::Timestamp::from_millisecond(instant.as_millis()).unwrap_or(latest).to_zoned_datetime(zone).date()
}
