//! Sales at the box office.

use crate::reservations::{BestAvailable, Places};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How the customer paid.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CounterPayment)]
pub enum Payment {
    Cash,
    /// At the organizer's own card terminal
    CardTerminal,
    /// Nothing: the tickets are given away
    Complimentary,
}

/// The sale: exactly one of `seat_ids`, `seat_indexes`, `best_available` and `general_admission`, and the customer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CounterSale {
    /// These seats
    pub seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    pub seat_indexes: Option<Vec<u32>>,
    /// The best available seats, together
    pub best_available: Option<BestAvailable>,
    /// Places in sections of general admission
    pub general_admission: Option<Vec<Places>>,
    pub payment: Payment,
    /// The customer's name
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// The customer's address; the tickets are sent to it
    #[schema(max_length = 254, format = Email)]
    pub email: Option<String>,
    /// A note for the organization's own use
    #[schema(max_length = 500)]
    pub note: Option<String>,
}
