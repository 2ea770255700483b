//! The runner of consumers: each consumer gets every batch in order after its own cursor, even while others fail.

use crate::controlled_journal::ControlledJournal;
use crate::support::{EVENT, engine, opened, reserved};
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{
    ConsumeFuture, Consumed, Consumer, CursorStorage, Engine, EngineOptions, Machine, OwnCursors, Runner,
    RunnerOptions, StreamSlice,
};
use fairseat_journal::{
    Append, BatchId, ConsumerName, DecisionTimes, Head, Journal, Position, StreamId, StreamKind,
};
use futures::FutureExt;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const OTHER: EventNumber = EventNumber(8);

/// What a consumer does with one event.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Fails,
    Hangs,
    Panics,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum CursorPlace {
    InJournal,
    Own,
    InProcess,
}

/// The positions before and after a slice, and the number of its entries.
type Taken = (u64, u64, usize);

/// Records its slices. Its own cursor in a stream is the end of the last slice.
#[derive(Debug)]
struct Recorder {
    name: &'static str,
    place: CursorPlace,
    troubles: Mutex<BTreeMap<EventNumber, Trouble>>,
    taken: Mutex<BTreeMap<EventNumber, Vec<Taken>>>,
    attempts: Mutex<usize>,
}

impl Recorder {
    fn new(name: &'static str, place: CursorPlace) -> Arc<Self> {
        let (troubles, taken, attempts) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { name, place, troubles, taken, attempts })
    }

    fn in_trouble(name: &'static str, event: EventNumber, trouble: Trouble) -> Arc<Self> {
        let recorder = Self::new(name, CursorPlace::InJournal);
        recorder.troubles.lock().insert(event, trouble);
        recorder
    }

    fn recover(&self) {
        self.troubles.lock().clear();
    }

    /// The end of the last slice of an event. Asserts that its slices follow each other without a gap.
    fn position(&self, event: EventNumber) -> u64 {
        let taken = self.taken.lock();
        let mut end = None;
        for (from, to, entries) in taken.get(&event).into_iter().flatten() {
            assert!(end.is_none_or(|end| end == *from), "{taken:?} of {} has gaps", self.name);
            assert!(*entries > 0 && from < to, "{taken:?}");
            end = Some(*to);
        }
        end.unwrap_or(0)
    }

    fn first(&self, event: EventNumber) -> Option<u64> {
        self.taken.lock().get(&event)?.first().map(|(from, ..)| *from)
    }
}

impl Consumer for Recorder {
    fn name(&self) -> ConsumerName {
        ConsumerName(self.name)
    }

    fn cursors(&self) -> CursorStorage<'_> {
        match self.place {
            CursorPlace::InJournal => CursorStorage::InJournal,
            CursorPlace::Own => CursorStorage::Own(self),
            CursorPlace::InProcess => CursorStorage::InProcess,
        }
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            *self.attempts.lock() += 1;
            let trouble = self.troubles.lock().get(&slice.number).copied();
            match trouble {
                Some(Trouble::Fails) => return Err("planned".into()),
                Some(Trouble::Hangs) => std::future::pending().await,
                Some(Trouble::Panics) => panic!("planned"),
                None => {}
            }
            let (from, to) = (slice.from.0, slice.published.position.0);
            if self.place == CursorPlace::Own && from != self.position(slice.number) {
                return Ok(Consumed::CursorMoved);
            }
            let taken = (from, to, slice.entries().count());
            self.taken.lock().entry(slice.number).or_default().push(taken);
            Ok(Consumed::All)
        }
        .boxed()
    }
}

impl OwnCursors for Recorder {
    fn get(&self, event: EventNumber) -> ConsumeFuture<'_, Position> {
        std::future::ready(Ok(Position(self.position(event)))).boxed()
    }

    fn page(&self, from: EventNumber, limit: usize) -> ConsumeFuture<'_, Vec<(EventNumber, Position)>> {
        let events: Vec<_> = self.taken.lock().keys().copied().filter(|event| *event >= from).collect();
        let page = events.into_iter().take(limit).map(|event| (event, Position(self.position(event))));
        std::future::ready(Ok(page.collect())).boxed()
    }
}

