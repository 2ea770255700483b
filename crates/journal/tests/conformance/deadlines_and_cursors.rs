//! Deadlines, and the lists of streams that each consumer is behind with: both change in the append's commit.

use fairseat_journal::{Append, ConsumerName, Deadline, Journal, Position, StreamId, StreamKind};

use crate::fixture::{Fixture, KIND, MESSAGES, OTHER_SALE, SALE, VIEWS, append, behind, fill, try_append};

async fn append_due(journal: &dyn Journal, stream: StreamId, expected: u64, deadline: Deadline) {
    let append = Append { deadline, ..append(journal, stream, expected, "batch").await };
    journal.append(append).await.unwrap();
}

pub(crate) async fn each_append_replaces_the_deadline<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    for (expected, deadline) in (0..).zip([Some(100), Some(50), Some(200), None, Some(-1)]) {
        append_due(journal, SALE, expected, deadline).await;
        let due: Vec<_> = deadline.map(|deadline| (SALE, deadline)).into_iter().collect();
        assert_eq!(journal.due(KIND, i64::MAX, 9).await.unwrap(), due);
    }
    let refused = Append { deadline: Some(7), ..append(journal, SALE, 0, "late").await };
    assert!(journal.append(refused).await.is_err());
    let due = journal.due(KIND, i64::MAX, 9).await.unwrap();
    assert_eq!(due, [(SALE, -1)], "a refused append moves no deadline");
}

pub(crate) async fn due_streams_come_earliest_first<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    for (stream, deadline) in [(1, 300), (2, 100), (3, 200), (4, 100)] {
        append_due(journal, StreamId(stream), 0, Some(deadline)).await;
    }
    append_due(journal, StreamId(5), 0, None).await;
    let order = [(2, 100), (4, 100), (3, 200), (1, 300)].map(|(stream, ms)| (StreamId(stream), ms));
    for (now, limit, due) in
        [(99, 9, 0), (100, 9, 2), (199, 9, 2), (200, 9, 3), (i64::MAX, 9, 4), (300, 1, 1), (300, 0, 0)]
    {
        assert_eq!(journal.due(KIND, now, limit).await.unwrap(), order[..due], "at {now}, limit {limit}");
    }
    assert_eq!(journal.due(KIND, 300, 9).await.unwrap(), order, "asking does not take them off the list");
}

pub(crate) async fn deadlines_are_listed_apart_for_each_kind<F: Fixture>() {
    let fixture = F::new().await;
    let stream = |kind, number| StreamId::new(StreamKind(kind), number);
    let ends = [(0, 5, 100), (1, 5, 50), (1, 6, 300), (127, StreamId::MAX_NUMBER, 100)];
    for (kind, number, deadline) in ends {
        append_due(fixture.journal(), stream(kind, number), 0, Some(deadline)).await;
    }
    let fixture = fixture.reopen().await;
    let journal = fixture.journal();
    for kind in [0, 1, 2, 127] {
        let due: Vec<_> = (ends.into_iter().filter(|end| end.0 == kind && end.2 <= 100))
            .map(|(kind, number, deadline)| (stream(kind, number), deadline))
            .collect();
        assert_eq!(journal.due(StreamKind(kind), 100, 9).await.unwrap(), due, "kind {kind}");
    }
}

pub(crate) async fn an_append_puts_its_stream_behind_until_the_consumer_has_it<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    assert_eq!(behind(journal, VIEWS).await, []);
    fill(journal, OTHER_SALE, &["one"]).await;
    fill(journal, SALE, &["one", "two"]).await;
    assert_eq!(behind(journal, VIEWS).await, [SALE, OTHER_SALE]);

    journal.caught_up(VIEWS, SALE, Position::START, Position(2)).await.unwrap();
    journal.caught_up(VIEWS, SALE, Position::START, Position(2)).await.unwrap();
    assert_eq!(behind(journal, VIEWS).await, [OTHER_SALE]);
    try_append(journal, SALE, 2, "three").await.unwrap();
    assert_eq!(behind(journal, VIEWS).await, [SALE, OTHER_SALE]);
}

pub(crate) async fn each_consumer_is_behind_on_its_own<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one", "two"]).await;
    fill(fixture.journal(), OTHER_SALE, &["one"]).await;
    fixture.journal().caught_up(VIEWS, SALE, Position::START, Position(2)).await.unwrap();
    fixture.journal().caught_up(MESSAGES, OTHER_SALE, Position::START, Position(1)).await.unwrap();
    // Once with the running journal, and once after it was opened again.
    let mut fixture = fixture;
    for _ in 0..2 {
        assert_eq!(behind(fixture.journal(), VIEWS).await, [OTHER_SALE]);
        assert_eq!(behind(fixture.journal(), MESSAGES).await, [SALE]);
        assert_eq!(behind(fixture.journal(), ConsumerName("new")).await, [SALE, OTHER_SALE]);
        fixture = fixture.reopen().await;
    }
    try_append(fixture.journal(), SALE, 2, "three").await.unwrap();
    assert_eq!(behind(fixture.journal(), VIEWS).await, [SALE, OTHER_SALE]);
    assert_eq!(behind(fixture.journal(), MESSAGES).await, [SALE]);
}

