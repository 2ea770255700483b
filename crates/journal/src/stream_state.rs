//! What a journal knows of a stream beside its batches, so that a stream can be moved to another journal.

use crate::{Batch, Deadline, Head, Position, StreamId};

/// A stream without its batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamState {
    /// The stream.
    pub stream: StreamId,
    /// Its head.
    pub head: Head,
    /// When its machine must be woken.
    pub deadline: Deadline,
    /// How far each consumer has read it, by the consumer's name. Consumers that never reported a cursor are missing.
    pub cursors: Vec<(String, Position)>,
}

/// The next batches of a stream that is being moved.
#[derive(Clone, Debug)]
pub struct StreamPart {
    /// The stream.
    pub stream: StreamId,
    /// Batches, in order, which follow those that were moved before.
    pub batches: Vec<Batch>,
    /// The stream's state, if these are its last batches.
    pub end: Option<StreamState>,
}
