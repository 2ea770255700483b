//! A consumer whose broker is away: one wait for all streams, nothing kept in memory, and everything afterwards, in bounded slices.

use crate::controlled_journal::ControlledJournal;
use crate::support::{EVENT, append_foreign, engine, opened, request, reserve, reserved};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::Changes;
use fairseat_domain::{Sale, wire};
use fairseat_engine::{
    ConsumeFuture, Consumed, Consumer, Engine, EngineOptions, Machine as _, Runner, RunnerOptions,
    StreamSlice, state_at,
};
use fairseat_journal::{ConsumerName, Journal, Position};
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const NAME: ConsumerName = ConsumerName("absent");
const SALES: u64 = 50;
const MOMENT: Duration = Duration::from_millis(200);
/// Bytes of one slice: less than two batches.
const SLICE_BYTES: usize = 1;

/// Records its slices while its broker is there.
#[derive(Debug)]
struct Absent {
    is_there: watch::Sender<bool>,
    taken: Mutex<BTreeMap<EventNumber, Vec<(u64, u64)>>>,
    attempts: Mutex<usize>,
    at_once: Mutex<(usize, usize)>,
}

impl Absent {
    fn new(is_there: bool) -> Arc<Self> {
        let (taken, attempts, at_once) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { is_there: watch::Sender::new(is_there), taken, attempts, at_once })
    }

    /// The end of the last slice. Asserts that its slices follow each other.
    fn position(&self, event: EventNumber) -> u64 {
        let taken = self.taken.lock();
        taken.get(&event).into_iter().flatten().fold(0, |end, (from, to)| {
            assert_eq!(end, *from, "{taken:?}");
            *to
        })
    }

    fn attempts(&self) -> usize {
        *self.attempts.lock()
    }
}

impl Consumer for Absent {
    fn name(&self) -> ConsumerName {
        NAME
    }

    fn at_once(&self) -> usize {
        8
    }

    fn shares_cursors(&self) -> bool {
        true
    }

    fn max_slice_bytes(&self) -> Option<usize> {
        Some(SLICE_BYTES)
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        async {
            let mut there = self.is_there.subscribe();
            there.wait_for(|is_there| *is_there).await.unwrap();
        }
        .boxed()
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            *self.attempts.lock() += 1;
            if !*self.is_there.borrow() {
                return Ok(Consumed::NotReady);
            }
            {
                let mut at_once = self.at_once.lock();
                at_once.0 += 1;
                at_once.1 = at_once.1.max(at_once.0);
            }
            // The answer takes a moment of the paused clock, so that others are under way as well.
            let answer = std::future::pending::<()>();
            tokio::time::timeout(Duration::from_millis(1), answer).await.unwrap_err();
            self.at_once.lock().0 -= 1;
            assert!(slice.end <= slice.published.position);
            let batches = slice.placed_entries().map(|(position, ..)| position).collect::<Vec<_>>();
            assert_eq!((batches.first(), batches.last()), (Some(&slice.from.next()), Some(&slice.end)));
            self.taken.lock().entry(slice.number).or_default().push((slice.from.0, slice.end.0));
            Ok(Consumed::All)
        }
        .boxed()
    }
}

fn run(engine: &Engine, consumer: &Arc<Absent>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Runner::new(engine.clone(), vec![consumer.clone()], RunnerOptions::default()).run())
}

