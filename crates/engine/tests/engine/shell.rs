//! The tokio shell: mailboxes, waking, sleeping, stopping, versions, feed.

use crate::controlled_journal::ControlledJournal;
use crate::support::{
    EVENT, TokioClock, at, cancel, engine, is_free, opened, request, reserve, reserved, until, until_idle,
    yes,
};
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::sale::SeatState;
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Clock, Engine, EngineOptions, Fault};
use fairseat_journal::{AppendError, Journal, MemoryJournal, Position, StreamId};
use futures::FutureExt;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::TryRecvError;

fn options() -> EngineOptions {
    EngineOptions { idle_after: Duration::from_secs(60), ..EngineOptions::default() }
}

#[tokio::test(start_paused = true)]
async fn a_sale_sells_over_the_shell() {
    let engine = engine(&Arc::new(MemoryJournal::new()), options());
    let unknown = engine.submit_system(EVENT, reserve(1, &[0])).await.unwrap();
    assert!(unknown.answer.is_err(), "nothing is sold before the sale is opened");
    opened(&engine, EVENT, 2, 5).await;
    assert_eq!(reserved(&engine, EVENT, 1, &[3, 4]).await, 0);
    let answered = engine.submit_system(EVENT, reserve(2, &[4])).await.unwrap();
    assert!(answered.answer.is_err());
    assert_eq!(answered.published.position, Position(2));
    assert!(!is_free(&engine.sale(EVENT).await.unwrap().published().state, 4));
    until(&engine, EVENT, |sale| is_free(sale, 4)).await;
    let sale = engine.sale(EVENT).await.unwrap().published();
    assert_eq!(sale.state.now(), at(600_000), "the reservation expired exactly on time");
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_refuses_at_once() {
    let journal = ControlledJournal::new();
    let engine = engine(&journal, EngineOptions { mailbox: 4, ..options() });
    opened(&engine, EVENT, 10, 10).await;
    journal.shut();
    let asked: Vec<_> = (0..100).map(|seat| tokio::spawn(submit(engine.clone(), EVENT, seat))).collect();
    until_idle().await;
    let overloaded = asked.iter().filter(|asked| asked.is_finished()).count();
    assert_eq!(overloaded, 96, "the mailbox had room for 4 before the sale's task ran");
    assert_eq!(engine.sale(EVENT).await.unwrap().queued(), 0, "the task took them");
    journal.open();
    let answers = join_all(asked).await;
    let (yes, refused): (Vec<_>, Vec<_>) = answers.into_iter().map(Result::unwrap).partition(Result::is_ok);
    assert_eq!((yes.len(), refused.len()), (4, 96));
    assert!(refused.iter().all(|answer| matches!(answer, Err(Fault::Overloaded))));
}

#[tokio::test(start_paused = true)]
async fn requests_that_wait_are_counted() {
    let journal = ControlledJournal::new();
    let engine = engine(&journal, EngineOptions { mailbox: 4, ..options() });
    opened(&engine, EVENT, 10, 10).await;
    journal.shut();
    let mut asked = Vec::new();
    for (seats, waiting) in [(0..4, 0), (4..6, 2), (6..7, 3)] {
        asked.extend(seats.map(|seat| tokio::spawn(submit(engine.clone(), EVENT, seat))));
        until_idle().await;
        assert_eq!(
            engine.sale(EVENT).await.unwrap().queued(),
            waiting,
            "they wait behind the 4 that the task took"
        );
    }
    journal.open();
    assert!(join_all(asked).await.into_iter().all(|asked| asked.unwrap() == Ok(true)));
    assert_eq!(engine.sale(EVENT).await.unwrap().queued(), 0);
}

async fn submit(engine: Engine, event: EventNumber, seat: u32) -> Result<bool, Fault> {
    engine.submit_system(event, reserve(u128::from(seat), &[seat])).await.map(|answer| answer.answer.is_ok())
}

#[tokio::test(start_paused = true)]
async fn requests_that_are_ready_share_one_append() {
    let engine = engine(&Arc::new(MemoryJournal::new()), options());
    opened(&engine, EVENT, 10, 10).await;
    until_idle().await;
    let ready = Arc::new(Notify::new());
    let waiting: Vec<_> = (1..100)
        .map(|seat| {
            let (engine, ready) = (engine.clone(), ready.clone());
            tokio::spawn(async move {
                ready.notified().await;
                submit(engine, EVENT, seat).await
            })
        })
        .collect();
    until_idle().await;
    // The first request wakes the sale's task. The others become ready after it.
    let first = tokio::spawn(submit(engine.clone(), EVENT, 0));
    tokio::spawn(async move { ready.notify_waiters() });
    let asked = std::iter::once(first).chain(waiting);
    assert!(join_all(asked).await.into_iter().all(|asked| asked.unwrap() == Ok(true)));
    let published = engine.sale(EVENT).await.unwrap().published();
    assert_eq!(published.position, Position(2), "the opening, and one batch of a hundred reservations");
}

#[tokio::test(start_paused = true)]
async fn a_sale_with_nothing_to_do_falls_asleep_and_wakes_when_asked() {
    let engine = engine(&Arc::new(MemoryJournal::new()), options());
    opened(&engine, EVENT, 2, 5).await;
    let number = reserved(&engine, EVENT, 1, &[0]).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(engine.awake(), 1, "a reservation will expire");
    yes(engine.submit_system(EVENT, cancel(1, number)).await);
    let watched = engine.sale(EVENT).await.unwrap().watch();
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(engine.awake(), 1, "somebody watches");
    drop(watched);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(engine.awake(), 0);
    assert_eq!(reserved(&engine, EVENT, 1, &[0]).await, 1, "its state is complete");
}

#[tokio::test(start_paused = true)]
async fn the_published_position_follows_each_commit_and_ends_when_the_sale_falls_asleep() {
    let engine = engine(&Arc::new(MemoryJournal::new()), options());
    let position = engine.sale(EVENT).await.unwrap().position();
    assert_eq!(position.get(), Some(Position::START));
    opened(&engine, EVENT, 1, 5).await;
    assert_eq!(position.get(), Some(Position(1)));
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!((engine.awake(), position.get()), (0, None));
    let next = engine.sale(EVENT).await.unwrap().position();
    assert_eq!((next.get(), position.get()), (Some(Position(1)), None), "the next task has its own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sale_that_falls_asleep_while_being_asked_answers_every_request() {
    let always_tired = EngineOptions { idle_after: Duration::ZERO, ..EngineOptions::default() };
    let engine = engine(&Arc::new(MemoryJournal::new()), always_tired);
    let mut feed = engine.follow();
    let events: Vec<EventNumber> = (1..=3).map(EventNumber).collect();
    for event in &events {
        opened(&engine, *event, 1, 4).await;
    }
    let buyers = (0..12_u128).map(|buyer| {
        let (engine, event) = (engine.clone(), events[usize::try_from(buyer % 3).unwrap()]);
        tokio::spawn(async move {
            for _ in 0..300 {
                let seat = u32::try_from(buyer / 3).unwrap();
                let number = reserved(&engine, event, buyer, &[seat]).await;
                yes(engine.submit_system(event, cancel(buyer, number)).await);
            }
        })
    });
    for buyer in join_all(buyers).await {
        buyer.unwrap();
    }
    engine.stop().await;
    assert_eq!(engine.awake(), 0);
    let mut at: BTreeMap<EventNumber, Position> = BTreeMap::new();
    loop {
        match feed.try_recv() {
            Ok(committed) => {
                let before = at.insert(committed.number, committed.published.position).unwrap_or_default();
                let steps = committed.published.position.0.wrapping_sub(before.0);
                let woke = committed.entries.is_empty();
                assert!(steps == u64::from(!woke) || before == Position::START, "{before:?} {committed:?}");
            }
            Err(TryRecvError::Lagged(_)) => at.clear(),
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn stop_answers_all_waiting_requests_and_takes_no_more() {
    let journal = ControlledJournal::new();
    let engine = engine(&journal, options());
    for event in 1..=3 {
        opened(&engine, EventNumber(event), 10, 10).await;
    }
    journal.shut();
    let asked: Vec<_> =
        (0..90).map(|n| tokio::spawn(submit(engine.clone(), EventNumber(u64::from(n % 3) + 1), n))).collect();
    let waking = tokio::spawn(submit(engine.clone(), EventNumber(9), 0));
    until_idle().await;
    let stopping = tokio::spawn({
        let engine = engine.clone();
        async move { engine.stop().await }
    });
    until_idle().await;
    assert!(!stopping.is_finished(), "not before everybody is answered");
    journal.open();
    stopping.await.unwrap();
    for answer in join_all(asked).await {
        assert_eq!(answer.unwrap(), Ok(true));
    }
    assert_eq!(waking.await.unwrap(), Err(Fault::Unavailable), "it was being woken");
    assert_eq!(submit(engine.clone(), EventNumber(1), 99).await, Err(Fault::Unavailable));
    assert_eq!(engine.awake(), 0);
}

#[tokio::test(start_paused = true)]
async fn due_entries_happen_after_a_restart_without_any_request() {
    let journal = Arc::new(MemoryJournal::new());
    let before = engine(&journal, options());
    opened(&before, EVENT, 1, 5).await;
    reserved(&before, EVENT, 1, &[2]).await;
    before.stop().await;
    let after = Engine::new(journal.clone(), TokioClock::starting(at(500_000)), options());
    tokio::spawn(after.clone().run_waker(Duration::from_secs(1)));
    tokio::time::sleep(Duration::from_secs(99)).await;
    assert_eq!(after.awake(), 0, "not before it is due");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(after.awake(), 1);
    until(&after, EVENT, |sale| is_free(sale, 2)).await;
    after.stop().await;
}

#[tokio::test(start_paused = true)]
async fn awake_sales_with_deadlines_do_not_crowd_out_sleeping_ones() {
    let journal = Arc::new(MemoryJournal::new());
    let first = engine(&journal, options());
    for event in 1..=20 {
        opened(&first, EventNumber(event), 1, 5).await;
        reserved(&first, EventNumber(event), 1, &[0]).await;
    }
    first.stop().await;
    let second = Engine::new(journal.clone(), TokioClock::starting(at(700_000)), options());
    second.wake_due().await;
    for event in 1..=20 {
        until(&second, EventNumber(event), |sale| is_free(sale, 0)).await;
    }
    second.stop().await;
}

#[tokio::test(start_paused = true)]
async fn no_more_than_max_awake_sales_are_awake() {
    let engine = engine(&Arc::new(MemoryJournal::new()), EngineOptions { max_awake: 2, ..options() });
    opened(&engine, EventNumber(1), 1, 5).await;
    opened(&engine, EventNumber(2), 1, 5).await;
    assert_eq!(engine.sale(EventNumber(3)).await.err(), Some(Fault::Overloaded));
    tokio::time::sleep(Duration::from_secs(200)).await;
    opened(&engine, EventNumber(3), 1, 5).await;
}

/// Room for four sales of a thousand seats.
fn small() -> EngineOptions {
    EngineOptions { awake_bytes: 400_000, ..options() }
}

#[tokio::test(start_paused = true)]
async fn sales_that_were_not_used_for_longest_fall_asleep_when_memory_is_short() {
    let engine = engine(&Arc::new(MemoryJournal::new()), small());
    for event in 1..=5 {
        opened(&engine, EventNumber(event), 10, 100).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    // The first one is used again, so the second makes room.
    engine.sale(EventNumber(1)).await.unwrap();
    let before = engine.awake_bytes();
    assert!(before >= small().awake_bytes, "{before}");
    let begun = tokio::time::Instant::now();
    opened(&engine, EventNumber(6), 10, 100).await;
    assert!(begun.elapsed() < Duration::from_millis(500), "nobody waits in vain");
    let awake: Vec<u64> = engine.handles().into_iter().map(|(number, _)| number.0).collect();
    assert_eq!(awake, [1, 4, 5, 6]);
    assert!(engine.awake_bytes() < before);
    assert!(
        is_free(&engine.sale(EventNumber(2)).await.unwrap().published().state, 0),
        "it wakes when it is needed"
    );
}

#[tokio::test(start_paused = true)]
async fn sales_that_must_stay_awake_may_take_as_much_again_and_no_more() {
    let engine = engine(&Arc::new(MemoryJournal::new()), small());
    let mut watched = Vec::new();
    let refused = loop {
        let event = EventNumber(watched.len() as u64 + 1);
        match engine.sale(event).await {
            Ok(sale) => watched.push(sale.watch()),
            Err(fault) => break fault,
        }
        opened(&engine, event, 10, 100).await;
    };
    assert_eq!(refused, Fault::Overloaded);
    let taken = engine.awake_bytes();
    assert!((800_000..1_000_000).contains(&taken), "{taken}");
    let event = EventNumber(watched.len() as u64 + 1);
    watched.truncate(3);
    opened(&engine, event, 10, 100).await;
    assert!(engine.awake_bytes() < 600_000, "{}", engine.awake_bytes());
}

/// Its deadline is in the journal, so it is woken in time.
#[tokio::test(start_paused = true)]
async fn a_sale_with_a_reservation_makes_room_and_is_woken_when_the_reservation_ends() {
    let engine = engine(&Arc::new(MemoryJournal::new()), small());
    tokio::spawn(engine.clone().run_waker(Duration::from_secs(1)));
    opened(&engine, EventNumber(1), 10, 100).await;
    reserved(&engine, EventNumber(1), 1, &[0]).await;
    for event in 2..=6 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        opened(&engine, EventNumber(event), 10, 100).await;
    }
    let is_awake = || engine.handles().iter().any(|(number, _)| *number == EventNumber(1));
    assert!(!is_awake());
    tokio::time::sleep(Duration::from_secs(601)).await;
    until(&engine, EventNumber(1), |sale| is_free(sale, 0)).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_stops_waiting_for_a_sale_to_wake_leaves_nothing_behind() {
    let journal = ControlledJournal::new();
    let engine = engine(&journal, options());
    journal.shut();
    let (mut one, mut two) = (Box::pin(engine.sale(EVENT)), Box::pin(engine.sale(EVENT)));
    assert!((&mut one).now_or_never().is_none() && (&mut two).now_or_never().is_none());
    assert_eq!(engine.awake(), 1);
    drop(one);
    assert_eq!(engine.awake(), 1, "the other caller still waits");
    journal.open();
    let woken = two.await.unwrap();
    assert_eq!(woken.published().position, Position::START);
    journal.shut();
    let other = Box::pin(engine.sale(EventNumber(8)));
    let mut other = other;
    assert!((&mut other).now_or_never().is_none());
    drop(other);
    assert_eq!(engine.awake(), 1);
}

#[tokio::test(start_paused = true)]
async fn on_a_full_disk_commands_fail_as_read_only_and_due_entries_retry_once_a_second() {
    let journal = ControlledJournal::new();
    let engine = engine(&journal, options());
    opened(&engine, EVENT, 1, 5).await;
    reserved(&engine, EVENT, 1, &[0]).await;
    *journal.always.lock() = Some(AppendError::Full);
    let refused = engine.submit_system(EVENT, reserve(2, &[1])).await;
    assert_eq!(refused.err(), Some(Fault::ReadOnly));
    assert!(is_free(&engine.sale(EVENT).await.unwrap().published().state, 1), "reading works");
    let before = journal.appends.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(600 + 60)).await;
    let tried = journal.appends.load(Ordering::Relaxed) - before;
    assert_eq!(tried, 60, "the expiry was tried once a second for a minute");
    *journal.always.lock() = None;
    until(&engine, EVENT, |sale| is_free(sale, 0)).await;
    engine.stop().await;
}

/// A clock that the test sets.
#[derive(Debug)]
struct Jumping(Arc<TokioClock>, AtomicI64);

impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.now().as_millis() + self.1.load(Ordering::Relaxed))
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_is_noticed() {
    let clock = Arc::new(Jumping(TokioClock::new(), AtomicI64::new(0)));
    let engine = Engine::new(Arc::new(MemoryJournal::new()), clock.clone(), options());
    opened(&engine, EVENT, 1, 5).await;
    reserved(&engine, EVENT, 1, &[0]).await;
    clock.1.store(-300_000, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(!is_free(&engine.sale(EVENT).await.unwrap().published().state, 0));
    clock.1.store(590_000, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!(is_free(&engine.sale(EVENT).await.unwrap().published().state, 0));
}

#[tokio::test(start_paused = true)]
async fn after_a_conflict_without_missed_batches_the_journal_is_read() {
    let journal = ControlledJournal::new();
    let engine = engine(&journal, options());
    opened(&engine, EVENT, 1, 5).await;
    let other = Engine::new(journal.clone(), TokioClock::new(), EngineOptions { writer: 99, ..options() });
    reserved(&other, EVENT, 9, &[0]).await;
    journal.is_silent.store(true, Ordering::Relaxed);
    let asked = [0, 1].map(|seat| submit(engine.clone(), EVENT, seat));
    assert_eq!(join_all(asked).await, [Ok(false), Ok(true)]);
    assert_eq!(journal.inside.head(StreamId(EVENT.0)).await.unwrap().position, Position(3));
}

#[tokio::test(start_paused = true)]
async fn an_append_with_an_unknown_outcome_is_sent_again() {
    for is_done in [true, false] {
        let journal = ControlledJournal::new();
        let engine = engine(&journal, options());
        opened(&engine, EVENT, 1, 5).await;
        if is_done {
            journal.loses_next.store(true, Ordering::Relaxed);
        } else {
            journal.errors.lock().push_back(AppendError::Unknown);
        }
        let asked = tokio::spawn(submit(engine.clone(), EVENT, 0));
        until_idle().await;
        assert_eq!(asked.now_or_never().expect("answered without a wait").unwrap(), Ok(true));
        let head = journal.inside.head(StreamId(EVENT.0)).await.unwrap().position;
        assert_eq!(head, Position(2), "sold once; the append was done: {is_done}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_of_changes_alone_sees_every_change() {
    let engine = engine(&Arc::new(MemoryJournal::new()), EngineOptions::default());
    opened(&engine, EVENT, 4, 25).await;
    let sale = engine.sale(EVENT).await.unwrap();
    let watcher = |_| {
        let sale = sale.clone();
        tokio::spawn(async move {
            let first = sale.published();
            let mut known: Vec<SeatState> = first.state.seat_states().collect();
            let mut at = first.position;
            drop(first);
            while at < Position(1 + 2 * 4 * 250) {
                // Reads all the time, not only after a commit: every state in between must be right.
                tokio::task::yield_now().await;
                let Some((version, seats)) = sale.changed_since(at) else { panic!("it was {at:?}") };
                let newest = sale.published();
                assert!(version <= newest.position, "a change was logged before its version was published");
                for seat in seats {
                    known[seat.position()] = newest.state.seat(seat).unwrap();
                }
                at = version;
                if newest.position == at {
                    let now: Vec<SeatState> = newest.state.seat_states().collect();
                    assert_eq!(known, now, "a change is missing in the log");
                }
            }
        })
    };
    let watchers: Vec<_> = (0..3).map(watcher).collect();
    let buyers = (0..4_u32).map(|buyer| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for round in 0..250 {
                let (seat, account) = (buyer * 25 + round % 25, u128::from(buyer));
                let number = reserved(&engine, EVENT, account, &[seat]).await;
                yes(engine.submit_system(EVENT, cancel(account, number)).await);
            }
        })
    });
    let all = async {
        for buyer in join_all(buyers).await {
            buyer.unwrap();
        }
        // Commands that shared a batch leave positions missing: append until the readers' last position.
        while sale.published().position < Position(1 + 2 * 4 * 250) {
            let number = reserved(&engine, EVENT, 50, &[0]).await;
            yes(engine.submit_system(EVENT, cancel(50, number)).await);
        }
        for watcher in watchers {
            watcher.await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("a reader never saw the last change");
    assert_eq!(sale.changed_since(Position(0)), None, "before the log");
    assert_eq!(sale.published().state.seat(SeatIndex(0)), Some(SeatState::Available));
}

#[tokio::test(start_paused = true)]
async fn the_feed_has_every_commit_in_order() {
    let engine = engine(&Arc::new(MemoryJournal::new()), options());
    let mut feed = engine.follow();
    opened(&engine, EVENT, 1, 5).await;
    let number = reserved(&engine, EVENT, 1, &[0]).await;
    yes(engine.submit(EVENT, request(cancel(1, number))).await);
    let mut commits = Vec::new();
    while let Ok(committed) = feed.try_recv() {
        let seats: Vec<u32> = committed.changes.seats.iter().map(|seat| seat.0).collect();
        commits.push((
            committed.published.position.0,
            committed.entries.len(),
            seats,
            committed.changes.everything,
        ));
    }
    let expected =
        [(0, 0, vec![], false), (1, 1, vec![], true), (2, 1, vec![0], false), (3, 1, vec![0], false)];
    assert_eq!(commits, expected, "waking, opening, reserving, cancelling");
}
