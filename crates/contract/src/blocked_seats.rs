//! Seats that an organizer withholds from sale.

use crate::money::JsonTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The seats to block or unblock: either `seat_ids` or `seat_indexes`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SeatList {
    /// These seats
    pub seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    pub seat_indexes: Option<Vec<u32>>,
    /// When blocking: a label for the organizer's own use, such as `press`; it is stored for ever, so never enter a person's name
    #[schema(max_length = 64)]
    pub reason: Option<String>,
}

/// The number of seats that were blocked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Blocked {
    pub blocked: usize,
}

/// The number of seats that were unblocked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unblocked {
    pub unblocked: usize,
}

/// Seats that are withheld, in the plan's order.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedSeats {
    pub event_id: Uuid,
    /// The version of the sale that this shows; see `availability`
    pub version: u64,
    pub total: usize,
    pub seats: Vec<BlockedSeat>,
    /// Who last blocked seats of this event for each reason, the newest first; may be a moment behind the seats
    pub reasons: Vec<BlockedFor>,
}

/// Who last blocked seats for a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedFor {
    /// The organizer's label; empty if none was given
    pub reason: String,
    pub blocked_by: String,
    pub blocked_at: JsonTime,
}

/// A seat that is withheld.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedSeat {
    pub seat_id: Uuid,
    pub index: u32,
    pub section: String,
    pub row: String,
    pub number: String,
    /// The seat's name, such as `Floor A-1`
    pub label: String,
    /// `organizer`: blocked by the organizer; `unpriced`: has no price; `removed`: no longer in the plan
    pub kind: &'static str,
    /// The organizer's label; empty if none was given
    pub reason: String,
}
