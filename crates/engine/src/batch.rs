//! The entries that a loop gathers for one append, and the ids of appends.
//!
//! What must always hold: requests wait in the order in which they were decided, behind the facts they relied on. The
//! [`MachineLoop`](crate::MachineLoop) decides when to gather and when to send.

use crate::machine::{Answer, Machine};
use bytes::Bytes;
use fairseat_domain::sale::Violation;
use fairseat_domain::time::Timestamp;
use fairseat_journal::{BatchId, DecisionTimes, Head};
use std::sync::Arc;

/// The batch ids of one awake machine: its writer number in the upper 64 bits, a counter of batches in the lower 64. A machine
/// that wakes again gets a new writer number; see [`EngineOptions::writer`](crate::EngineOptions::writer).
#[derive(Clone, Debug)]
pub struct BatchIds {
    writer: u64,
    next: u64,
}

impl BatchIds {
    /// The ids of the machine with this writer number.
    #[must_use]
    pub fn new(writer: u64) -> Self {
        Self { writer, next: 0 }
    }

    pub(crate) fn take(&mut self) -> BatchId {
        self.next = self.next.wrapping_add(1);
        BatchId((u128::from(self.writer) << 64) | u128::from(self.next))
    }
}

/// A request that is decided and whose answer may not be given yet.
pub(crate) struct DecidedRequest<T, M: Machine> {
    pub(crate) token: T,
    pub(crate) request: Box<M::Request>,
    pub(crate) answer: Answer<M>,
}

/// The entries of the next batch, to which more can be added.
pub(crate) struct OpenBatch<T, M: Machine> {
    pub(crate) changes: M::Changes,
    pub(crate) waiting: Vec<DecidedRequest<T, M>>,
    bytes: Vec<u8>,
    entries: Vec<M::Entry>,
    decided: Option<DecisionTimes>,
}

impl<T, M: Machine> OpenBatch<T, M> {
    pub(crate) fn new() -> Self {
        let (bytes, entries, waiting) = (Vec::new(), Vec::new(), Vec::new());
        Self { bytes, entries, changes: M::Changes::default(), waiting, decided: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Encoded size.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds an entry that was decided at a time.
    pub(crate) fn add(&mut self, entry: M::Entry, now: Timestamp) -> Result<(), Violation> {
        let encoded = M::encode(std::mem::take(&mut self.bytes), &entry);
        self.bytes = encoded.map_err(|error| Violation(error.to_string()))?;
        self.entries.push(entry);
        let last = now.as_millis();
        let first = self.decided.map_or(last, |decided| decided.first);
        self.decided = Some(DecisionTimes { first, last });
        Ok(())
    }

    /// The batch that leads to `state`.
    pub(crate) fn close(self, id: BatchId, state: M) -> ClosedBatch<T, M> {
        ClosedBatch {
            id,
            bytes: self.bytes.into(),
            entries: self.entries.into(),
            changes: Arc::new(self.changes),
            waiting: self.waiting,
            state,
            decided: self.decided.unwrap_or_default(),
            expected: None,
            may_be_written: false,
        }
    }
}

/// A batch with the state after it.
pub(crate) struct ClosedBatch<T, M: Machine> {
    pub(crate) id: BatchId,
    pub(crate) bytes: Bytes,
    pub(crate) entries: Arc<[M::Entry]>,
    pub(crate) changes: Arc<M::Changes>,
    pub(crate) waiting: Vec<DecidedRequest<T, M>>,
    pub(crate) state: M,
    pub(crate) decided: DecisionTimes,
    /// The head that it was sent to. A repeat names the same one, even if the published version has moved on.
    pub(crate) expected: Option<Head>,
    /// Whether the outcome of an attempt to append it is unknown.
    pub(crate) may_be_written: bool,
}
