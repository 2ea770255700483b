//! Deadlines, and the list of streams that the views are behind with: both change in the append's commit.

use fairseat_journal::{Append, Deadline, Journal, Position, StreamId, StreamKind};

use crate::fixture::{Fixture, KIND, OTHER_SALE, SALE, append, fill};

async fn append_due(journal: &dyn Journal, stream: StreamId, expected: u64, deadline: Deadline) {
    journal.append(Append { deadline, ..append(stream, expected, "batch") }).await.unwrap();
}

pub(crate) async fn each_append_replaces_the_deadline<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    for (expected, deadline) in (0..).zip([Some(100), Some(50), Some(200), None, Some(-1)]) {
        append_due(journal, SALE, expected, deadline).await;
        let due: Vec<_> = deadline.map(|deadline| (SALE, deadline)).into_iter().collect();
        assert_eq!(journal.due(KIND, i64::MAX, 9).await.unwrap(), due);
        assert_eq!(journal.head(SALE).await.unwrap().deadline, deadline);
    }
    let refused = Append { deadline: Some(7), ..append(SALE, 0, "late") };
    assert!(journal.append(refused).await.is_err());
    assert_eq!(journal.head(SALE).await.unwrap().deadline, Some(-1), "a refused append moves no deadline");
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

pub(crate) async fn an_append_puts_its_stream_behind_until_the_views_have_it<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    assert_eq!(journal.behind(9).await.unwrap(), []);
    fill(journal, OTHER_SALE, &["one"]).await;
    fill(journal, SALE, &["one", "two"]).await;
    assert_eq!(journal.behind(9).await.unwrap(), [SALE, OTHER_SALE]);
    assert_eq!(journal.behind(1).await.unwrap(), [SALE]);

    journal.caught_up(SALE, Position(2)).await.unwrap();
    journal.caught_up(SALE, Position(2)).await.unwrap();
    assert_eq!(journal.behind(9).await.unwrap(), [OTHER_SALE]);
    journal.append(append(SALE, 2, "three")).await.unwrap();
    assert_eq!(journal.behind(9).await.unwrap(), [SALE, OTHER_SALE]);
}

pub(crate) async fn a_late_mark_does_not_hide_a_newer_append<F: Fixture>() {
    let fixture = F::new().await;
    let journal = fixture.journal();
    fill(journal, SALE, &["one", "two"]).await;
    for position in [0, 1, 3, u64::MAX] {
        journal.caught_up(SALE, Position(position)).await.unwrap();
        assert_eq!(journal.behind(9).await.unwrap(), [SALE], "caught up to {position}");
    }
    // A mark for the position that an append under way is about to leave: the append wins, in whatever order they run.
    let racing =
        futures::future::join(journal.append(append(SALE, 2, "three")), journal.caught_up(SALE, Position(2)));
    racing.await.0.unwrap();
    assert_eq!(journal.behind(9).await.unwrap(), [SALE]);
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.journal().behind(9).await.unwrap(), [SALE]);
    fixture.journal().caught_up(OTHER_SALE, Position(1)).await.unwrap();
    assert_eq!(fixture.journal().behind(9).await.unwrap(), [SALE]);
}
