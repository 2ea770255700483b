//! A node's incarnations and its clock. A crashed node does nothing any more: its tasks wait for ever at their next step.

use crate::world::World;
use fairseat_domain::time::Timestamp;
use fairseat_engine::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::Semaphore;

/// One incarnation of a node: the time from one start to its crash.
#[derive(Debug)]
pub(crate) struct Incarnation {
    world: Arc<World>,
    pub(crate) node: usize,
    /// Closed when the incarnation ends, which wakes all tasks that wait for a permit.
    end: Semaphore,
}

impl Incarnation {
    pub(crate) fn new(world: Arc<World>, node: usize) -> Arc<Self> {
        Arc::new(Self { world, node, end: Semaphore::new(0) })
    }

    pub(crate) fn is_over(&self) -> bool {
        self.end.is_closed()
    }

    pub(crate) fn end(&self, why: &str) {
        if !self.is_over() {
            self.world.note(format_args!("node {} dies: {why}", self.node));
            self.end.close();
        }
    }

    /// Resolves when the incarnation is over.
    pub(crate) async fn ended(&self) {
        // No permit is ever given: this returns when the semaphore closes.
        drop(self.end.acquire().await);
    }

    /// A point at which the node may crash; a crashed node never passes it.
    pub(crate) async fn crash_point(&self, point: &'static str) {
        if !self.is_over() && self.world.crashes_at(point) {
            self.end(point);
        }
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}

/// A node's clock: true time plus an error.
#[derive(Debug)]
pub(crate) struct SkewedClock {
    world: Arc<World>,
    error_ms: AtomicI64,
    least_ms: AtomicI64,
    most_ms: AtomicI64,
}

impl SkewedClock {
    pub(crate) fn new(world: Arc<World>, error_ms: i64) -> Arc<Self> {
        let [error_ms, least_ms, most_ms] = [error_ms; 3].map(AtomicI64::new);
        Arc::new(Self { world, error_ms, least_ms, most_ms })
    }

    /// Sets the clock's error.
    pub(crate) fn jump(&self, error_ms: i64) {
        self.error_ms.store(error_ms, Ordering::Relaxed);
        self.least_ms.fetch_min(error_ms, Ordering::Relaxed);
        self.most_ms.fetch_max(error_ms, Ordering::Relaxed);
    }

    /// The earliest time it may have shown at this true time.
    pub(crate) fn least(&self, true_ms: i64) -> i64 {
        true_ms + self.least_ms.load(Ordering::Relaxed)
    }

    /// The latest time it may have shown at this true time.
    pub(crate) fn most(&self, true_ms: i64) -> i64 {
        true_ms + self.most_ms.load(Ordering::Relaxed)
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.world.now() + self.error_ms.load(Ordering::Relaxed))
    }
}
