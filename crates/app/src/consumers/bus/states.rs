//! The state of each sale at the bus' cursor.
//!
//! Facts name objects by number, and the newest state may have forgotten or changed them, so messages need the state of their time. After a
//! slice, the state at its end is kept for the next one. It shares nearly all of its memory with the engine's state while that is awake.
//! States of other sales are replayed from the journal.

use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{Machine as _, StreamSlice, WakeError, state_at};
use fairseat_journal::{Journal, Position};
use moka::sync::Cache;
use std::sync::Arc;

/// The memory of the kept states, in KiB, by the estimate of [`Sale::memory_bytes`]. If it is exceeded, states are replayed more often.
const KEPT_KIB: u64 = 64 * 1_024;

#[derive(Debug)]
pub(super) struct States {
    journal: Arc<dyn Journal>,
    kept: Cache<EventNumber, (Position, Sale)>,
}

impl States {
    pub(super) fn new(journal: Arc<dyn Journal>) -> Self {
        let kib = |_: &EventNumber, (_, sale): &(Position, Sale)| {
            u32::try_from(sale.memory_bytes().div_ceil(1_024)).unwrap_or(u32::MAX)
        };
        Self { journal, kept: Cache::builder().weigher(kib).max_capacity(KEPT_KIB).build() }
    }

    /// The state before the first batch of a slice.
    pub(super) async fn before(&self, slice: &StreamSlice) -> Result<Sale, WakeError> {
        if slice.from == Position::START {
            return Ok(Sale::empty(slice.number));
        }
        match self.kept.get(&slice.number) {
            Some((position, sale)) if position == slice.from => Ok(sale),
            Some(_) | None => Ok(state_at(&*self.journal, slice.number, slice.from).await?.state),
        }
    }

    /// Keeps the state at the end of a slice.
    pub(super) fn keep(&self, slice: &StreamSlice, sale: Sale) {
        let is_newest = slice.end == slice.published.position;
        let sale = if is_newest { slice.published.state.clone() } else { sale };
        self.kept.insert(slice.number, (slice.end, sale));
    }

    pub(super) fn forget(&self, event: EventNumber) {
        self.kept.invalidate(&event);
    }
}
