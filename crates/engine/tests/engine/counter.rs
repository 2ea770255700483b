//! A second machine beside the sale: the engine runs both over one journal, and keeps them apart.

use crate::support::{EVENT, START_MS, TokioClock, at, engine, is_free, opened, reserved, until};
use fairseat_domain::sale::Violation;
use fairseat_domain::time::Timestamp;
use fairseat_domain::wire::WireError;
use fairseat_engine::{Answer, Engine, EngineOptions, Machine, Step};
use fairseat_journal::{MemoryJournal, StreamId, StreamKind};
use std::sync::Arc;
use std::time::Duration;

/// Counts up to a limit, and starts again at 0 a minute after it left 0.
#[derive(Clone, Debug, PartialEq)]
struct Counter {
    number: u64,
    total: u8,
    now: Timestamp,
    resets_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Added(Timestamp, u8),
    Reset(Timestamp),
}

#[derive(Debug, PartialEq)]
struct LimitReached;

const LIMIT: u8 = 10;
const RESET_AFTER_MS: i64 = 60_000;

impl Counter {
    fn bytes(at: Timestamp, kind: u8, count: u8) -> [u8; 10] {
        let mut bytes = [kind, count, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[2..].copy_from_slice(&at.as_millis().to_be_bytes());
        bytes
    }

    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Added(at, count) => {
                let first = Timestamp::from_millis(at.as_millis() + RESET_AFTER_MS);
                self.resets_at.get_or_insert(first);
                (self.now, self.total) = (at, self.total + count);
            }
            Entry::Reset(at) => (self.now, self.total, self.resets_at) = (at, 0, None),
        }
    }
}

impl Machine for Counter {
    const NAME: &'static str = "counter";
    const KIND: StreamKind = StreamKind(9);

    type Number = u64;
    type Request = u8;
    type Decision = u8;
    type Refusal = LimitReached;
    type Entry = Entry;
    type Changes = ();
    type ChangeLog = ();

    fn stream(number: u64) -> StreamId {
        StreamId::new(Self::KIND, number)
    }

    fn number_of(stream: StreamId) -> Option<u64> {
        (stream.kind() == Self::KIND).then(|| stream.number())
    }

    fn empty(number: u64) -> Self {
        Self { number, total: 0, now: Timestamp::EPOCH, resets_at: None }
    }

    fn number(&self) -> u64 {
        self.number
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.resets_at
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.resets_at
    }

    fn due_entry(&self, now: Timestamp) -> Option<Entry> {
        self.resets_at.filter(|at| *at <= now).map(|_| Entry::Reset(now))
    }

    fn step(&mut self, count: &u8, now: Timestamp, (): &mut ()) -> Result<Step<Self>, Violation> {
        if self.total + count > LIMIT {
            return Ok((Vec::new(), Err(LimitReached)));
        }
        let entry = Entry::Added(now, *count);
        self.apply(entry);
        Ok((vec![entry], Ok(self.total)))
    }

    fn apply_entry(&mut self, entry: &Entry, (): &mut ()) -> Result<(), Violation> {
        self.apply(*entry);
        Ok(())
    }

    fn needs_own_batch(_: &u8) -> bool {
        false
    }

    fn facts(_: &Entry) -> usize {
        1
    }

    fn encode(mut batch: Vec<u8>, entry: &Entry) -> Result<Vec<u8>, WireError> {
        batch.extend(match *entry {
            Entry::Added(at, count) => Self::bytes(at, 0, count),
            Entry::Reset(at) => Self::bytes(at, 1, 0),
        });
        Ok(batch)
    }

    fn decode(batch: &[u8]) -> Result<Vec<Entry>, WireError> {
        let entries = batch.chunks_exact(10).map(|bytes| {
            let at = Timestamp::from_millis(i64::from_be_bytes(bytes[2..].try_into().unwrap()));
            if bytes[0] == 0 { Entry::Added(at, bytes[1]) } else { Entry::Reset(at) }
        });
        Ok(entries.collect())
    }

    fn to_snapshot(&self) -> Result<Vec<u8>, String> {
        let resets_at = self.resets_at.unwrap_or(Timestamp::MAX);
        let mut bytes = Self::bytes(self.now, 0, self.total).to_vec();
        bytes.extend(resets_at.as_millis().to_be_bytes());
        bytes.extend(self.number.to_be_bytes());
        Ok(bytes)
    }

