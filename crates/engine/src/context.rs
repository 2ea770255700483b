//! What an engine and the tasks of its machines share.

use crate::clock::Clock;
use crate::machine::Machine;
use crate::published::Committed;
use crate::registry::Registry;
use fairseat_journal::Journal;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast, watch};

/// The engine's settings.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The most requests of one machine that wait to be decided, and the most that are decided and wait to be durable;
    /// more are refused at once.
    pub mailbox: usize,
    /// Machines awake at once; more are refused until some fall asleep.
    pub max_awake: usize,
    /// A machine with nothing to do falls asleep after this time without requests.
    pub idle_after: Duration,
    /// Facts between two snapshots of a machine, and so about the most that waking it replays.
    pub snapshot_every: u64,
    /// Writer number of the first machine that wakes; each later one takes the next number. It must be random, so that engines
    /// that write the same streams do not use the same batch ids.
    pub writer: u64,
    /// Whether other processes may write the same streams. Then the journal is asked for new batches before each round of
    /// requests. Otherwise an answer that appends nothing, such as a refusal, could come from a state that is out of date.
    pub shared: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            mailbox: 8_192,
            max_awake: 10_000,
            idle_after: Duration::from_secs(300),
            snapshot_every: 50_000,
            writer: 0,
            shared: false,
        }
    }
}

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
        }
    }

    /// Notes why a machine stopped itself; the first reason stays.
    pub(crate) fn quarantine(&self, number: M::Number, reason: String) {
        self.quarantined.write().entry(number).or_insert(reason);
    }

    pub(crate) fn is_quarantined(&self, number: M::Number) -> bool {
        self.quarantined.read().contains_key(&number)
    }
}
