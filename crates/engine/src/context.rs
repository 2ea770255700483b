//! What an engine and the tasks of its machines share.

use crate::clock::Clock;
use crate::machine::Machine;
use crate::options::EngineOptions;
use crate::published::Committed;
use crate::registry::Registry;
use fairseat_journal::Journal;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::time::Instant;

/// Messages the feed keeps for slow followers; a follower that falls further behind reads the states instead.
const FEED_CAPACITY: usize = 4_096;
/// Snapshots being written at once.
const SNAPSHOTS_AT_ONCE: usize = 2;

pub(crate) struct Context<M: Machine> {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: EngineOptions,
    pub(crate) feed: broadcast::Sender<Arc<Committed<M>>>,
    pub(crate) registry: Registry<M>,
    /// Machines that stopped themselves, with the reason.
    pub(crate) quarantined: RwLock<BTreeMap<M::Number, String>>,
    /// Permits for writing snapshots.
    pub(crate) snapshots: Arc<Semaphore>,
    pub(crate) stopping: watch::Sender<bool>,
    /// When the engine started, on the monotonic clock.
    pub(crate) began: Instant,
}

impl<M: Machine> Context<M> {
    pub(crate) fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, options: EngineOptions) -> Self {
        Self {
            journal,
            clock,
            options,
            feed: broadcast::channel(FEED_CAPACITY).0,
            registry: Registry::new(),
            quarantined: RwLock::new(BTreeMap::new()),
            snapshots: Arc::new(Semaphore::new(SNAPSHOTS_AT_ONCE)),
            stopping: watch::Sender::new(false),
            began: Instant::now(),
        }
    }

    /// Notes why a machine stopped itself; the first reason stays.
    pub(crate) fn quarantine(&self, number: M::Number, reason: String) {
        self.quarantined.write().entry(number).or_insert(reason);
    }

    /// Those of these machines that this node serves; see [`Homes::claim`](crate::Homes::claim).
    pub(crate) async fn claim(&self, numbers: Vec<M::Number>) -> Vec<M::Number> {
        match &self.options.homes {
            Some(homes) if !numbers.is_empty() => {
                let streams = numbers.into_iter().map(M::stream).collect();
                homes.claim(streams).await.into_iter().filter_map(M::number_of).collect()
            }
            Some(_) | None => numbers,
        }
    }

    pub(crate) fn is_quarantined(&self, number: M::Number) -> bool {
        self.quarantined.read().contains_key(&number)
    }
}
