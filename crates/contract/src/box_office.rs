//! Sales at the counter.

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
    /// At a terminal of the organizer's own
    CardTerminal,
    /// Nothing: the tickets are a present
    Complimentary,
}

/// What is sold to whom: exactly one of `seat_ids`, `seat_indexes`, `best_available` and `general_admission`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CounterSale {
    /// These seats
    pub seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    pub seat_indexes: Option<Vec<u32>>,
    /// The best seats that are free, together
    pub best_available: Option<BestAvailable>,
    /// So many places in sections without numbered seats
    pub general_admission: Option<Vec<Places>>,
    pub payment: Payment,
    /// The customer's
    #[schema(max_length = 200)]
    pub name: Option<String>,
    /// The customer's: their tickets are sent there
    #[schema(max_length = 254, format = Email)]
    pub email: Option<String>,
    /// For the organization's own use
    #[schema(max_length = 500)]
    pub note: Option<String>,
}
