//! Tells other processes that a stream has new batches.
//!
//! It is for speed alone: who hears it reads the journal, and who does not hear it reads the journal a little later. So it may be silent, late, or ring
//! for nothing.

use fairseat_journal::StreamId;
use std::fmt::Debug;

/// A way to tell other processes that a stream has new batches. What they hear reaches their engine by [`Engine::heard_of`](crate::Engine::heard_of).
pub trait Doorbell: Debug + Send + Sync + 'static {
    /// This engine has appended to the stream. Returns at once: the machine's task calls it between two appends.
    fn ring(&self, stream: StreamId);
}
