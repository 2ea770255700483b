//! A map whose keys are keyed hashes already, so that no look-up hashes them a second time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by 64-bit hash. The hash must be keyed with a secret: then callers cannot provoke collisions, and two callers share a key by chance
/// only, once in 2⁶⁴ pairs.
pub(crate) type HashedMap<T> = HashMap<u64, T, BuildHasherDefault<Unchanged>>;

/// Returns the key as its hash.
#[derive(Debug, Default)]
pub(crate) struct Unchanged(u64);

impl Hasher for Unchanged {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
