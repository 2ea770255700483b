//! How far the whole journal has come: a count of its batches and a hash over all of them in the order they were written.

use crate::Hash;

/// The last batch's number over all streams, and the running hash up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tip {
    pub(super) sequence: u64,
    pub(super) chain: Hash,
}

impl Tip {
    /// The tip after one more batch. A batch's own hash covers its stream, position and payload, so that the chain
    /// does as well.
    pub(super) fn followed_by(&self, batch_hash: &Hash) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.chain);
        hasher.update(batch_hash);
        Self { sequence: self.sequence + 1, chain: *hasher.finalize().as_bytes() }
    }
}
