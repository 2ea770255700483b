//! Batches are found again: by position, by id, by stream, and after a restart.

use fairseat_journal::{Append, BatchId, Hash, Head, Position, StreamId, chain_hash};

use crate::fixture::{Fixture, KIND, OTHER_SALE, SALE, VIEWS, append, behind, fill, id, read_all, texts};

pub(crate) async fn batches_come_back_as_they_were_written<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    for (expected, text) in (0..).zip(["one", "two", "three"]) {
        journal.append(append(SALE, expected, text)).await.unwrap();
        journal.append(append(OTHER_SALE, expected, "interleaved")).await.unwrap();
    }
    let batches = read_all(journal, SALE).await;
    assert_eq!(texts(&batches), ["one", "two", "three"]);
    let mut previous = Hash::default();
    for (position, batch) in (1..).map(Position).zip(&batches) {
        assert_eq!(batch.position, position);
        assert_eq!(batch.batch, id(&texts(std::slice::from_ref(batch))[0]));
        assert_eq!(batch.hash, chain_hash(&previous, SALE, position, batch.batch, &batch.payload));
        previous = batch.hash;
    }
    assert_eq!(journal.head(SALE).await.unwrap().hash, previous);
}

pub(crate) async fn pages_are_bounded_and_hold_at_least_one_batch<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["aaaa", "bbbb", "", "cccccccccccc", "d"]).await;
    for (after, max_bytes, page) in [
        (0, usize::MAX, &["aaaa", "bbbb", "", "cccccccccccc", "d"][..]),
        (0, 8, &["aaaa", "bbbb", ""]),
        (0, 7, &["aaaa"]),
        (0, 0, &["aaaa"]),
        (2, 0, &[""]),
        (3, 1, &["cccccccccccc"]),
        (4, 1, &["d"]),
        (5, 1, &[]),
        (99, 1, &[]),
        (u64::MAX, 1, &[]),
    ] {
        let read = journal.read(SALE, Position(after), max_bytes).await.unwrap();
        assert_eq!(texts(&read), page, "after {after}, {max_bytes} bytes");
    }
    assert!(journal.read(OTHER_SALE, Position::START, 1).await.unwrap().is_empty());
}

pub(crate) async fn a_batch_is_found_by_its_id<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two", "three"]).await;
    for (batch, after, found) in [
        (id("one"), 0, Some(Position(1))),
        (id("three"), 0, Some(Position(3))),
        (id("three"), 2, Some(Position(3))),
        (id("one"), 1, None),
        (id("three"), 3, None),
        (BatchId(u128::MAX), 0, None),
    ] {
        assert_eq!(journal.find(SALE, batch, Position(after)).await, Ok(found), "{batch:?} after {after}");
    }
    assert_eq!(journal.find(OTHER_SALE, id("one"), Position::START).await, Ok(None));
}

pub(crate) async fn streams_are_listed_page_by_page<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    assert_eq!(journal.streams(None, 10).await.unwrap(), []);
    for stream in [30, 10, 20] {
        fill(journal, StreamId(stream), &["one"]).await;
    }
    let mut listed = Vec::new();
    while let page = journal.streams(listed.last().copied(), 2).await.unwrap()
        && !page.is_empty()
    {
        assert!(page.len() <= 2 && listed.len() < 3, "{page:?} after {listed:?}");
        for (stream, head) in page {
            assert_eq!(head, journal.head(stream).await.unwrap());
            listed.push(stream);
        }
    }
    assert_eq!(listed, [10, 20, 30].map(StreamId));
}

pub(crate) async fn reopening_keeps_everything<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one", "two"]).await;
    let with_deadline = Append { deadline: Some(500), ..append(OTHER_SALE, 0, "alone") };
    fixture.journal().append(with_deadline).await.unwrap();
    fixture.journal().caught_up(VIEWS, SALE, Position(2)).await.unwrap();
    let before = (read_all(fixture.journal(), SALE).await, fixture.journal().streams(None, 9).await);

    let fixture = fixture.reopen().await;
    let journal = fixture.journal();
    assert_eq!((read_all(journal, SALE).await, journal.streams(None, 9).await), before);
    assert_eq!(journal.due(KIND, 500, 9).await.unwrap(), [(OTHER_SALE, 500)]);
    assert_eq!(behind(journal, VIEWS).await, [OTHER_SALE]);
    assert_eq!(journal.append(append(SALE, 2, "three")).await, Ok(Position(3)));
    assert_eq!(journal.head(StreamId(99)).await.unwrap(), Head::default());
}
