//! Compare-and-append: which writer wins, the loser's answer, and what is refused.

use bytes::Bytes;
use fairseat_journal::limits::{MAX_MISSED_BYTES, MAX_PAYLOAD_BYTES};
use fairseat_journal::{Append, AppendError, Head, InvalidAppend, Journal, Position, StreamId};
use futures::future::join_all;

use crate::fixture::{
    Fixture, OTHER_SALE, SALE, append, append_to, fill, head_at, missed, position, read_all, texts,
    try_append,
};

pub(crate) async fn the_first_append_creates_its_stream<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    assert_eq!(journal.head(SALE).await.unwrap().position, Position::START);
    assert_eq!(try_append(journal, SALE, 0, "opened").await, Ok(Position(1)));
    assert_eq!(journal.head(SALE).await.unwrap().position, Position(1));
    assert_eq!(try_append(journal, SALE, 1, "").await, Ok(Position(2)), "an empty payload is a payload");
    assert_eq!(texts(&read_all(journal, SALE).await), ["opened", ""]);
}

pub(crate) async fn a_stale_append_is_answered_with_what_it_missed<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two", "three"]).await;
    let lost = missed(try_append(journal, SALE, 1, "late").await);
    assert_eq!(texts(&lost), ["two", "three"]);
    assert_eq!(lost, read_all(journal, SALE).await[1..]);
}

pub(crate) async fn missed_batches_are_a_first_page_to_read_on_from<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let large = "x".repeat(MAX_MISSED_BYTES * 2 / 5);
    fill(journal, SALE, &[&large, &large, &large]).await;
    let lost = missed(try_append(journal, SALE, 0, "late").await);
    assert_eq!(lost.len(), 2);
    let rest = journal.read(SALE, Position(2), MAX_MISSED_BYTES).await.unwrap();
    assert_eq!(rest.len(), 1);
}

pub(crate) async fn an_append_past_the_head_is_refused<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let nothing = Err(AppendError::Diverged { head: Head::default() });
    assert_eq!(try_append(journal, SALE, 1, "too far").await, nothing);
    fill(journal, SALE, &["one"]).await;
    let one = Err(AppendError::Diverged { head: head_at(journal, SALE, 1).await });
    assert_eq!(try_append(journal, SALE, 2, "too far").await, one);
    assert_eq!(try_append(journal, SALE, u64::MAX, "too far").await, one);
    assert_eq!(texts(&read_all(journal, SALE).await), ["one"]);
}

pub(crate) async fn a_lost_race_fails_nobody_else<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let streams = || (1..=40).map(StreamId);
    fill(journal, StreamId(20), &["first"]).await;
    let answers = join_all(streams().map(|stream| try_append(journal, stream, 0, "batch"))).await;
    for (stream, answer) in streams().zip(answers) {
        if stream == StreamId(20) {
            assert_eq!(texts(&missed(answer)), ["first"]);
        } else {
            assert_eq!(answer, Ok(Position(1)));
            assert_eq!(texts(&read_all(journal, stream).await), ["batch"]);
        }
    }
}

const RACING_WRITERS: usize = 8;

/// Every writer retries each of its batches until the append wins. No batch is written twice.
pub(crate) async fn of_racing_writers_exactly_one_wins_each_position<F: Fixture>() {
    const BATCHES: usize = 25;
    let fixture = F::new().await;
    let journal = fixture.journal();
    let won =
        join_all((0..RACING_WRITERS).map(|writer| write_against_others(journal, writer, BATCHES))).await;

    let mut positions: Vec<_> = won.concat().into_iter().map(|position| position.0).collect();
    positions.sort_unstable();
    assert_eq!(positions, (1..=(RACING_WRITERS * BATCHES) as u64).collect::<Vec<_>>());
    let mut written = texts(&read_all(journal, SALE).await);
    written.sort_unstable();
    written.dedup();
    assert_eq!(written.len(), RACING_WRITERS * BATCHES);
}

async fn write_against_others(journal: &dyn Journal, writer: usize, batches: usize) -> Vec<Position> {
    let (mut expected, mut won) = (Position::START, Vec::new());
    // Each lost append reads at least one batch of the others, so the tries are bounded.
    for _ in 0..RACING_WRITERS * batches {
        if won.len() == batches {
            break;
        }
        let text = format!("{writer}/{}", won.len());
        match try_append(journal, SALE, expected.0, &text).await {
            Ok(position) => {
                won.push(position);
                expected = position;
            }
            lost => expected = missed(lost).last().map_or(expected, |last| last.position),
        }
    }
    won
}

pub(crate) async fn a_head_of_another_history_is_diverged<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two"]).await;
    let head = journal.head(SALE).await.unwrap();
    for position in [1, 2, 3].map(Position) {
        let foreign = Head { position, hash: [7; 32] };
        let answer = journal.append(append_to(SALE, foreign, "foreign")).await;
        assert_eq!(answer, Err(AppendError::Diverged { head }), "{position:?}");
    }
    assert_eq!(texts(&read_all(journal, SALE).await), ["one", "two"]);
}

/// The answer to the first attempt was lost, so the writer sends the same append again.
pub(crate) async fn a_repeated_append_is_won_and_written_once<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let attempt = append(journal, SALE, 0, "once").await;
    let won = journal.append(attempt.clone()).await;
    assert_eq!(won, Ok(attempt.to_batch().head()));
    assert_eq!(journal.append(attempt.clone()).await, won);
    assert_eq!(try_append(journal, SALE, 1, "later").await, Ok(Position(2)));
    assert_eq!(journal.append(attempt).await, won, "although the stream went on");
    assert_eq!(texts(&read_all(journal, SALE).await), ["once", "later"]);
}

pub(crate) async fn the_same_batch_after_another_head_is_another_batch<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two"]).await;
    let lost = missed(try_append(journal, SALE, 0, "two").await);
    assert_eq!(texts(&lost), ["one", "two"]);
}

pub(crate) async fn an_append_that_no_journal_can_store_is_refused<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let empty = append(journal, SALE, 0, "").await;
    let of_bytes = |bytes: usize| Append { payload: Bytes::from(vec![1; bytes]), ..empty.clone() };
    let too_large = InvalidAppend::PayloadTooLarge { bytes: MAX_PAYLOAD_BYTES + 1, limit: MAX_PAYLOAD_BYTES };
    assert_eq!(journal.append(of_bytes(MAX_PAYLOAD_BYTES + 1)).await, Err(too_large.into()));
    assert_eq!(position(journal.append(of_bytes(F::LARGEST_IN_TIME)).await), Ok(Position(1)));
    assert_eq!(read_all(journal, SALE).await[0].payload.len(), F::LARGEST_IN_TIME);

    let stream = StreamId(u64::MAX);
    let out_of_range = InvalidAppend::StreamOutOfRange { stream };
    assert_eq!(try_append(journal, stream, 0, "").await, Err(out_of_range.into()));
}

pub(crate) async fn an_append_that_is_never_polled_never_happens<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    drop(journal.append(append(journal, SALE, 0, "never").await));
    fill(journal, OTHER_SALE, &["after"]).await;
    assert_eq!(journal.head(SALE).await.unwrap().position, Position::START);
}
