//! The consumers' cursors on disk: cursors from the time before consumers had names, and damaged cursors.

use fairseat_journal::{ConsumerName, Journal, Position, SqliteJournal, StreamId, StreamKind};
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;

use crate::folder::{OTHER_SALE, SALE, contents, fill};

const VIEWS: ConsumerName = ConsumerName("views");

async fn behind(journal: &dyn Journal, consumer: &'static str) -> Vec<StreamId> {
    journal.behind(ConsumerName(consumer), StreamKind(0), None, 9).await.unwrap()
}

/// Two sales of three batches.
async fn closed_journal() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    fill(&journal, SALE, 3).await;
    fill(&journal, OTHER_SALE, 3).await;
    journal.caught_up(VIEWS, SALE, Position::START, Position(3)).await.unwrap();
    dir
}

/// Changes the file to the layout of the earlier program: one row of `taken` for each stream, and no table of cursors.
fn take_names_away(dir: &Path, taken: &[(StreamId, u64)]) {
    let file = Connection::open(dir.join("journal.db")).unwrap();
    file.execute_batch("DROP TABLE cursor").unwrap();
    for (stream, position) in taken {
        let crc = crc32fast::hash(&[stream.0.to_be_bytes(), position.to_be_bytes()].concat());
        let row = [stream.0, *position, u64::from(crc)].map(|number| i64::try_from(number).unwrap());
        file.execute("INSERT INTO taken (stream, position, crc) VALUES (?1, ?2, ?3)", row).unwrap();
    }
}

#[tokio::test]
async fn consumers_of_a_journal_without_names_go_on_from_its_one_cursor() {
    let dir = closed_journal().await;
    let before = contents(dir.path()).await.unwrap();
    take_names_away(dir.path(), &[(SALE, 3), (OTHER_SALE, 2)]);
    assert_eq!(contents(dir.path()).await.unwrap(), before, "opening for reading adds no table");
    for _ in 0..2 {
        let journal = SqliteJournal::open(dir.path()).unwrap();
        for consumer in ["audit", "event_rows", "messages", "views"] {
            assert_eq!(behind(&journal, consumer).await, [OTHER_SALE], "{consumer}");
            let cursor = journal.cursor(ConsumerName(consumer), OTHER_SALE).await.unwrap();
            assert_eq!(cursor, Position(2), "{consumer}");
        }
        assert_eq!(behind(&journal, "added later").await, [SALE, OTHER_SALE]);
    }
    let journal = SqliteJournal::open(dir.path()).unwrap();
    journal.caught_up(VIEWS, OTHER_SALE, Position::START, Position(3)).await.unwrap();
    drop(journal);
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(behind(&journal, "views").await, []);
    assert_eq!(behind(&journal, "messages").await, [OTHER_SALE]);
}

#[tokio::test]
async fn a_damaged_cursor_makes_its_consumer_start_over_and_no_other() {
    let dir = closed_journal().await;
    let journal = SqliteJournal::open(dir.path()).unwrap();
    journal.caught_up(ConsumerName("messages"), SALE, Position::START, Position(3)).await.unwrap();
    drop(journal);
    let file = Connection::open(dir.path().join("journal.db")).unwrap();
    file.execute_batch("UPDATE cursor SET position = 2 WHERE consumer = 'views'").unwrap();
    drop(file);
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.cursor(VIEWS, SALE).await.unwrap(), Position::START);
    assert_eq!(behind(&journal, "messages").await, [OTHER_SALE]);
}
