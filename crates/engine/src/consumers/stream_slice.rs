//! The input of a consumer: the batches of one stream after a position, with the state they lead to.

use crate::machine::Machine;
use crate::published::{Committed, Published, Writer};
use fairseat_domain::Sale;
use fairseat_journal::Position;
use std::sync::Arc;

/// The most entries of one stream that are kept in memory for a consumer; if there are more, it reads them from the journal.
const MAX_ENTRIES: usize = 50_000;

/// Everything that became durable in one machine after a position, up to a published version.
#[derive(Debug)]
pub struct StreamSlice<M: Machine = Sale> {
    /// The machine whose stream it is.
    pub number: M::Number,
    /// The position before the first batch: the consumer's cursor.
    pub from: Position,
    /// The position of the last batch. It is the published version's, unless the consumer bounds its slices
    /// ([`max_slice_bytes`](super::Consumer::max_slice_bytes)).
    pub end: Position,
    /// A version at or after the last batch. It is newer than most of the facts here, and may no longer have an object
    /// that an early fact names, such as a reservation that ended a day ago.
    pub published: Arc<Published<M>>,
    pub(super) batches: Vec<Arc<[M::Entry]>>,
}

impl<M: Machine> StreamSlice<M> {
    /// The entries, in order; none if the consumer said that it needs none.
    pub fn entries(&self) -> impl Iterator<Item = &M::Entry> + Clone + Send {
        self.batches.iter().flat_map(|batch| batch.iter())
    }

    /// As [`Self::entries`], each with the position of its batch in the journal and its place in the batch. Together these identify an
    /// entry for ever.
    pub fn placed_entries(&self) -> impl Iterator<Item = (Position, usize, &M::Entry)> + Clone + Send {
        let positions = (self.from.0.saturating_add(1)..).map(Position);
        let batches = positions.zip(&self.batches);
        batches.flat_map(|(position, batch)| {
            batch.iter().enumerate().map(move |(place, entry)| (position, place, entry))
        })
    }
}

/// Batches that the feed announced one after the other. Always true: `batches` holds every batch after `from` up to the
/// published position.
#[derive(Debug)]
pub(super) struct AnnouncedBatches<M: Machine> {
    pub(super) from: Position,
    published: Arc<Published<M>>,
    batches: Vec<Arc<[M::Entry]>>,
    entries: usize,
}

/// Not derived, because `derive` would require `M::Entry: Clone`. A clone shares the entries.
impl<M: Machine> Clone for AnnouncedBatches<M> {
    fn clone(&self) -> Self {
        let (published, batches) = (self.published.clone(), self.batches.clone());
        Self { from: self.from, published, batches, entries: self.entries }
    }
}

impl<M: Machine> AnnouncedBatches<M> {
    /// `None` for the announcement that a machine has woken, which has no batch, and for batches that another process appended: its runner
    /// gives them to its consumers. If that process dies first, the search for streams that are behind finds them.
    pub(super) fn of(committed: &Committed<M>) -> Option<Self> {
        if committed.writer == Writer::Another {
            return None;
        }
        let from = Position(committed.published.position.0.checked_sub(1)?);
        let batch = committed.entries.clone();
        let (entries, published) = (batch.len(), committed.published.clone());
        (entries > 0).then(|| Self { from, published, batches: vec![batch], entries })
    }

    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    /// Adds batches that were announced later. If a batch between them is missing, or there are too many, the earlier ones are
    /// dropped: consumers read them from the journal.
    pub(super) fn append(&mut self, later: &Self) {
        if later.published.position <= self.published.position {
            return;
        }
        let continues = later.from == self.published.position;
        self.published = later.published.clone();
        if continues && self.entries.saturating_add(later.entries) <= MAX_ENTRIES {
            self.batches.extend(later.batches.iter().cloned());
            self.entries = self.entries.saturating_add(later.entries);
        } else {
            (self.from, self.batches, self.entries) = (later.from, later.batches.clone(), later.entries);
        }
    }

    /// Drops the batches; consumers read them from the journal.
    pub(super) fn clear(&mut self) {
        (self.from, self.batches, self.entries) = (self.published.position, Vec::new(), 0);
    }

    /// The batches after a cursor, which may be none; `None` if some must be read from the journal.
    pub(super) fn after(&self, number: M::Number, cursor: Position) -> Option<StreamSlice<M>> {
        let skipped = usize::try_from(cursor.0.checked_sub(self.from.0)?).ok()?;
        let batches = self.batches.get(skipped..).unwrap_or_default().to_vec();
        let (end, published) = (self.published.position, self.published.clone());
        Some(StreamSlice { number, from: cursor, end, published, batches })
    }
}
