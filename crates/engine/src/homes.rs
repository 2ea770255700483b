//! Which node serves a machine, when several nodes share a journal.
//!
//! It is for speed alone. Two nodes that serve the same machine are safe, because only one append wins, but each reads and decides again what
//! the other wrote, and both call the payment provider.

use fairseat_domain::time::Timestamp;
use fairseat_journal::StreamId;
use futures::future::BoxFuture;
use std::fmt::Debug;

/// The nodes that share a journal, as one of them sees them.
pub trait Homes: Debug + Send + Sync + 'static {
    /// Those of these streams whose machines this node serves from now on: it does already, or no other live node does. Also those for which
    /// that cannot be found out, since a machine that two nodes serve is slow and one that nobody serves stands still.
    fn claim(&self, streams: Vec<StreamId>) -> BoxFuture<'_, Vec<StreamId>>;

    /// Since when this node alone serves the machine, as far as it knows; `None` if another one does, or may not have finished yet. Work that began before on a node that does not
    /// serve it any more has probably been left undone.
    fn since(&self, stream: StreamId) -> Option<Timestamp>;

    /// The machine fell asleep on this node, so another node may serve it next.
    fn release(&self, stream: StreamId);
}
