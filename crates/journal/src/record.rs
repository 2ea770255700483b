//! Checksums: the hash chain that ties a stream's batches together, and the CRC that finds a damaged record.
//!
//! The chain proves that a history is complete and in order; the CRC also covers the columns beside the payload.

use crate::{BatchId, Hash, Position, StreamId};

/// The hash of a batch: `BLAKE3(previous hash ‖ stream ‖ position ‖ batch id ‖ payload)`, numbers big-endian.
///
/// The first batch of a stream follows the all-zero hash.
#[must_use]
pub fn chain_hash(
    previous: &Hash,
    stream: StreamId,
    position: Position,
    batch: BatchId,
    payload: &[u8],
) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(&stream.0.to_be_bytes());
    hasher.update(&position.0.to_be_bytes());
    hasher.update(&batch.0.to_be_bytes());
    hasher.update(payload);
    *hasher.finalize().as_bytes()
}
