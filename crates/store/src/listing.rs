//! An event with its venue, the figures of its view and its status at a given time, for lists and for the event's page.

use crate::error::StoreError;
use crate::events::{self, Event};
use crate::scope::Scope;
use crate::sql::{Filter, Row, text_enum};
use crate::venues::{self, Venue};
use crate::views::{self, SaleFigures};
use fairseat_domain::time::Timestamp;

text_enum! {
    /// An event's status for buyers, computed from lifecycle, times and figures in each query.
    EventStatus {
        /// Sales have not begun.
        Upcoming = "upcoming",
        /// Sales are open, and seats are available or may become available again because they are only reserved.
        OnSale = "on_sale",
        /// All seats are sold or blocked, or sales have ended. (The API has no status of its own for past events.)
        SoldOut = "sold_out",
        /// The event is cancelled.
        Cancelled = "cancelled",
    }
}

/// An event with everything that lists show about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventListing {
    /// The event.
    pub event: Event,
    /// The venue.
    pub venue: Venue,
    /// The view's figures, milliseconds old; `None` before the view has seen the first fact.
    pub figures: Option<SaleFigures>,
    /// The status at the time of the query.
    pub status: EventStatus,
}

/// The tables of [`columns`].
pub(crate) const TABLES: &str =
    "events e JOIN venues v ON v.id = e.venue_id LEFT JOIN event_views c ON c.event = e.number";

/// The tables for counting: conditions use no column of the venue, and every event has exactly one.
pub(crate) const COUNTED_TABLES: &str = "events e LEFT JOIN event_views c ON c.event = e.number";

/// The columns [`read`] expects, for the status at `now`.
pub(crate) fn columns(filter: &mut Filter, now: Timestamp) -> String {
    let status = status(filter, now);
    format!("{}, {}, c.event, {}, {status}", events::COLUMNS, venues::COLUMNS, views::FIGURE_COLUMNS)
}

/// An SQL expression for the status at `now`.
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

/// The condition that the scope may see the event.
pub(crate) fn visible(scope: &Scope, filter: &mut Filter) {
    let owned = scope.owns("e.organization_id", filter);
    filter.and(format!("e.stage IN ('ready', 'cancelled') AND (e.draft = 0 OR {owned})"));
}

pub(crate) fn read(row: &Row<'_>) -> Result<EventListing, StoreError> {
    Ok(EventListing {
        event: events::read(row)?,
        venue: venues::read(row)?,
        figures: views::read_joined_figures(row)?,
        status: row.next()?,
    })
}
