//! A standby was promoted without the last batches: what the engine knows of them is dropped, and the new history is read.

use crate::support::{EVENT, append_foreign, cancel, engine, opened, reserve, reserved, until_idle, yes};
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::sale::SeatState;
use fairseat_engine::{Engine, EngineOptions, Fault, stream_of};
use fairseat_journal::{Journal, MemoryJournal, Position};
use std::collections::BTreeMap;
use std::sync::Arc;

fn options(shared: bool) -> EngineOptions {
    EngineOptions { shared, snapshot_every: 2, ..EngineOptions::default() }
}

/// A sale with three batches, of which the last one, a reservation of seat 1, is lost.
async fn promoted(options: EngineOptions) -> (Arc<MemoryJournal>, Engine) {
    let journal = Arc::new(MemoryJournal::new());
    let engine = engine(&journal, options);
    opened(&engine, EVENT, 1, 5).await;
    reserved(&engine, EVENT, 1, &[0]).await;
    reserved(&engine, EVENT, 2, &[1]).await;
    until_idle().await;
    journal.lose_after(stream_of(EVENT), Position(2));
    (journal, engine)
}

async fn seat(engine: &Engine, seat: u32) -> SeatState {
    engine.sale(EVENT).await.unwrap().published().state.seat(SeatIndex(seat)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_knows_lost_batches_is_read_again() {
    for shared in [false, true] {
        let (journal, engine) = promoted(options(shared)).await;
        let sale = engine.sale(EVENT).await.unwrap();
        let (version, caches) = (sale.published().position, sale.position());
        assert_eq!((version, caches.get()), (Position(3), Some(version)));

        let asked = engine.submit_system(EVENT, reserve(3, &[2])).await;
        assert_eq!(asked.err(), Some(Fault::Unavailable), "nothing was done: ask again");
        until_idle().await;
        assert_eq!(caches.get(), None, "what was derived from the lost version is dropped");
        assert_eq!(engine.quarantined(), BTreeMap::new());

        assert_eq!(seat(&engine, 1).await, SeatState::Available);
        reserved(&engine, EVENT, 3, &[1]).await;
        assert_eq!(journal.head(stream_of(EVENT)).await.unwrap().position, Position(3));
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_notices_another_batch_at_the_position_of_a_lost_one() {
    for shared in [false, true] {
        let (journal, engine) = promoted(options(shared)).await;
        let other = self::engine(&journal, EngineOptions { writer: 1 << 32, ..options(true) });
        reserved(&other, EVENT, 9, &[4]).await;
        reserved(&other, EVENT, 9, &[3]).await;
        let asked = engine.submit_system(EVENT, reserve(3, &[3])).await;
        assert_eq!(asked.err(), Some(Fault::Unavailable));
        let refused = engine.submit_system(EVENT, reserve(3, &[3])).await.unwrap();
        assert!(refused.answer.is_err(), "seat 3 is the other's");
        reserved(&engine, EVENT, 3, &[1]).await;
        assert_eq!(engine.sale(EVENT).await.unwrap().published().position, Position(5));
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_lost_batches_is_not_used() {
    let (journal, engine) = promoted(EngineOptions { snapshot_every: 1, ..options(true) }).await;
    engine.stop().await;
    let engine = self::engine(&journal, options(true));
    assert_eq!(seat(&engine, 1).await, SeatState::Available);
    assert_eq!(engine.sale(EVENT).await.unwrap().published().position, Position(2));
    let number = reserved(&engine, EVENT, 3, &[1]).await;
    yes(engine.submit_system(EVENT, cancel(3, number)).await);
}

/// Only damage quarantines a sale: bytes that cannot be decoded are damage, whatever was lost before.
#[tokio::test(start_paused = true)]
async fn damage_in_the_new_history_still_quarantines() {
    let (journal, engine) = promoted(options(true)).await;
    append_foreign(&*journal, EVENT, vec![99]);
    assert_eq!(engine.submit_system(EVENT, reserve(3, &[2])).await.err(), Some(Fault::Unavailable));
    assert_eq!(engine.submit_system(EVENT, reserve(3, &[2])).await.err(), Some(Fault::Quarantined));
}
