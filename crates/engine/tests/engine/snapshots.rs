//! Snapshots shorten waking; a bad one counts as missing.

use crate::controlled_journal::ControlledJournal;
use crate::support::{EVENT, cancel, engine, opened, reserved, until_idle, yes};
use bytes::Bytes;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{Engine, EngineOptions};
use fairseat_journal::{Journal, Position, StreamId};
use std::sync::Arc;
use std::time::Duration;

fn options() -> EngineOptions {
    EngineOptions { snapshot_every: 20, ..EngineOptions::default() }
}

async fn history(engine: &Engine, event: EventNumber, rounds: u32) {
    opened(engine, event, 1, 5).await;
    for _ in 0..rounds {
        let number = reserved(engine, event, 1, &[0]).await;
        yes(engine.submit_system(event, cancel(1, number)).await);
    }
}

/// Wakes the sale again; its state as bytes, and the position from which the journal was read.
async fn woken(journal: &Arc<ControlledJournal>) -> (Vec<u8>, Position) {
    journal.reads.lock().clear();
    let engine = engine(journal, EngineOptions::default());
    let published = engine.sale(EVENT).await.unwrap().published();
    engine.stop().await;
    (published.state.to_snapshot().unwrap(), journal.reads.lock()[0])
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_kept_and_used() {
    let journal = ControlledJournal::new();
    let busy = engine(&journal, options());
    history(&busy, EVENT, 12).await;
    let live = busy.sale(EVENT).await.unwrap().published();
    tokio::time::sleep(Duration::from_millis(1)).await;
    let (kept, _) = journal.snapshot(StreamId(EVENT.0)).await.unwrap();
    assert_eq!(kept.position, Position(20), "twenty facts, while it runs");
    busy.stop().await;
    let (kept, _) = journal.snapshot(StreamId(EVENT.0)).await.unwrap();
    assert_eq!(kept.position, Position(25), "and the rest when it stops");
    assert_eq!(woken(&journal).await, (live.state.to_snapshot().unwrap(), Position(25)));
}

#[tokio::test(start_paused = true)]
async fn snapshots_of_a_busy_sale_are_ten_seconds_apart() {
    let journal = ControlledJournal::new();
    let busy = engine(&journal, options());
    opened(&busy, EVENT, 1, 5).await;
    // Each round: how many pairs of facts to add, the position of the newest snapshot then, seconds before the next round.
    let rounds = [(9, None, 11), (1, Some(20), 9), (15, Some(20), 1), (15, Some(51), 0)];
    for (pairs, newest, pause) in rounds {
        for _ in 0..pairs {
            let number = reserved(&busy, EVENT, 1, &[0]).await;
            yes(busy.submit_system(EVENT, cancel(1, number)).await);
        }
        until_idle().await;
        let kept = journal.snapshot(StreamId(EVENT.0)).await.map(|(head, _)| head.position.0);
        assert_eq!(kept, newest, "{pairs} pairs");
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_unusable_snapshot_counts_as_missing() {
    let journal = ControlledJournal::new();
    let busy = engine(&journal, EngineOptions::default());
    history(&busy, EVENT, 3).await;
    let early = busy.sale(EVENT).await.unwrap().published().state.to_snapshot().unwrap();
    let number = reserved(&busy, EVENT, 1, &[1]).await;
    yes(busy.submit_system(EVENT, cancel(1, number)).await);
    history(&busy, EventNumber(8), 3).await;
    let foreign = busy.sale(EventNumber(8)).await.unwrap().published().state.to_snapshot().unwrap();
    let live = busy.sale(EVENT).await.unwrap().published();
    busy.stop().await;
    let truth = live.state.to_snapshot().unwrap();
    // It is stored under the wrong version, so the next batch contradicts it.
    let eighth = journal.read(StreamId(EVENT.0), Position(7), 0).await.unwrap()[0].head();
    let wrong = journal.put_snapshot(StreamId(EVENT.0), eighth, Bytes::from(early)).await;
    assert_eq!(wrong, Ok(()));
    assert_eq!(woken(&journal).await, (truth.clone(), Position(8)));
    let damaged = truth[..truth.len() / 2].to_vec();
    for useless in [damaged, foreign, Vec::new(), vec![99; 100]] {
        let kept = journal.put_snapshot(StreamId(EVENT.0), live.head(), Bytes::from(useless)).await;
        assert_eq!(kept, Ok(()));
        assert_eq!(woken(&journal).await, (truth.clone(), Position::START));
    }
}
