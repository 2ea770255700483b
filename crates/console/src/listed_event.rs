//! An event in the lists of the console.

use super::layout::event_badge;
use fairseat_web::values::{Instant, Local, Money, price_range};
use serde::Deserialize;

/// The API's list of events.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct EventList {
    pub(crate) events: Vec<ListedEvent>,
    pub(crate) total: u64,
}

/// An event with the figures that the lists show.
#[derive(Debug, Deserialize)]
pub(crate) struct ListedEvent {
    pub(crate) event_id: String,
    pub(crate) name: String,
    pub(crate) venue: String,
    pub(crate) city: String,
    timezone: String,
    pub(crate) start_time: Instant,
    pub(crate) end_time: Instant,
    pub(crate) status: String,
    pub(crate) total_seats: u64,
    pub(crate) available_seats: u64,
    sold_seats: u64,
    min_price: Option<Money>,
    max_price: Option<Money>,
    currency: String,
}

impl ListedEvent {
    pub(crate) fn starts(&self) -> Local {
        self.start_time.at(&self.timezone)
    }

    pub(crate) fn badge(&self) -> (&'static str, String) {
        event_badge(&self.status, self.end_time)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.status == "cancelled"
    }

    pub(crate) fn price(&self) -> String {
        price_range(self.min_price.as_ref(), self.max_price.as_ref(), &self.currency)
            .unwrap_or_else(|| "no prices".to_owned())
    }

    /// The percentage of sold seats.
    pub(crate) fn sold(&self) -> u64 {
        (self.sold_seats * 100).checked_div(self.total_seats).unwrap_or(0)
    }
}
