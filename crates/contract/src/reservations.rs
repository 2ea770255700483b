//! Reservations, and which seats a buyer asks for.

use crate::money::{JsonMoney, JsonTime, MoneyText};
use crate::seats::SeatLine;
use fairseat_domain::sale::ReservationPhase;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Reservations whose time runs, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveReservations {
    pub reservations: Vec<Reservation>,
}

/// A reservation given back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Released {
    pub status: ReservationStatus,
    pub seats_released: usize,
}

/// How far a reservation got.
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
    /// In the order asked
    pub seat_ids: Vec<Uuid>,
    /// The same seats, described
    pub seats: Vec<SeatLine>,
    /// Whether it was given more time, which happens once
    pub extended: bool,
    /// The seats come back exactly then, unless a payment is under way
    pub expires_at: JsonTime,
    /// All-in
    pub total_amount: JsonMoney,
    /// The part of the total that is fees
    pub fees: JsonMoney,
    /// ISO 4217
    pub currency: String,
    pub created_at: JsonTime,
    /// Its order, once somebody tried to pay
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub order_id: Option<Uuid>,
}

/// Which seats, and for how long.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Reserve {
    /// These seats
    pub seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    pub seat_indexes: Option<Vec<u32>>,
    /// The best seats that are free, together
    pub best_available: Option<BestAvailable>,
    /// So many places in sections without numbered seats
    pub general_admission: Option<Vec<Places>>,
    /// In seconds, 60 to 900
    #[schema(default = 600, minimum = 60, maximum = 900)]
    pub hold_duration: Option<i64>,
}

/// Asks for the best seats together. Unknown fields are rejected, so that a typo is not silently ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BestAvailable {
    #[schema(minimum = 1, maximum = 1000)]
    pub quantity: u32,
    /// Only in this section, by its exact name
    pub section: Option<String>,
    /// Each seat at most at this price, fees left out
    pub max_price: Option<MoneyText>,
    /// At least one fit for a wheelchair
    #[serde(default)]
    pub accessible: bool,
}

/// Places in one section of general admission.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// By its exact name
    pub section: String,
    #[schema(minimum = 1, maximum = 1000)]
    pub quantity: u32,
}

/// Seats to put into the cart and to take out.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CartChange {
    #[serde(default)]
    pub add_seat_ids: Vec<Uuid>,
    #[serde(default)]
    pub remove_seat_ids: Vec<Uuid>,
}
