//! Decides when a snapshot of a machine is due, and writes it in the background.

use crate::background::spawn_cpu_bound;
use crate::machine::Machine;
use crate::published::Published;
use bytes::Bytes;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_journal::Journal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The least time between two snapshots of one machine, however busy it is: the cost of writing one grows with the whole
/// state.
const PAUSE: Duration = Duration::from_secs(10);
/// A machine that falls asleep writes a snapshot if at least `every` divided by this number of facts followed the last one.
const AT_REST: u64 = 8;

/// When the snapshots of one machine are written.
pub(crate) struct SnapshotSchedule {
    /// Facts between two snapshots.
    every: u64,
    /// Facts since the last snapshot, which waking would have to replay.
    facts: u64,
    last: Option<Instant>,
    running: Arc<AtomicBool>,
    /// Bounds the snapshots of all machines that are written at one time.
    permits: Arc<Semaphore>,
}

impl SnapshotSchedule {
    pub(crate) fn new(every: u64, replayed: u64, permits: Arc<Semaphore>) -> Self {
        Self { every: every.max(1), facts: replayed, last: None, running: Arc::default(), permits }
    }

    /// Counts facts that became durable.
    pub(crate) fn note(&mut self, facts: usize) {
        self.facts = self.facts.saturating_add(u64::try_from(facts).unwrap_or(u64::MAX));
    }

    /// A future that writes a snapshot, if one is due.
    pub(crate) fn due<M: Machine>(
        &mut self,
        journal: &Arc<dyn Journal>,
        published: &Arc<Published<M>>,
    ) -> Option<impl Future<Output = ()> + use<M>> {
        let rested = self.last.is_none_or(|last| last.elapsed() >= PAUSE);
        let due = self.facts >= self.every && rested && !self.running.load(Ordering::Acquire);
        due.then(|| self.write(journal, published))
    }

    /// A future that writes a snapshot when the machine falls asleep, if enough facts have followed the last one.
    pub(crate) fn at_rest<M: Machine>(
        &mut self,
        journal: &Arc<dyn Journal>,
        published: &Arc<Published<M>>,
    ) -> Option<impl Future<Output = ()> + use<M>> {
        (self.facts >= self.every.div_ceil(AT_REST)).then(|| self.write(journal, published))
    }

    fn write<M: Machine>(
        &mut self,
        journal: &Arc<dyn Journal>,
        published: &Arc<Published<M>>,
    ) -> impl Future<Output = ()> + use<M> {
        self.facts = 0;
        self.last = Some(Instant::now());
        self.running.store(true, Ordering::Release);
        let (journal, published) = (journal.clone(), published.clone());
        let (running, permits) = (self.running.clone(), self.permits.clone());
        async move {
            let permit = permits.acquire().await;
            put(&*journal, published).await;
            drop(permit);
            running.store(false, Ordering::Release);
        }
    }
}

async fn put<M: Machine>(journal: &dyn Journal, published: Arc<Published<M>>) {
    let (number, mut head) = (published.state.number(), published.head());
    let error = match spawn_cpu_bound(move || published.state.to_snapshot()).await {
        Ok(Ok(bytes)) => {
            if planted(Bug::SnapshotUnderNewestHead) {
                tokio::time::sleep(Duration::from_secs(1)).await;
                head = journal.head(M::stream(number)).await.unwrap_or(head);
            }
            match journal.put_snapshot(M::stream(number), head, Bytes::from(bytes)).await {
                Ok(()) => return,
                Err(error) => error.to_string(),
            }
        }
        Ok(Err(error)) => error,
        Err(error) => error.to_string(),
    };
    tracing::warn!(machine = M::NAME, %number, error, "the snapshot was not written");
}
