//! The engine's settings.

use crate::doorbell::Doorbell;
use crate::homes::Homes;
use std::sync::Arc;
use std::time::Duration;

/// The engine's settings.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The most requests of one machine that wait to be decided, and the most that are decided and wait to be durable;
    /// more are refused at once.
    pub mailbox: usize,
    /// Machines awake at once; more are refused until some fall asleep.
    pub max_awake: usize,
    /// The memory, in bytes and by estimate, above which machines that were not used for longest are asked to fall asleep before another is
    /// woken. Machines that must stay awake may take as much again; beyond that, waking is refused.
    pub awake_bytes: usize,
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
    /// Which node serves a machine; `None` when this process serves all of them, or the nodes do not know each other.
    pub homes: Option<Arc<dyn Homes>>,
    /// Tells other processes what this one appended; `None` when they ask the journal from time to time.
    pub doorbell: Option<Arc<dyn Doorbell>>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            mailbox: 8_192,
            max_awake: 10_000,
            awake_bytes: 256 << 20,
            idle_after: Duration::from_secs(300),
            snapshot_every: 50_000,
            writer: 0,
            shared: false,
            homes: None,
            doorbell: None,
        }
    }
}
