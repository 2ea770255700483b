//! The visitor's carts, as pages other than the checkout show them.

use crate::values::Instant;
use fairseat_client::{ApiClient, PageError};
use serde::Deserialize;

/// An active reservation of the visitor, shown on pages other than its checkout.
#[derive(Debug, Deserialize)]
pub(crate) struct Cart {
    pub(crate) reservation_id: String,
    pub(crate) event_id: String,
    pub(crate) expires_at: Instant,
    pub(crate) seats: Vec<ReservedSeat>,
    /// The event's name, filled in by the page that shows it.
    #[serde(skip)]
    pub(crate) event_name: Option<String>,
}

/// A seat of a cart.
#[derive(Debug, Deserialize)]
pub(crate) struct ReservedSeat {
    pub(crate) index: u32,
}

impl Cart {
    /// Whole minutes until it expires, for browsers without scripts.
    pub(crate) fn minutes_left(&self) -> i64 {
        ((self.expires_at.0.as_second() - jiff::Timestamp::now().as_second()) / 60).max(0)
    }

    /// Its end on the clocks of the venue's time zone, for browsers without scripts.
    pub(crate) fn until(&self, timezone: &str) -> String {
        self.expires_at.at(timezone).clock_and_zone()
    }

    /// Whether it has this seat.
    pub(crate) fn holds(&self, seat: u32) -> bool {
        self.seats.iter().any(|held| held.index == seat)
    }

    /// How many more tickets this visitor may take for an event that allows `most` per buyer.
    pub(crate) fn remaining(&self, most: u32) -> u32 {
        most.saturating_sub(u32::try_from(self.seats.len()).unwrap_or(u32::MAX))
    }
}

#[derive(Debug, Deserialize)]
struct CartList {
    reservations: Vec<Cart>,
}

/// The visitor's active reservations, for all events.
pub(crate) async fn carts(client: &ApiClient) -> Result<Vec<Cart>, PageError> {
    Ok(client.get::<CartList>("/users/me/reservations").await?.reservations)
}
