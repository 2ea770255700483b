//! Random calls against a simple model: a vector of batches for each stream.

use std::collections::BTreeMap;

use bytes::Bytes;
use fairseat_journal::{
    Append, AppendError, BatchId, ConsumerName, Deadline, DecisionTimes, Position, StreamId,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::fixture::{Fixture, KIND, MESSAGES, VIEWS, behind, head_at, now, position, read_all};

const HISTORIES: usize = 40;
const CONSUMERS: [ConsumerName; 2] = [VIEWS, MESSAGES];

#[derive(Clone, Debug)]
enum Call {
    /// Appends with an expected position that is off by this much.
    Append {
        stream: u64,
        off_by: i64,
        payload: Vec<u8>,
        deadline: Deadline,
    },
    /// A consumer reports a position that is off by this much.
    CaughtUp {
        consumer: ConsumerName,
        stream: u64,
        off_by: i64,
    },
    Reopen,
}

fn call() -> impl Strategy<Value = Call> {
    let off_by = prop_oneof![6 => Just(0), 1 => -3..0_i64, 1 => 1..3_i64];
    let payload = prop_oneof![9 => prop::collection::vec(any::<u8>(), 0..40), 1 => Just(vec![9; 20_000])];
    let deadline = prop::option::of(-5..100_i64);
    let append = (0..4_u64, off_by.clone(), payload, deadline)
        .prop_map(|(stream, off_by, payload, deadline)| Call::Append { stream, off_by, payload, deadline });
    let caught_up = (prop::sample::select(&CONSUMERS[..]), 0..4_u64, off_by)
        .prop_map(|(consumer, stream, off_by)| Call::CaughtUp { consumer, stream, off_by });
    prop_oneof![12 => append, 6 => caught_up, 1 => Just(Call::Reopen)]
}

#[derive(Debug, Default)]
struct Model {
    batches: BTreeMap<StreamId, Vec<(BatchId, Vec<u8>)>>,
    deadlines: BTreeMap<StreamId, i64>,
    cursors: BTreeMap<(ConsumerName, StreamId), u64>,
}

impl Model {
    fn len(&self, stream: StreamId) -> u64 {
        self.batches.get(&stream).map_or(0, Vec::len) as u64
    }

    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> u64 {
        self.cursors.get(&(consumer, stream)).copied().unwrap_or(0)
    }

    fn caught_up(&mut self, consumer: ConsumerName, stream: StreamId, position: u64) {
        if position <= self.len(stream) && position > self.cursor(consumer, stream) {
            self.cursors.insert((consumer, stream), position);
        }
    }

    fn behind(&self, consumer: ConsumerName) -> Vec<StreamId> {
        let streams = self.batches.keys().copied();
        streams.filter(|stream| self.cursor(consumer, *stream) < self.len(*stream)).collect()
    }

    fn append(&mut self, append: &Append) {
        let Append { stream, batch, ref payload, deadline, .. } = *append;
        self.batches.entry(stream).or_default().push((batch, payload.to_vec()));
        self.deadlines.remove(&stream);
        self.deadlines.extend(deadline.map(|deadline| (stream, deadline)));
    }
}

/// Proptest's macro has no async calls, so its runner is used directly. It draws the same histories every time; a failing
/// history is printed whole.
pub(crate) async fn any_sequence_of_calls_agrees_with_a_simple_model<F: Fixture>() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let histories = prop::collection::vec(call(), 1..40);
    for _ in 0..HISTORIES {
        let history = histories.new_tree(&mut runner).unwrap().current();
        let (mut fixture, mut model) = (F::new().await, Model::default());
        for (step, call) in history.iter().enumerate() {
            fixture = apply(fixture, &mut model, call, step).await;
            let found = compare(&fixture, &model).await;
            assert_eq!(found, Ok(()), "after step {step} of {history:?}");
        }
    }
}

async fn apply<F: Fixture>(fixture: F, model: &mut Model, call: &Call, step: usize) -> F {
    match *call {
        Call::Append { stream, off_by, ref payload, deadline } => {
            let stream = StreamId(stream);
            let expected = model.len(stream).saturating_add_signed(off_by);
            let expected = head_at(fixture.journal(), stream, expected).await;
            let (payload, batch) = (Bytes::copy_from_slice(payload), BatchId(step as u128));
            let append =
                Append { stream, expected, batch, payload, deadline, decided: DecisionTimes::at(now()) };
            append_both(&fixture, model, append).await;
        }
        Call::CaughtUp { consumer, stream, off_by } => {
            let stream = StreamId(stream);
            let position = model.len(stream).saturating_add_signed(off_by);
            fixture.journal().caught_up(consumer, stream, Position::START, Position(position)).await.unwrap();
            model.caught_up(consumer, stream, position);
        }
        Call::Reopen => return fixture.reopen().await,
    }
    fixture
}

async fn append_both<F: Fixture>(fixture: &F, model: &mut Model, append: Append) {
    let head = Position(model.len(append.stream));
    let expected = append.expected.position;
    let answer = position(fixture.journal().append(append.clone()).await);
    if expected == head {
        assert_eq!(answer, Ok(head.next()));
        model.append(&append);
    } else if expected > head {
        let head = fixture.journal().head(append.stream).await.unwrap();
        assert_eq!(answer, Err(AppendError::Diverged { head }));
    } else {
        let Err(AppendError::Conflict { missed }) = answer else {
            panic!("{answer:?} instead of a conflict")
        };
        assert_eq!(missed.len() as u64, head.0 - expected.0);
    }
}

async fn compare<F: Fixture>(fixture: &F, model: &Model) -> Result<(), String> {
    let journal = fixture.journal();
    for (stream, expected) in &model.batches {
        let found = read_all(journal, *stream).await;
        let found: Vec<_> = found.iter().map(|batch| (batch.batch, batch.payload.to_vec())).collect();
        if found != *expected {
            return Err(format!("{stream:?} holds {found:?}"));
        }
    }
    for consumer in CONSUMERS {
        let found = behind(journal, consumer).await;
        if found != model.behind(consumer) {
            return Err(format!("{consumer} is behind with {found:?}"));
        }
        for stream in model.batches.keys() {
            let found = journal.cursor(consumer, *stream).await.unwrap();
            if found.0 != model.cursor(consumer, *stream) {
                return Err(format!("the cursor of {consumer} in {stream:?} is {found:?}"));
            }
        }
    }
    let mut due: Vec<_> = model.deadlines.iter().map(|(stream, deadline)| (*stream, *deadline)).collect();
    due.sort_by_key(|(stream, deadline)| (*deadline, *stream));
    let listed = journal.due(KIND, i64::MAX, 99).await;
    let streams: Vec<_> =
        journal.streams(None, 99).await.unwrap().into_iter().map(|(stream, _)| stream).collect();
    match listed == Ok(due) && streams.iter().eq(model.batches.keys()) {
        true => Ok(()),
        false => Err(format!("{listed:?}, {streams:?}")),
    }
}
