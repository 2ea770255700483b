//! Snapshots: the base state as bytes, so that a sale can be woken without replaying its whole journal.
//!
//! The journal is the truth. A snapshot that is damaged or has another format is discarded, and the journal is replayed. So
//! a snapshot may use the layout of the state's types, under a format number that changes with them.

use super::hold_limits::{GiveBack, GiveBacks};
use super::idempotency::Keys;
use super::labels::FormerLabel;
use super::pricing::{Pricing, SharedNames};
use super::seats::{SeatState, Seats};
use super::{Index, Ledger, Order, Payment, Refund, Reservation, Sale, SalePhase, Subject, Ticket};
use crate::ids::{EventNumber, ReservationNumber, TicketNumber};
use crate::planted_bugs::{Bug, planted};
use crate::seating_plan::SeatingPlan;
use crate::terms::{HoldLimits, PriceTier, Terms};
use crate::time::Timestamp;
use crate::wire::seating_plan::PlanV1;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The number of the layout below. Raise it with any change to one of its types.
pub const SNAPSHOT_FORMAT: u16 = 5;

/// Why a snapshot cannot be used or written. The journal must be replayed instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Written in another format.
    #[error("the snapshot has format {0}, not {SNAPSHOT_FORMAT}")]
    Format(u16),
    /// Its bytes are damaged.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
    /// The serializer failed, which is a bug.
    #[error("the snapshot cannot be encoded: {0}")]
    Unwritable(String),
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    event: EventNumber,
    now: Timestamp,
    phase: SalePhase,
    terms: Terms,
    tiers: Vec<PriceTier>,
    shared_names: SharedNames,
    plan: PlanV1,
    seats: Vec<SeatState>,
    reasons: Vec<Arc<str>>,
    reservations: Vec<(ReservationNumber, Reservation)>,
    next_reservation: u32,
    ended: Vec<(Timestamp, ReservationNumber)>,
    orders: Vec<Order>,
    payments: Vec<Payment>,
    refunds: Vec<Refund>,
    tickets: Vec<Ticket>,
    former_labels: Vec<(TicketNumber, Vec<FormerLabel>)>,
    ledger: Ledger,
    keys: Vec<(Timestamp, u128, u64, Subject)>,
    hold_limits: HoldLimits,
    refuse_single_seats: bool,
    give_backs: Vec<GiveBack>,
}

impl Sale {
    /// The state as bytes, after the format number.
    ///
    /// # Errors
    /// [`SnapshotError::Unwritable`] when the state cannot be encoded. The sale works without a snapshot.
    pub fn to_snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let snapshot = Snapshot {
            event: self.event,
            now: self.now,
            phase: self.phase,
            terms: (*self.terms).clone(),
            tiers: (*self.tiers).clone(),
            shared_names: self.shared_names,
            plan: PlanV1::from(&self.plan),
            seats: self.seats.states().iter().collect(),
            reasons: self.seats.reasons().iter().cloned().collect(),
            reservations: self.reservations.iter().map(|(number, kept)| (*number, kept.clone())).collect(),
            next_reservation: self.next_reservation,
            ended: self.index.ended.iter().copied().collect(),
            orders: self.orders.iter().cloned().collect(),
            payments: self.payments.iter().copied().collect(),
            refunds: self.refunds.iter().copied().collect(),
            tickets: self.tickets.iter().copied().collect(),
            former_labels: self
                .former_labels
                .iter()
                .map(|(ticket, labels)| (*ticket, labels.clone()))
                .collect(),
            ledger: self.ledger,
            keys: self.keys.iter().collect(),
            hold_limits: self.hold_limits,
            refuse_single_seats: self.refuse_single_seats,
            give_backs: self.give_backs.iter().collect(),
        };
        let bytes = SNAPSHOT_FORMAT.to_le_bytes().to_vec();
        postcard::to_extend(&snapshot, bytes).map_err(|error| SnapshotError::Unwritable(error.to_string()))
    }

    /// The state of a snapshot. Indexes and counts are computed, so that they cannot disagree with it. Seats must add up and
    /// money must sum to zero; [`Sale::check_invariants`] checks the rest.
    ///
    /// # Errors
    /// [`SnapshotError`]; the caller replays the journal instead.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let damaged = |error: &dyn std::fmt::Display| SnapshotError::Damaged(error.to_string());
        let Some((format, body)) = bytes.split_first_chunk::<2>() else {
            return Err(damaged(&"it is empty"));
        };
        let format = u16::from_le_bytes(*format);
        if format != SNAPSHOT_FORMAT {
            return Err(SnapshotError::Format(format));
        }
        let kept: Snapshot = postcard::from_bytes(body).map_err(|error| damaged(&error))?;
        let plan = SeatingPlan::try_from(kept.plan).map_err(|error| damaged(&error))?;
        let seats = Seats::new(&plan, kept.seats, kept.reasons.into()).map_err(|error| damaged(&error))?;
        let mut keys = Keys::default();
        let lost = planted(Bug::SnapshotWithoutKeys);
        for (at, key, body, subject) in kept.keys.into_iter().filter(|_| !lost) {
            keys.insert(at, key, body, subject);
        }
        let mut give_backs = GiveBacks::default();
        kept.give_backs.into_iter().for_each(|back| give_backs.note(back));
        let mut sale = Self {
            event: kept.event,
            now: kept.now,
            phase: kept.phase,
            shared_names: kept.shared_names,
            pricing: Arc::new(Pricing::new(&plan, &kept.tiers, kept.shared_names)),
            terms: Arc::new(kept.terms),
            tiers: Arc::new(kept.tiers),
            plan,
            seats,
            reservations: kept.reservations.into_iter().collect(),
            next_reservation: kept.next_reservation,
            orders: kept.orders.into(),
            payments: kept.payments.into(),
            refunds: kept.refunds.into(),
            tickets: kept.tickets.into(),
            former_labels: kept.former_labels.into_iter().collect(),
            ledger: kept.ledger,
            keys,
            hold_limits: kept.hold_limits,
            refuse_single_seats: kept.refuse_single_seats,
            give_backs,
            index: Index { ended: kept.ended.into(), ..Index::default() },
        };
        sale.index = sale.derived_index();
        sale.check().map_err(|error| damaged(&error))?;
        Ok(sale)
    }
}
