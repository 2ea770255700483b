//! What visitors look for first: what they can buy, what is on today or at the weekend, and in which cities.

use super::{Search, index};
use crate::error::StoreError;
use crate::listing;
use crate::scope::Scope;
use crate::sql::{Filter, Row, Sql};
use fairseat_domain::time::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Days that are near, each by the calendar of the event's venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coming {
    /// Today.
    Today,
    /// From Friday to Sunday of this week; at the weekend, what remains of it.
    Weekend,
}

/// A city with events that are not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// Its name, as organizers wrote it.
    pub name: String,
    /// The state, as a code or a name; may be empty.
    pub state: String,
    /// The country, as a code or a name.
    pub country: String,
    /// The number of its events that are not cancelled and not over.
    pub events: u64,
}

/// The most cities that are listed.
const MAX_CITIES: u32 = 100;

impl Search<'_> {
    /// The cities with published events that are neither cancelled nor over, those with the most events first; at most 100.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cities(&self, now: Timestamp) -> Result<Vec<City>, StoreError> {
        let mut filter = Filter::new();
        listing::visible(&Scope::Public, &mut filter);
        let now = filter.bind(now);
        filter.and(format!("e.stage = 'ready' AND e.ends_at > {now}"));
        let text = format!(
            "SELECT v.city, v.state, v.country, COUNT(*) AS events FROM events e JOIN venues v ON v.id = e.venue_id WHERE {} \
             GROUP BY v.city, v.state, v.country ORDER BY events DESC, v.city, v.state, v.country LIMIT {MAX_CITIES}",
            filter.condition()
        );
        self.0.list("search.cities", move |sql| sql.all(&text, filter.values(), city)).await
    }
}

fn city(row: &Row<'_>) -> Result<City, StoreError> {
    Ok(City { name: row.next()?, state: row.next()?, country: row.next()?, events: row.next()? })
}

/// The first and the last of the days that are meant on this day.
fn days(coming: Coming, today: Date) -> (Date, Date) {
    match coming {
        Coming::Today => (today, today),
        Coming::Weekend => {
            // Monday is 1, Friday 5, Sunday 7.
            let weekday = today.weekday().to_monday_one_offset();
            let from = today.saturating_add((5 - weekday).max(0).days());
            (from, today.saturating_add((7 - weekday).days()))
        }
    }
}

/// Restricts events to these days and to those that are not over. It is another day in another time zone, so each group of zones with the
/// same day has its own condition.
pub(super) fn restrict(
    sql: &Sql<'_>,
    filter: &mut Filter,
    coming: Coming,
    now: Timestamp,
) -> Result<(), StoreError> {
    let zones: Vec<String> =
        sql.all("SELECT DISTINCT timezone FROM venues ORDER BY timezone", &[], crate::sql::cell)?;
    let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for zone in zones {
        let (from, to) = days(coming, index::local_day(now, &zone));
        groups.entry((index::day_key(from), index::day_key(to))).or_default().push(filter.bind(zone));
    }
    let mut conditions = vec!["1 = 0".to_owned()];
    for ((from, to), zones) in groups {
        let (from, to) = (filter.bind(from), filter.bind(to));
        let zones = zones.join(", ");
        conditions.push(format!(
            "(e.local_date BETWEEN {from} AND {to} AND e.venue_id IN (SELECT id FROM venues WHERE timezone IN ({zones})))"
        ));
    }
    let now = filter.bind(now);
    filter.and(format!("({}) AND e.ends_at > {now}", conditions.join(" OR ")));
    Ok(())
}

/// The order of [`super::Sort::Bookable`]. What is over comes last, the latest first.
pub(super) fn bookable_first(filter: &mut Filter, now: Timestamp) -> String {
    let status = listing::status(filter, now);
    let now = filter.bind(now);
    format!(
        "CASE WHEN e.ends_at <= {now} THEN 4 ELSE CASE ({status}) WHEN 'on_sale' THEN 0 WHEN 'upcoming' THEN 1 \
         WHEN 'sold_out' THEN 2 ELSE 3 END END, CASE WHEN e.ends_at <= {now} THEN -e.starts_at ELSE e.starts_at END, e.number"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_weekend_begins_on_friday_and_its_past_days_are_over() {
        // 30 November 2026 is a Monday.
        for (today, from, to) in [(30, 34, 36), (33, 34, 36), (34, 34, 36), (35, 35, 36), (36, 36, 36)] {
            let day = |day: i8| date(2026, 11, 30).saturating_add((i32::from(day) - 30).days());
            assert_eq!(days(Coming::Weekend, day(today)), (day(from), day(to)), "{}", day(today));
            assert_eq!(days(Coming::Today, day(today)), (day(today), day(today)));
        }
    }
}
