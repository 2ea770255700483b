//! The bound of one answer: so many bytes, so many batches, but at least one.

use crate::Batch;
use crate::limits::MAX_READ_BATCHES;

#[derive(Debug)]
pub(crate) struct Page {
    batches: Vec<Batch>,
    bytes_left: usize,
}

impl Page {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self { batches: Vec::new(), bytes_left: max_bytes }
    }

    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        self.batches.is_empty() || (bytes <= self.bytes_left && self.batches.len() < MAX_READ_BATCHES)
    }

    pub(crate) fn push(&mut self, batch: Batch) {
        self.bytes_left = self.bytes_left.saturating_sub(batch.payload.len());
        self.batches.push(batch);
    }

    pub(crate) fn into_batches(self) -> Vec<Batch> {
        self.batches
    }
}
