//! Several processes that write the same sale: none of them may answer from a state that is out of date.

use crate::controlled_journal::ControlledJournal;
use crate::support::{EVENT, cancel, engine, opened, reserve, reserved, until_idle, yes};
use fairseat_domain::Refusal;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::sale::Subject;
use fairseat_engine::{Engine, EngineOptions};
use fairseat_journal::MemoryJournal;
use std::sync::Arc;

fn two_engines(shared: bool) -> [Engine; 2] {
    let journal = Arc::new(MemoryJournal::new());
    [1, 2].map(|writer| engine(&journal, EngineOptions { writer, shared, ..EngineOptions::default() }))
}

/// Found by the simulation: a refusal appends nothing, so no conflict showed the writer that its state was old.
#[tokio::test(start_paused = true)]
async fn a_refusal_counts_what_another_process_wrote_before_the_request() {
    let [one, other] = two_engines(true);
    opened(&one, EVENT, 1, 4).await;
    let reservation = reserved(&one, EVENT, 1, &[2]).await;
    let taken = other.submit_system(EVENT, reserve(2, &[2])).await.unwrap();
    assert_eq!(taken.answer, Err(Refusal::SeatUnavailable(vec![SeatIndex(2)])));
    yes(one.submit_system(EVENT, cancel(1, reservation)).await);
    let free = yes(other.submit_system(EVENT, reserve(2, &[2])).await);
    assert!(matches!(free, Subject::Reservation(_)));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_writes_alone_does_not_ask_the_journal() {
    let [one, other] = two_engines(false);
    opened(&one, EVENT, 1, 4).await;
    let reservation = reserved(&one, EVENT, 1, &[2]).await;
    assert!(other.submit_system(EVENT, reserve(2, &[2])).await.unwrap().answer.is_err());
    yes(one.submit_system(EVENT, cancel(1, reservation)).await);
    assert!(other.submit_system(EVENT, reserve(2, &[2])).await.unwrap().answer.is_err());
}

/// Four requests for each seat arrive at once, two at each engine. One of them gets the seat.
#[tokio::test(start_paused = true)]
async fn batches_of_others_that_arrive_during_an_append_lose_no_request() {
    let [one, other] = two_engines(true);
    opened(&one, EVENT, 1, 40).await;
    for seat in 0..40 {
        let asked = [&one, &other, &one, &other].into_iter().zip(1..);
        let asked = asked.map(|(engine, buyer)| engine.submit_system(EVENT, reserve(buyer, &[seat])));
        let answers = futures::future::join_all(asked).await;
        let yes = answers.into_iter().filter(|answer| answer.as_ref().unwrap().answer.is_ok()).count();
        assert_eq!(yes, 1, "seat {seat}");
    }
}

/// This holds for a request that arrives during an append, however soon the append is answered.
#[tokio::test(start_paused = true)]
async fn a_request_that_waits_behind_an_append_sees_what_others_wrote_meanwhile() {
    let journal = ControlledJournal::new();
    let one = engine(&journal, EngineOptions { writer: 1, shared: true, ..EngineOptions::default() });
    let other =
        engine(&journal.inside, EngineOptions { writer: 2, shared: true, ..EngineOptions::default() });
    opened(&one, EVENT, 1, 8).await;
    let reservation = reserved(&one, EVENT, 1, &[2]).await;
    let ask = |buyer, seat| {
        let one = one.clone();
        tokio::spawn(async move { one.submit_system(EVENT, reserve(buyer, &[seat])).await.unwrap().answer })
    };
    journal.be_late(true);
    let appending = ask(2, 3);
    until_idle().await;
    yes(other.submit_system(EVENT, cancel(1, reservation)).await);
    journal.shut();
    let reading = ask(3, 4);
    until_idle().await;
    let waiting = ask(4, 2);
    until_idle().await;
    journal.be_late(false);
    until_idle().await;
    journal.open();
    for asked in [appending, reading, waiting] {
        assert!(asked.await.unwrap().is_ok());
    }
}