fn sales() -> (Arc<ControlledJournal>, Engine) {
    let journal = ControlledJournal::new();
    let sales = engine(&journal, EngineOptions::default());
    (journal, sales)
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_absence_costs_one_attempt_and_no_fact() {
    let (journal, sales) = sales();
    let consumer = Absent::new(true);
    let _runner = run(&sales, &consumer);
    for event in 1..=SALES {
        opened(&sales, EventNumber(event), 1, 9).await;
    }
    tokio::time::sleep(MOMENT).await;
    assert!((1..=SALES).all(|event| consumer.position(EventNumber(event)) == 1));
    let before = consumer.attempts();

    consumer.is_there.send_replace(false);
    for seat in 0..6 {
        for event in 1..=SALES {
            reserved(&sales, EventNumber(event), 1, &[seat]).await;
        }
        tokio::time::sleep(Duration::from_secs(600)).await;
    }
    // Those that were begun together with the first that failed.
    assert!(consumer.attempts() - before <= 8, "{} attempts in an hour", consumer.attempts() - before);
    assert!((1..=SALES).all(|event| consumer.position(EventNumber(event)) == 1));
    assert_eq!(journal.behind(NAME, Sale::KIND, None, 99).await.unwrap().len(), 50);

    consumer.is_there.send_replace(true);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let ends: Vec<u64> = (1..=SALES).map(|event| consumer.position(EventNumber(event))).collect();
    let heads = journal.streams(None, 99).await.unwrap();
    assert_eq!(ends, heads.iter().map(|(_, head)| head.position.0).collect::<Vec<_>>());
    assert_eq!(journal.behind(NAME, Sale::KIND, None, 99).await.unwrap(), []);
    assert_eq!(consumer.at_once.lock().1, 8, "as many at a time as it asked for");
    let slices = consumer.taken.lock()[&EventNumber(1)].clone();
    assert!(
        slices.len() > 6 && slices.iter().all(|(from, to)| from + 1 == *to),
        "bounded when read: {slices:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_absent_at_the_start_gets_everything_later() {
    let (_journal, sales) = sales();
    let consumer = Absent::new(false);
    let _runner = run(&sales, &consumer);
    opened(&sales, EVENT, 1, 9).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(consumer.attempts(), 0);
    consumer.is_there.send_replace(true);
    tokio::time::sleep(MOMENT).await;
    reserved(&sales, EVENT, 1, &[0]).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!(consumer.position(EVENT), 2);
}

/// Another node wrote batches and consumed them; this one learns of that from the stored cursor, not only from the feed.
#[tokio::test(start_paused = true)]
async fn what_another_node_consumed_is_not_consumed_again() {
    let (journal, sales) = sales();
    let consumer = Absent::new(true);
    let _runner = run(&sales, &consumer);
    opened(&sales, EVENT, 1, 9).await;
    tokio::time::sleep(MOMENT).await;
    let mut other = sales.sale(EVENT).await.unwrap().published().state.clone();
    let step = other.step(&request(reserve(2, &[5])), other.now(), &mut Changes::default()).unwrap();
    append_foreign(&*journal, EVENT, wire::encode_batch(&step.entries).unwrap());
    journal.caught_up(NAME, Sale::stream(EVENT), Position(1), Position(2)).await.unwrap();
    consumer.taken.lock().insert(EVENT, vec![(0, 2)]);
    reserved(&sales, EVENT, 1, &[0]).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!(consumer.taken.lock()[&EVENT], [(0, 2), (2, 3)]);
}

#[tokio::test(start_paused = true)]
async fn the_state_at_every_position_is_the_one_published_there() {
    let (journal, sales) = sales();
    opened(&sales, EVENT, 1, 9).await;
    let mut published =
        vec![Sale::unopened(EVENT), sales.sale(EVENT).await.unwrap().published().state.clone()];
    for seat in 0..5 {
        reserved(&sales, EVENT, 1, &[seat]).await;
        published.push(sales.sale(EVENT).await.unwrap().published().state.clone());
    }
    for (position, expected) in (0..).zip(&published) {
        let state = state_at::<Sale>(&*journal, EVENT, Position(position)).await.unwrap();
        assert_eq!(state.position, Position(position));
        assert_eq!(format!("{:?}", state.state), format!("{expected:?}"));
    }
    let end = state_at::<Sale>(&*journal, EVENT, Position(99)).await.unwrap();
    assert_eq!(end.position, Position(6));
}
