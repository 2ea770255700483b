//! Batches are found again: by position, by id, by stream, and after a restart.

use fairseat_journal::{Append, Hash, Head, Position, StreamId, chain_hash};

use crate::fixture::{
    Fixture, KIND, OTHER_SALE, SALE, VIEWS, append, behind, fill, id, read_all, texts, try_append,
};

pub(crate) async fn batches_come_back_as_they_were_written<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    for (expected, text) in (0..).zip(["one", "two", "three"]) {
        try_append(journal, SALE, expected, text).await.unwrap();
        try_append(journal, OTHER_SALE, expected, "interleaved").await.unwrap();
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

pub(crate) async fn streams_whose_head_is_another_are_found<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    assert_eq!(journal.moved(Vec::new()).await.unwrap(), []);
    fill(journal, SALE, &["one", "two"]).await;
    let (empty, newest) = (Head::default(), journal.head(SALE).await.unwrap());
    let foreign = Head { hash: [7; 32], ..newest };
    for (known, is_other) in [(empty, true), (newest, false), (foreign, true)] {
        let asked = vec![(OTHER_SALE, empty), (SALE, known)];
        let moved = journal.moved(asked).await.unwrap();
        assert_eq!(moved, if is_other { vec![SALE] } else { Vec::new() }, "{known:?}");
    }
    // A promotion may lose a whole stream.
    assert_eq!(journal.moved(vec![(OTHER_SALE, newest)]).await.unwrap(), [OTHER_SALE]);
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
    let alone = append(fixture.journal(), OTHER_SALE, 0, "alone").await;
    fixture.journal().append(Append { deadline: Some(500), ..alone }).await.unwrap();
    fixture.journal().caught_up(VIEWS, SALE, Position::START, Position(2)).await.unwrap();
    let before = (read_all(fixture.journal(), SALE).await, fixture.journal().streams(None, 9).await);

    let fixture = fixture.reopen().await;
    let journal = fixture.journal();
    assert_eq!((read_all(journal, SALE).await, journal.streams(None, 9).await), before);
    assert_eq!(journal.due(KIND, 500, 9).await.unwrap(), [(OTHER_SALE, 500)]);
    assert_eq!(behind(journal, VIEWS).await, [OTHER_SALE]);
    assert_eq!(try_append(journal, SALE, 2, "three").await, Ok(Position(3)));
    assert_eq!(journal.head(StreamId(99)).await.unwrap(), Head::default());
}