    fn from_snapshot(bytes: &[u8]) -> Result<Self, String> {
        let number = |from: usize| -> [u8; 8] { bytes[from..from + 8].try_into().unwrap() };
        let resets_at = Timestamp::from_millis(i64::from_be_bytes(number(10)));
        Ok(Self {
            number: u64::from_be_bytes(number(18)),
            total: bytes[1],
            now: Timestamp::from_millis(i64::from_be_bytes(number(2))),
            resets_at: (resets_at != Timestamp::MAX).then_some(resets_at),
        })
    }
}

fn counters(journal: &Arc<MemoryJournal>, start_ms: i64) -> Engine<Counter> {
    let options = EngineOptions { snapshot_every: 8, ..EngineOptions::default() };
    Engine::new(journal.clone(), TokioClock::starting(at(start_ms)), options)
}

async fn add(counters: &Engine<Counter>, number: u64, count: u8) -> Answer<Counter> {
    counters.submit(number, count).await.unwrap().answer
}

#[tokio::test(start_paused = true)]
async fn a_machine_answers_refuses_and_remembers_after_a_restart() {
    let journal = Arc::new(MemoryJournal::new());
    let before = counters(&journal, 0);
    let answers = futures::future::join_all([4, 4, 4, 2].map(|count| add(&before, 1, count))).await;
    assert_eq!(answers, [Ok(4), Ok(8), Err(LimitReached), Ok(10)]);
    before.stop().await;
    let after = counters(&journal, 1_000);
    assert_eq!(add(&after, 1, 1).await, Err(LimitReached));
    assert_eq!(add(&after, 2, 1).await, Ok(1), "another counter");
    after.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_machine_wakes_from_its_snapshot() {
    let journal = Arc::new(MemoryJournal::new());
    let before = counters(&journal, 0);
    for total in 1..=5 {
        assert_eq!(add(&before, 1, 1).await, Ok(total));
    }
    let last = before.handle(1).await.unwrap().published();
    before.stop().await;
    let (head, bytes) = fairseat_journal::Journal::snapshot(&*journal, Counter::stream(1)).await.unwrap();
    assert_eq!((head, Counter::from_snapshot(&bytes).unwrap()), (last.head(), last.state.clone()));
    let after = counters(&journal, 1_000);
    assert_eq!(after.handle(1).await.unwrap().published().state, last.state);
}

#[tokio::test(start_paused = true)]
async fn a_counter_and_a_sale_of_one_number_share_nothing() {
    let journal = Arc::new(MemoryJournal::new());
    let (sales, counters) = (engine(&journal, EngineOptions::default()), counters(&journal, 0));
    opened(&sales, EVENT, 1, 5).await;
    assert_eq!(add(&counters, EVENT.0, 3).await, Ok(3));
    reserved(&sales, EVENT, 1, &[0]).await;
    assert_eq!(add(&counters, EVENT.0, 3).await, Ok(6));
    let positions = (
        sales.sale(EVENT).await.unwrap().published().position.0,
        counters.handle(EVENT.0).await.unwrap().published().position.0,
    );
    assert_eq!(positions, (2, 2));
}

#[tokio::test(start_paused = true)]
async fn each_engine_wakes_the_machines_of_its_kind_when_they_are_due() {
    let journal = Arc::new(MemoryJournal::new());
    let (sales, first) = (engine(&journal, EngineOptions::default()), counters(&journal, 0));
    opened(&sales, EVENT, 1, 5).await;
    reserved(&sales, EVENT, 1, &[0]).await;
    add(&first, EVENT.0, 3).await.unwrap();
    sales.stop().await;
    first.stop().await;

    let later = START_MS + 3_600_000;
    let second = counters(&journal, later - START_MS);
    second.wake_due().await;
    let counter = second.handle(EVENT.0).await.unwrap();
    let mut versions = counter.watch();
    let reset = versions.wait_for(|version| version.state.total == 0);
    drop(
        tokio::time::timeout(Duration::from_secs(60), reset).await.expect("the reset was never due").unwrap(),
    );
    let sales = Engine::new(
        journal.clone(),
        TokioClock::starting(Timestamp::from_millis(later)),
        EngineOptions::default(),
    );
    assert_eq!(sales.awake(), 0);
    sales.wake_due().await;
    until(&sales, EVENT, |sale| is_free(sale, 0)).await;
    assert_eq!((sales.awake(), second.awake()), (1, 1));
}
