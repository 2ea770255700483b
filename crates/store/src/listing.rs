//! An event as lists and its own page show it: with its venue, the counters of its view, and its status at an instant.

use crate::error::StoreError;
use crate::events::{self, Event};
use crate::scope::Scope;
use crate::sql::{Filter, Row, text_enum};
use crate::venues::{self, Venue};
use crate::views::{self, Counters};
use fairseat_domain::time::Timestamp;

text_enum! {
    /// What a buyer can expect, computed from stage, times and counters when asked.
    EventStatus {
        /// Sales have not begun.
        Upcoming = "upcoming",
        /// Seats can be bought, or are in carts and may come back. Only from the beginning of sales to their end.
        OnSale = "on_sale",
        /// Nothing can be bought and waiting for a date does not change that: nothing is available or reserved, or sales
        /// have ended. (The contract has no word for events that are over.)
        SoldOut = "sold_out",
        /// It does not take place.
        Cancelled = "cancelled",
    }
}

/// An event with what is shown beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventListing {
    /// The event.
    pub event: Event,
    /// Where.
    pub venue: Venue,
    /// From its view, milliseconds old; `None` before the first fact was seen.
    pub counters: Option<Counters>,
    /// At the instant asked about.
    pub status: EventStatus,
}

/// What the columns are read from.
pub(crate) const TABLES: &str =
    "events e JOIN venues v ON v.id = e.venue_id LEFT JOIN event_views c ON c.event = e.number";

/// What conditions speak of; every event has its venue, so counting needs no look at it.
pub(crate) const COUNTED_TABLES: &str = "events e LEFT JOIN event_views c ON c.event = e.number";

/// The columns [`read`] expects, for the status at `now`.
pub(crate) fn columns(filter: &mut Filter, now: Timestamp) -> String {
    let status = status(filter, now);
    format!("{}, {}, c.event, {}, {status}", events::COLUMNS, venues::COLUMNS, views::COUNTER_COLUMNS)
}

/// The status at `now` as an expression.
pub(crate) fn status(filter: &mut Filter, now: Timestamp) -> String {
    let now = filter.bind(now);
    format!(
        "CASE WHEN e.stage = 'cancelled' THEN 'cancelled' \
         WHEN e.on_sale_at > {now} THEN 'upcoming' \
         WHEN e.sales_end_at <= {now} THEN 'sold_out' \
         WHEN c.available = 0 AND c.reserved = 0 THEN 'sold_out' \
         ELSE 'on_sale' END"
    )
}

/// The condition that a scope may see the event.
pub(crate) fn visible(scope: &Scope, filter: &mut Filter) {
    let owned = scope.owns("e.organization_id", filter);
    filter.and(format!("e.stage IN ('ready', 'cancelled') AND (e.draft = 0 OR {owned})"));
}

pub(crate) fn read(row: &Row<'_>) -> Result<EventListing, StoreError> {
    Ok(EventListing {
        event: events::read(row)?,
        venue: venues::read(row)?,
        counters: views::read_joined_counters(row)?,
        status: row.next()?,
    })
}
