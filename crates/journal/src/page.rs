//! One answer to a read: bounded by bytes and by batches, but never without the first batch.

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

#[cfg(test)]
mod tests {
    use super::Page;
    use crate::limits::MAX_READ_BATCHES;
    use crate::{Batch, BatchId, Hash, Position};
    use bytes::Bytes;

    /// How many batches with payloads of this size fit on a page.
    fn fits(max_bytes: usize, payload: usize) -> usize {
        let payload = Bytes::from(vec![0; payload]);
        let mut page = Page::new(max_bytes);
        while page.has_room_for(payload.len()) && page.batches.len() <= MAX_READ_BATCHES {
            let (position, batch, hash) = (Position(1), BatchId(1), Hash::default());
            page.push(Batch { position, batch, payload: payload.clone(), hash });
        }
        page.into_batches().len()
    }

    #[test]
    fn a_page_is_full_at_its_bytes_or_at_4096_batches_and_holds_at_least_one() {
        assert_eq!(fits(10, 5), 2);
        assert_eq!(fits(9, 5), 1);
        assert_eq!(fits(0, 5), 1);
        assert_eq!(fits(usize::MAX, 0), 4_096);
    }
}
