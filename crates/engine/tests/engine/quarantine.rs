//! A sale that cannot go on stops alone.

use crate::controlled_journal::ControlledJournal;
use crate::support::{EVENT, TokioClock, append_foreign, at, engine, opened, reserve, reserved, until_idle};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Clock, Engine, EngineOptions, Fault};
use fairseat_journal::MemoryJournal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const OTHER: EventNumber = EventNumber(8);

#[tokio::test(start_paused = true)]
async fn a_journal_of_a_newer_program_is_not_touched() {
    let journal = ControlledJournal::new();
    let first = engine(&journal, EngineOptions::default());
    opened(&first, EVENT, 1, 5).await;
    append_foreign(&*journal.inside, EVENT, vec![99, 1, 2]);
    let engine = engine(&journal, EngineOptions::default());
    assert_eq!(engine.sale(EVENT).await.err(), Some(Fault::Quarantined));
    let reads = journal.reads.lock().len();
    assert_eq!(engine.submit_system(EVENT, reserve(1, &[0])).await.err(), Some(Fault::Quarantined));
    assert_eq!(journal.reads.lock().len(), reads, "not replayed again for each caller");
    assert!(engine.quarantined()[&EVENT].contains("version 99"));
    assert_eq!(engine.awake(), 0);
    opened(&engine, OTHER, 1, 5).await;
    reserved(&engine, OTHER, 1, &[0]).await;
}

#[tokio::test(start_paused = true)]
async fn a_sale_that_stops_itself_can_be_read_and_stays_stopped() {
    let journal = Arc::new(MemoryJournal::new());
    let engine = engine(&journal, EngineOptions::default());
    opened(&engine, EVENT, 1, 5).await;
    append_foreign(&*journal, EVENT, vec![99]);
    assert_eq!(engine.submit_system(EVENT, reserve(1, &[0])).await.err(), Some(Fault::Quarantined));
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(engine.submit_system(EVENT, reserve(1, &[0])).await.err(), Some(Fault::Quarantined));
    assert_eq!(engine.sale(EVENT).await.unwrap().published().position.0, 1);
    assert_eq!(engine.quarantined().len(), 1);
    opened(&engine, OTHER, 1, 5).await;
    engine.stop().await;
}

/// A clock in which a bug can be planted.
#[derive(Debug)]
struct Trap {
    clock: Arc<TokioClock>,
    armed: AtomicBool,
}

impl Clock for Trap {
    fn now(&self) -> Timestamp {
        assert!(!self.armed.swap(false, Ordering::Relaxed), "a bug");
        self.clock.now()
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_stops_no_other_sale() {
    let trap = Arc::new(Trap { clock: TokioClock::starting(at(0)), armed: AtomicBool::new(false) });
    let engine = Engine::new(Arc::new(MemoryJournal::new()), trap.clone(), EngineOptions::default());
    opened(&engine, EVENT, 1, 5).await;
    opened(&engine, OTHER, 1, 5).await;
    let mut versions = engine.sale(EVENT).await.unwrap().watch();
    versions.mark_unchanged();
    until_idle().await;
    trap.armed.store(true, Ordering::Relaxed);
    assert_eq!(engine.submit_system(EVENT, reserve(1, &[0])).await.err(), Some(Fault::Unavailable));
    assert!(versions.changed().await.is_err(), "the watch ends");
    assert_eq!(engine.submit_system(EVENT, reserve(1, &[0])).await.err(), Some(Fault::Quarantined));
    assert_eq!(engine.quarantined().keys().collect::<Vec<_>>(), [&EVENT]);
    assert_eq!(engine.awake(), 1, "no dead handle is left");
    reserved(&engine, OTHER, 1, &[0]).await;
    engine.stop().await;
}
