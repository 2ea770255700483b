//! Rows that were changed behind the journal's back are noticed when they are read.

use fairseat_journal::{Append, ConsumerName, Journal, Position, ReadError, StreamKind};

use crate::support::{FAST, SALE, admin, append, fill, open, prepared};

#[tokio::test]
async fn a_changed_or_missing_row_is_an_error_with_stream_and_position() {
    let server = prepared(&[FAST]).await;
    let (journal, admin) = (open(&server).await, admin(&server).await);
    fill(&journal, &["one", "two", "three", "four", "five"]).await;
    let batch = "fairseat_journal.batch";
    for (damage, after, found) in [
        (format!("UPDATE {batch} SET payload = 'xxx' WHERE position = 3"), 0, 3),
        (format!("UPDATE {batch} SET id = decode(repeat('00', 16), 'hex') WHERE position = 3"), 2, 3),
        (format!("UPDATE {batch} SET hash = decode(repeat('00', 32), 'hex') WHERE position = 3"), 3, 4),
        (format!("UPDATE {batch} SET hash = 'short' WHERE position = 3"), 0, 3),
        (format!("UPDATE {batch} SET stream = 8 WHERE position = 3"), 1, 3),
        (format!("DELETE FROM {batch} WHERE position = 3"), 1, 3),
        (format!("DELETE FROM {batch} WHERE position = 3"), 3, 3),
        (format!("DELETE FROM {batch} WHERE position = 5"), 4, 5),
    ] {
        admin.batch_execute(&format!("CREATE TABLE whole AS TABLE {batch}")).await.unwrap();
        admin.batch_execute(&damage).await.unwrap();
        match journal.read(SALE, Position(after), 9_999).await {
            Err(ReadError::Damaged { stream, position, .. }) => {
                assert_eq!((stream, position), (SALE, Position(found)), "{damage}");
            }
            other => panic!("{damage}: {other:?}"),
        }
        let restore = format!("TRUNCATE {batch}; INSERT INTO {batch} TABLE whole; DROP TABLE whole");
        admin.batch_execute(&restore).await.unwrap();
        assert_eq!(journal.read(SALE, Position::START, 9_999).await.unwrap().len(), 5);
    }
}

#[tokio::test]
async fn tables_that_disagree_are_found() {
    let server = prepared(&[FAST]).await;
    let (journal, admin) = (open(&server).await, admin(&server).await);
    let views = ConsumerName("views");
    assert_eq!(journal.behind(views, StreamKind(0), None, 9).await.unwrap(), []);
    fill(&journal, &["one", "two", "three"]).await;
    journal.caught_up(views, SALE, Position::START, Position(2)).await.unwrap();
    let four = Append { deadline: Some(7), ..append(&journal, "four").await };
    journal.append(four).await.unwrap();
    assert_eq!(journal.inconsistencies().await.unwrap(), []);
    for (damage, faults) in [
        ("UPDATE head SET hash = decode(repeat('00', 32), 'hex')", &["the head is not the last batch"][..]),
        ("UPDATE head SET position = 5", &["the head is not the last batch"]),
        (
            "UPDATE head SET position = 3, hash = (SELECT hash FROM batch WHERE position = 3)",
            &["a batch is behind the head"],
        ),
        ("DELETE FROM deadline", &["the deadline to poll is not the head's"]),
        ("UPDATE deadline SET kind = 1", &["the deadline to poll is not the head's"]),
        ("UPDATE consumer_cursor SET position = 9", &["a consumer's cursor or mark does not fit the head"]),
        ("UPDATE consumer_cursor SET unread = false", &["a consumer's cursor or mark does not fit the head"]),
    ] {
        admin.batch_execute("SET search_path = fairseat_journal; BEGIN").await.unwrap();
        admin.batch_execute("SELECT * INTO TEMPORARY heads FROM head").await.unwrap();
        admin.batch_execute("SELECT * INTO TEMPORARY deadlines FROM deadline").await.unwrap();
        admin.batch_execute("SELECT * INTO TEMPORARY cursors FROM consumer_cursor").await.unwrap();
        admin.batch_execute(&format!("{damage}; COMMIT")).await.unwrap();
        let found: Vec<_> = journal.inconsistencies().await.unwrap();
        assert_eq!(found, faults.iter().map(|fault| (SALE, *fault)).collect::<Vec<_>>(), "{damage}");
        let restore = "TRUNCATE head, deadline, consumer_cursor; INSERT INTO head TABLE heads;
                       INSERT INTO deadline TABLE deadlines; INSERT INTO consumer_cursor TABLE cursors;
                       DROP TABLE heads, deadlines, cursors";
        admin.batch_execute(restore).await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_snapshot_counts_as_missing() {
    let server = prepared(&[FAST]).await;
    let (journal, admin) = (open(&server).await, admin(&server).await);
    fill(&journal, &["one"]).await;
    let head = journal.head(SALE).await.unwrap();
    journal.put_snapshot(SALE, head, "whole".into()).await.unwrap();
    admin.batch_execute("UPDATE fairseat_journal.snapshot SET bytes = 'wrong'").await.unwrap();
    assert_eq!(journal.snapshot(SALE).await, None);
}
