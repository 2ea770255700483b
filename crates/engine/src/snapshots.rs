//! When a sale's snapshot is due, and writing it without keeping anybody waiting.

use crate::Published;
use crate::heavy::spawn_heavy;
use crate::wake::stream_of;
use bytes::Bytes;
use fairseat_domain::planted::{Bug, planted};
use fairseat_journal::Journal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Between two snapshots of one sale at least, however busy it is: writing one costs in proportion to the whole sale.
const PAUSE: Duration = Duration::from_secs(10);
/// A sale that falls asleep leaves a snapshot if this part of what makes one due has come together.
const AT_REST: u64 = 8;

/// The snapshots of one sale.
pub(crate) struct Snapshots {
    /// Facts between two of them.
    every: u64,
    /// Facts that waking would have to replay.
    facts: u64,
    last: Option<Instant>,
    running: Arc<AtomicBool>,
    /// Snapshots of all sales being written at one time.
    permits: Arc<Semaphore>,
}

impl Snapshots {
    pub(crate) fn new(every: u64, replayed: u64, permits: Arc<Semaphore>) -> Self {
        Self { every: every.max(1), facts: replayed, last: None, running: Arc::default(), permits }
    }

    /// Notes that facts became durable.
    pub(crate) fn note(&mut self, facts: usize) {
        self.facts = self.facts.saturating_add(u64::try_from(facts).unwrap_or(u64::MAX));
    }

    /// The writing of a snapshot, if one is due.
    pub(crate) fn due(
        &mut self,
        journal: &Arc<dyn Journal>,
        published: &Arc<Published>,
    ) -> Option<impl Future<Output = ()> + use<>> {
        let rested = self.last.is_none_or(|last| last.elapsed() >= PAUSE);
        let due = self.facts >= self.every && rested && !self.running.load(Ordering::Acquire);
        due.then(|| self.write(journal, published))
    }

    /// The writing of a sleeping sale's snapshot, if it is worth it.
    pub(crate) fn at_rest(
        &mut self,
        journal: &Arc<dyn Journal>,
        published: &Arc<Published>,
    ) -> Option<impl Future<Output = ()> + use<>> {
        (self.facts >= self.every.div_ceil(AT_REST)).then(|| self.write(journal, published))
    }

    fn write(
        &mut self,
        journal: &Arc<dyn Journal>,
        published: &Arc<Published>,
    ) -> impl Future<Output = ()> + use<> {
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

async fn put(journal: &dyn Journal, published: Arc<Published>) {
    let (event, position) = (published.sale.event(), published.position);
    let position = if planted(Bug::SnapshotOneAhead) { position.next() } else { position };
    match spawn_heavy(move || published.sale.to_snapshot()).await {
        Ok(Ok(bytes)) => {
            if let Err(error) = journal.put_snapshot(stream_of(event), position, Bytes::from(bytes)).await {
                tracing::warn!(event = event.0, %error, "snapshot not kept");
            }
        }
        Ok(Err(error)) => tracing::warn!(event = event.0, %error, "snapshot not written"),
        Err(error) => tracing::warn!(event = event.0, %error, "snapshot job ended"),
    }
}
