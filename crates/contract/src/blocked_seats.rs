//! Seats that an organizer keeps from sale.

use crate::money::JsonTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which seats.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SeatList {
    /// These seats
    pub seat_ids: Option<Vec<Uuid>>,
    /// These seats, by their indexes in the map
    pub seat_indexes: Option<Vec<u32>>,
    /// When blocking: a label for the organizer's own use, such as `press`; kept for ever, so never a person's name
    #[schema(max_length = 64)]
    pub reason: Option<String>,
}

/// How many seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct Blocked {
    pub blocked: usize,
}

/// How many seats.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unblocked {
    pub unblocked: usize,
}

/// Seats that are withheld, in the plan's order.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedSeats {
    pub event_id: Uuid,
    /// The version of the sale this shows; see `availability`
    pub version: u64,
    pub total: usize,
    pub seats: Vec<BlockedSeat>,
    /// Who last blocked seats of this event for each reason, the newest first; a moment behind the seats
    pub reasons: Vec<BlockedFor>,
}

/// Who last blocked seats for a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockedFor {
    /// What the organizer said; empty where nothing was
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
    /// `Floor A-1`
    pub label: String,
    /// `organizer` has blocked it; `unpriced` has no price; `removed` is no longer in the plan
    pub kind: &'static str,
    /// What the organizer said; empty where nothing was
    pub reason: String,
}