fn run(engine: &Engine, consumers: &[&Arc<Recorder>]) -> tokio::task::JoinHandle<()> {
    let consumers = consumers.iter().map(|consumer| Arc::clone(consumer) as Arc<dyn Consumer>).collect();
    tokio::spawn(Runner::new(engine.clone(), consumers, RunnerOptions::default()).run())
}

/// Longer than the runner gathers, and shorter than its first pause after a failure.
const MOMENT: Duration = Duration::from_millis(200);

async fn behind(journal: &dyn Journal, consumer: &Recorder) -> Vec<StreamId> {
    journal.behind(consumer.name(), Sale::KIND, None, 9).await.unwrap()
}

fn sales() -> (Arc<ControlledJournal>, Engine) {
    let journal = ControlledJournal::new();
    let sales = engine(&journal, EngineOptions::default());
    (journal, sales)
}

#[tokio::test(start_paused = true)]
async fn a_sale_that_fails_delays_no_other_sale_and_no_other_consumer() {
    for trouble in [Trouble::Fails, Trouble::Hangs, Trouble::Panics] {
        let (journal, sales) = sales();
        let failing = Recorder::in_trouble("failing", EVENT, trouble);
        let sound = Recorder::new("sound", CursorPlace::InJournal);
        let _runner = run(&sales, &[&failing, &sound]);
        opened(&sales, EVENT, 1, 9).await;
        opened(&sales, OTHER, 1, 9).await;
        for seat in 0..5 {
            reserved(&sales, EVENT, 1, &[seat]).await;
            reserved(&sales, OTHER, 1, &[seat]).await;
            tokio::time::sleep(MOMENT).await;
            let end = u64::from(seat) + 2;
            assert_eq!((failing.position(EVENT), failing.position(OTHER)), (0, end), "{trouble:?}");
            assert_eq!((sound.position(EVENT), sound.position(OTHER)), (end, end), "{trouble:?}");
        }
        assert_eq!(behind(&*journal, &failing).await, [Sale::stream(EVENT)]);
        assert_eq!(behind(&*journal, &sound).await, []);

        failing.recover();
        tokio::time::sleep(Duration::from_secs(65)).await;
        assert_eq!(failing.position(EVENT), 6, "{trouble:?}");
        assert_eq!(failing.first(EVENT), Some(0));
        assert_eq!(behind(&*journal, &failing).await, []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_sale_is_tried_less_and_less_often_and_never_given_up() {
    let (_journal, sales) = sales();
    let failing = Recorder::in_trouble("failing", EVENT, Trouble::Fails);
    let _runner = run(&sales, &[&failing]);
    opened(&sales, EVENT, 1, 9).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let attempts = *failing.attempts.lock();
    // Six pauses below a minute, then one attempt a minute.
    assert!((60..=66).contains(&attempts), "{attempts} attempts in an hour");
    failing.recover();
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(failing.position(EVENT), 1);
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_each_consumer_goes_on_from_its_own_cursor() {
    let (_journal, sales) = sales();
    let failing = Recorder::in_trouble("failing", EVENT, Trouble::Fails);
    let sound = Recorder::new("sound", CursorPlace::InJournal);
    let with_rows = Recorder::new("with rows", CursorPlace::Own);
    let runner = run(&sales, &[&failing, &sound, &with_rows]);
    opened(&sales, EVENT, 1, 9).await;
    reserved(&sales, EVENT, 1, &[0]).await;
    tokio::time::sleep(MOMENT).await;
    runner.abort();
    reserved(&sales, EVENT, 1, &[1]).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!((failing.position(EVENT), sound.position(EVENT), with_rows.position(EVENT)), (0, 2, 2));

    // The next process: the rows are still there, but everything in memory is lost.
    let failed = Recorder::new("failing", CursorPlace::InJournal);
    let sound = Recorder::new("sound", CursorPlace::InJournal);
    let added = Recorder::new("added", CursorPlace::InJournal);
    let counters = Recorder::new("counters", CursorPlace::InProcess);
    let _runner = run(&sales, &[&failed, &sound, &with_rows, &added, &counters]);
    tokio::time::sleep(MOMENT).await;
    let firsts = [&failed, &sound, &with_rows, &added].map(|consumer| consumer.first(EVENT));
    assert_eq!(firsts, [Some(0), Some(2), Some(0), Some(0)]);
    let ends = [&failed, &sound, &with_rows, &added].map(|consumer| consumer.position(EVENT));
    assert_eq!(ends, [3; 4]);
    assert_eq!(counters.first(EVENT), None, "nothing is durable since it began");
    reserved(&sales, EVENT, 1, &[2]).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!((counters.first(EVENT), counters.position(EVENT)), (Some(3), 4));
}

#[tokio::test(start_paused = true)]
async fn a_consumer_without_stored_cursors_misses_nothing_after_a_failure() {
    let (_journal, sales) = sales();
    opened(&sales, EVENT, 1, 9).await;
    let counters = Recorder::new("counters", CursorPlace::InProcess);
    counters.troubles.lock().insert(EVENT, Trouble::Fails);
    let _runner = run(&sales, &[&counters]);
    for seat in 0..3 {
        reserved(&sales, EVENT, 1, &[seat]).await;
        tokio::time::sleep(MOMENT).await;
    }
    counters.recover();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!((counters.first(EVENT), counters.position(EVENT)), (Some(1), 4));
}

#[tokio::test(start_paused = true)]
async fn deleted_rows_are_rebuilt() {
    let (_journal, sales) = sales();
    let with_rows = Recorder::new("with rows", CursorPlace::Own);
    let _runner = run(&sales, &[&with_rows]);
    for event in [EVENT, OTHER] {
        opened(&sales, event, 1, 9).await;
    }
    tokio::time::sleep(MOMENT).await;
    with_rows.taken.lock().clear();
    reserved(&sales, EVENT, 1, &[0]).await;
    tokio::time::sleep(MOMENT).await;
    assert_eq!(with_rows.taken.lock()[&EVENT], [(0, 2, 2)], "the next batch brings everything before it");
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!(with_rows.position(OTHER), 0, "no search compares all streams again");
    let compares = RunnerOptions { compares_at_start: false, ..RunnerOptions::default() };
    for (options, position) in [(compares, 0), (RunnerOptions::default(), 1)] {
        let next = Runner::new(sales.clone(), vec![Arc::clone(&with_rows) as Arc<dyn Consumer>], options);
        let running = tokio::spawn(next.run());
        tokio::time::sleep(MOMENT).await;
        assert_eq!(with_rows.position(OTHER), position, "{options:?}");
        running.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_feed_announces_is_shared_and_not_read_from_the_journal() {
    let (journal, sales) = sales();
    let consumers = ["one", "two", "three"].map(|name| Recorder::new(name, CursorPlace::InJournal));
    let _runner = run(&sales, &consumers.each_ref());
    opened(&sales, EVENT, 1, 9).await;
    tokio::time::sleep(MOMENT).await;
    journal.reads.lock().clear();
    for seat in 0..5 {
        reserved(&sales, EVENT, 1, &[seat]).await;
    }
    tokio::time::sleep(MOMENT).await;
    for consumer in &consumers {
        assert_eq!(consumer.taken.lock()[&EVENT], [(0, 1, 1), (1, 6, 5)], "gathered into one slice");
    }
    assert_eq!(*journal.reads.lock(), []);
}

#[tokio::test(start_paused = true)]
async fn streams_of_another_kind_are_left_alone() {
    let (journal, sales) = sales();
    let waiting_room = StreamId::new(StreamKind(1), EVENT.0);
    let append = Append {
        stream: waiting_room,
        expected: Head::default(),
        batch: BatchId(1),
        payload: b"no sale".as_slice().into(),
        deadline: None,
        decided: DecisionTimes::default(),
    };
    journal.append(append).await.unwrap();
    opened(&sales, EVENT, 1, 9).await;
    let (listed, compared) =
        (Recorder::new("listed", CursorPlace::InJournal), Recorder::new("compared", CursorPlace::Own));
    let _runner = run(&sales, &[&listed, &compared]);
    tokio::time::sleep(Duration::from_secs(200)).await;
    for consumer in [&listed, &compared] {
        assert_eq!(*consumer.taken.lock(), BTreeMap::from([(EVENT, vec![(0, 1, 1)])]));
    }
    let of_kind_1 = journal.behind(listed.name(), StreamKind(1), None, 9).await.unwrap();
    assert_eq!(of_kind_1, [waiting_room], "it waits for a consumer of waiting rooms");
}
