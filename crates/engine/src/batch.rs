//! What a loop gathers for one append, and how appends are named.
//!
//! What must always hold: requests wait in the order they were decided in, behind the facts they relied on. When to gather
//! and when to send is [`SaleLoop`](crate::SaleLoop)'s.

use bytes::Bytes;
use fairseat_domain::entry::Entry;
use fairseat_domain::sale::{Changes, Decision, Request, Violation};
use fairseat_domain::{Refusal, Sale, wire};
use fairseat_journal::BatchId;
use std::sync::Arc;

/// Batch ids that no two writers share: a random half for the writer, a counter for the batch.
#[derive(Clone, Debug)]
pub struct BatchIds {
    writer: u64,
    next: u64,
}

impl BatchIds {
    /// Ids of the writer with this random number.
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
pub(crate) struct Waiting<T> {
    pub(crate) token: T,
    pub(crate) request: Box<Request>,
    pub(crate) answer: Result<Decision, Refusal>,
}

/// Entries gathered for the next append.
pub(crate) struct Gathering<T> {
    pub(crate) changes: Changes,
    pub(crate) waiting: Vec<Waiting<T>>,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl<T> Gathering<T> {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), entries: Vec::new(), changes: Changes::default(), waiting: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Encoded size.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn add(&mut self, entry: Entry) -> Result<(), Violation> {
        let batch = std::mem::take(&mut self.bytes);
        let added = if batch.is_empty() {
            wire::encode_batch(std::slice::from_ref(&entry))
        } else {
            wire::append_entry(batch, &entry)
        };
        self.bytes = added.map_err(|error| Violation(error.to_string()))?;
        self.entries.push(entry);
        Ok(())
    }

    /// The batch that leads to `sale`.
    pub(crate) fn close(self, id: BatchId, sale: Sale) -> Closed<T> {
        Closed {
            id,
            bytes: self.bytes.into(),
            entries: self.entries.into(),
            changes: Arc::new(self.changes),
            waiting: self.waiting,
            sale,
        }
    }
}

/// A batch with the state after it.
pub(crate) struct Closed<T> {
    pub(crate) id: BatchId,
    pub(crate) bytes: Bytes,
    pub(crate) entries: Arc<[Entry]>,
    pub(crate) changes: Arc<Changes>,
    pub(crate) waiting: Vec<Waiting<T>>,
    pub(crate) sale: Sale,
}