pub(crate) async fn a_cursor_moves_forward_only_and_never_past_the_head<F: Fixture>() {
    let fixture = F::new().await;
    fill(fixture.journal(), SALE, &["one", "two", "three"]).await;
    for (reported, cursor) in [(0, 0), (4, 0), (u64::MAX, 0), (2, 2), (1, 2), (0, 2), (4, 2)] {
        fixture.journal().caught_up(VIEWS, SALE, Position::START, Position(reported)).await.unwrap();
        let found = fixture.journal().cursor(VIEWS, SALE).await.unwrap();
        assert_eq!(found, Position(cursor), "after a report of {reported}");
    }
    assert_eq!(fixture.journal().cursor(MESSAGES, SALE).await.unwrap(), Position::START);
    assert_eq!(fixture.journal().cursor(VIEWS, OTHER_SALE).await.unwrap(), Position::START);

    let fixture = fixture.reopen().await;
    let journal = fixture.journal();
    assert_eq!(journal.cursor(VIEWS, SALE).await.unwrap(), Position(2));
    journal.caught_up(VIEWS, SALE, Position::START, Position(3)).await.unwrap();
    assert_eq!(journal.cursor(VIEWS, SALE).await.unwrap(), Position(3));
    fill_on(journal, SALE, 3).await;
    assert_eq!(journal.cursor(VIEWS, SALE).await.unwrap(), Position(3), "an append does not move it");
}

async fn fill_on(journal: &dyn Journal, stream: StreamId, expected: u64) {
    try_append(journal, stream, expected, "more").await.unwrap();
}

/// After a lost cursor, the consumer's reports must not skip the batches that it has to process again.
pub(crate) async fn a_report_that_skips_batches_moves_no_cursor<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two", "three"]).await;
    for (from, to, cursor) in [(1, 2, 0), (0, 1, 1), (2, 3, 1), (1, 2, 2), (0, 3, 3)] {
        journal.caught_up(VIEWS, SALE, Position(from), Position(to)).await.unwrap();
        let found = journal.cursor(VIEWS, SALE).await.unwrap();
        assert_eq!(found, Position(cursor), "after a report of {from} to {to}");
    }
    assert_eq!(behind(journal, VIEWS).await, []);
}

pub(crate) async fn streams_behind_are_listed_page_by_page_for_each_kind<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    let stream = |kind, number| StreamId::new(StreamKind(kind), number);
    let streams = [stream(0, 1), stream(0, 2), stream(0, StreamId::MAX_NUMBER), stream(1, 0), stream(1, 7)];
    for one in streams {
        fill(journal, one, &["one"]).await;
    }
    // The first consumer has reported a cursor and the second has not; both lists have the same pages.
    journal.caught_up(VIEWS, stream(0, 1), Position::START, Position(1)).await.unwrap();
    fill_on(journal, stream(0, 1), 1).await;
    for consumer in [VIEWS, MESSAGES] {
        for (kind, after, limit, listed) in [
            (0, None, 9, 0..3),
            (0, None, 2, 0..2),
            (0, Some(streams[1]), 9, 2..3),
            (0, Some(streams[2]), 9, 3..3),
            (0, Some(streams[3]), 9, 3..3),
            (1, None, 9, 3..5),
            (1, Some(streams[0]), 9, 3..5),
            (1, Some(streams[3]), 9, 4..5),
            (2, None, 9, 5..5),
        ] {
            let found = journal.behind(consumer, StreamKind(kind), after, limit).await.unwrap();
            assert_eq!(found, streams[listed], "{consumer}, kind {kind} after {after:?}, limit {limit}");
        }
    }
}

pub(crate) async fn a_late_report_does_not_hide_a_newer_append<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two"]).await;
    for position in [0, 1, 3, u64::MAX] {
        journal.caught_up(VIEWS, SALE, Position::START, Position(position)).await.unwrap();
        assert_eq!(behind(journal, VIEWS).await, [SALE], "caught up to {position}");
    }
    // The consumer reports the head while an append moves it. Whichever runs first, the stream stays listed as behind.
    let report = journal.caught_up(VIEWS, SALE, Position::START, Position(2));
    let racing = futures::future::join(try_append(journal, SALE, 2, "three"), report);
    racing.await.0.unwrap();
    assert_eq!(behind(journal, VIEWS).await, [SALE]);
    let fixture = fixture.reopen().await;
    assert_eq!(behind(fixture.journal(), VIEWS).await, [SALE]);
    fixture.journal().caught_up(VIEWS, OTHER_SALE, Position::START, Position(1)).await.unwrap();
    assert_eq!(behind(fixture.journal(), VIEWS).await, [SALE]);
}
