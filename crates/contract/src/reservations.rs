//! Reservations, and the seats that a buyer asks for.

use crate::money::{JsonMoney, JsonTime, MoneyText};
use crate::seats::SeatLine;
use fairseat_domain::sale::ReservationPhase;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Active reservations, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveReservations {
    pub reservations: Vec<Reservation>,
}

/// A cancelled reservation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Released {
    pub status: ReservationStatus,
    pub seats_released: usize,
}

/// A reservation's status.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Status)]
pub enum ReservationStatus {
    Active,
    Expired,
    Cancelled,
    ConvertedToOrder,
}

impl From<ReservationPhase> for ReservationStatus {
    fn from(phase: ReservationPhase) -> Self {
        match phase {
            ReservationPhase::Active => Self::Active,
            ReservationPhase::Expired => Self::Expired,
            ReservationPhase::Cancelled => Self::Cancelled,
            ReservationPhase::Converted => Self::ConvertedToOrder,
        }
    }
}

/// A reservation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reservation {
    pub reservation_id: Uuid,
    pub event_id: Uuid,
    pub user_id: Uuid,
    pub status: ReservationStatus,
    /// In the order of the request
    pub seat_ids: Vec<Uuid>,
    /// The same seats with their details
    pub seats: Vec<SeatLine>,
    /// Whether it was extended, which is possible once
    pub extended: bool,
    /// The seats become available at exactly this time, unless a payment is in progress
    pub expires_at: JsonTime,
    /// The total, fees included
    pub total_amount: JsonMoney,
    /// The part of the total that is fees
    pub fees: JsonMoney,
    /// The currency of every amount, ISO 4217
    pub currency: String,
    pub created_at: JsonTime,
    /// The labels of free seats that these seats leave alone, although others in the same row would leave none: hard to sell. Only when the
    /// reservation is read and active
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub single_seats_left: Vec<String>,
    /// Its order, once a payment has been tried
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub order_id: Option<Uuid>,
    /// Who gets the tickets, once a guest has said so
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub contact: Option<ContactView>,
}

/// Who gets the tickets that a guest buys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contact)]
pub struct ContactView {
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
}

/// The seats to reserve, and for how long.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Reserve {
    /// These seats
    pub seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    pub seat_indexes: Option<Vec<u32>>,
    /// The best available seats, together
    pub best_available: Option<BestAvailable>,
    /// Places in sections of general admission
    pub general_admission: Option<Vec<Places>>,
    /// Whether the seats join the reservation that you have for this event, if there is one without a payment in progress. The answer is then
    /// that reservation with all its seats, and it keeps its end
    #[serde(default)]
    pub add_to_cart: bool,
    /// The duration in seconds, 60 to 900
    #[schema(default = 600, minimum = 60, maximum = 900)]
    pub hold_duration: Option<i64>,
}

/// A request for the best seats together. Unknown fields are rejected, so that a typo is not silently ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BestAvailable {
    #[schema(minimum = 1, maximum = 1000)]
    pub quantity: u32,
    /// Only in this section, by its exact name
    pub section: Option<String>,
    /// The highest price of each seat, without fees
    pub max_price: Option<MoneyText>,
    /// Whether at least one must be a wheelchair place
    #[serde(default)]
    pub accessible: bool,
}

/// A number of places in one section of general admission.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// The section's exact name
    pub section: String,
    #[schema(minimum = 1, maximum = 1000)]
    pub quantity: u32,
}

/// Seats to add to a reservation and to remove from it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CartChange {
    #[serde(default)]
    pub add_seat_ids: Vec<Uuid>,
    #[serde(default)]
    pub remove_seat_ids: Vec<Uuid>,
}
