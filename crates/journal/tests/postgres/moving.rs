//! Streams that are moved from another journal: the same history, deadlines and cursors, and it goes on.

use fairseat_journal::{
    Append, BatchId, ConsumerName, DecisionTimes, Journal, MovedStreams, Position, SqliteJournal, StreamId,
    StreamKind, StreamPart,
};

use crate::support::{FAST, admin, now, open, prepared};

const VIEWS: ConsumerName = ConsumerName("views");
const AUDIT: ConsumerName = ConsumerName("audit");

/// Appends so many batches to a stream; the last one has a deadline.
async fn fill(journal: &dyn Journal, stream: StreamId, batches: u32, deadline: Option<i64>) {
    for number in 1..=batches {
        let expected = journal.head(stream).await.unwrap();
        let payload = format!("{number} of {}", stream.0).into_bytes().into();
        let deadline = deadline.filter(|_| number == batches);
        let (batch, decided) = (BatchId(u128::from(number)), DecisionTimes::at(now()));
        journal.append(Append { stream, expected, batch, payload, deadline, decided }).await.unwrap();
    }
}

/// Moves everything, one batch at a time, until so many batches were moved.
async fn move_batches(from: &SqliteJournal, to: &fairseat_journal::PostgresJournal, most: usize) {
    let MovedStreams { complete, begun } = to.moved_streams().await.unwrap();
    let mut moved = 0;
    for state in from.stream_states(complete, 100) {
        let known = begun.filter(|(stream, _)| *stream == state.stream);
        let mut position = known.map_or(Position::START, |(_, head)| head.position);
        while position < state.head.position && moved < most {
            let page = from.read(state.stream, position, 1).await.unwrap();
            position = position.next();
            let end = (position == state.head.position).then(|| state.clone());
            to.move_in(&[StreamPart { stream: state.stream, batches: page, end }]).await.unwrap();
            moved += 1;
        }
    }
}

#[tokio::test]
async fn streams_are_moved_with_deadlines_and_cursors_and_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let from = SqliteJournal::open(folder.path()).unwrap();
    let room = StreamId::new(StreamKind(1), 4);
    for (stream, batches, deadline) in
        [(StreamId(3), 3, Some(900)), (StreamId(8), 1, None), (StreamId(9), 2, None), (room, 2, Some(500))]
    {
        fill(&from, stream, batches, deadline).await;
    }
    from.caught_up(VIEWS, StreamId(3), Position::START, Position(3)).await.unwrap();
    from.caught_up(VIEWS, StreamId(9), Position::START, Position(1)).await.unwrap();
    from.caught_up(AUDIT, room, Position::START, Position(2)).await.unwrap();

    let server = prepared(&[FAST]).await;
    let to = open(&server).await;
    assert_eq!(to.moved_streams().await.unwrap(), MovedStreams::default());
    // Interrupted in the middle of a stream, and at the end of one.
    for batches in [2, 2, 1, 99] {
        move_batches(&from, &to, batches).await;
    }
    to.end_move(&["audit".to_owned(), "views".to_owned()]).await.unwrap();
    let states = from.stream_states(None, 100);
    assert_eq!(to.stream_states(None, 100).await.unwrap(), states);
    assert_eq!(to.stream_states(Some(StreamId(8)), 1).await.unwrap(), states[2..3]);
    assert_eq!(to.inconsistencies().await.unwrap(), []);
    for state in &states {
        let [original, copy] = [
            from.read(state.stream, Position::START, 9_999).await.unwrap(),
            to.read(state.stream, Position::START, 9_999).await.unwrap(),
        ];
        assert_eq!(original, copy);
    }
    for kind in [StreamKind(0), StreamKind(1)] {
        assert_eq!(to.due(kind, 9_999, 9).await.unwrap(), from.due(kind, 9_999, 9).await.unwrap());
        for consumer in [VIEWS, AUDIT] {
            let behind = from.behind(consumer, kind, None, 9).await.unwrap();
            assert_eq!(to.behind(consumer, kind, None, 9).await.unwrap(), behind);
        }
    }
    // It is a journal like any other: appends, new streams and new consumers.
    fill(&to, StreamId(3), 1, None).await;
    fill(&to, StreamId(10), 1, None).await;
    assert_eq!(to.cursor(VIEWS, StreamId(3)).await.unwrap(), Position(3));
    let behind = to.behind(VIEWS, StreamKind(0), None, 9).await.unwrap();
    assert_eq!(behind, [3, 8, 9, 10].map(StreamId));
    assert_eq!(to.behind(ConsumerName("new"), StreamKind(0), None, 9).await.unwrap().len(), 4);
    assert_eq!(to.inconsistencies().await.unwrap(), []);
}

#[tokio::test]
async fn a_transaction_that_fails_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let from = SqliteJournal::open(folder.path()).unwrap();
    fill(&from, StreamId(3), 2, None).await;
    let server = prepared(&[FAST]).await;
    let to = open(&server).await;
    // The head's row is refused after the batches were written.
    let refuse = "ALTER TABLE fairseat_journal.head ADD CONSTRAINT none CHECK (position > 99)";
    admin(&server).await.batch_execute(refuse).await.unwrap();
    let batches = from.read(StreamId(3), Position::START, 99).await.unwrap();
    let end = from.stream_states(None, 1).pop();
    let refused = to.move_in(&[StreamPart { stream: StreamId(3), batches, end }]).await.unwrap_err();
    assert!(refused.to_string().contains("violates check constraint"), "{refused}");
    assert_eq!(to.moved_streams().await.unwrap(), MovedStreams::default());
}
