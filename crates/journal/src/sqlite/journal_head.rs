//! The head of the whole journal: the number of its batches, and a hash over all of them in the order of their commits.

use crate::Hash;

/// The last batch's number over all streams, and the hash chain up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct JournalHead {
    pub(super) sequence: u64,
    pub(super) chain: Hash,
}

impl JournalHead {
    /// The head after one more batch. A batch's hash covers its stream, position and payload, so the chain covers them too.
    pub(super) fn followed_by(&self, batch_hash: &Hash) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.chain);
        hasher.update(batch_hash);
        Self { sequence: self.sequence + 1, chain: *hasher.finalize().as_bytes() }
    }
}
