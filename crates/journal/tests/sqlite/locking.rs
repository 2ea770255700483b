//! One server at a time; readers beside it or alone.

use fairseat_journal::{AppendError, Journal, OpenError, Position, SaveError, SqliteJournal};

use crate::folder::{SALE, fill, try_append};

#[tokio::test]
async fn a_second_server_is_kept_out_until_the_first_has_closed() {
    let dir = tempfile::tempdir().unwrap();
    let first = SqliteJournal::open(dir.path()).unwrap();
    let second = SqliteJournal::open(dir.path());
    assert!(matches!(second, Err(OpenError::Locked { .. })), "{second:?}");
    fill(&first, SALE, 3).await;
    drop(first);
    let second = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(second.head(SALE).await.unwrap().position, Position(3));
}

#[tokio::test]
async fn a_reader_beside_a_server_sees_the_state_when_it_opened() {
    let dir = tempfile::tempdir().unwrap();
    let server = SqliteJournal::open(dir.path()).unwrap();
    fill(&server, SALE, 2).await;
    let reader = SqliteJournal::open_read_only(dir.path()).unwrap();
    fill(&server, SALE, 5).await;
    assert_eq!(reader.head(SALE).await.unwrap().position, Position(2));
    assert_eq!(reader.read(SALE, Position::START, 999).await.unwrap().len(), 2);
    let later = SqliteJournal::open_read_only(dir.path()).unwrap();
    assert_eq!(later.read(SALE, Position::START, 999).await.unwrap().len(), 5);
    drop((reader, later));
    fill(&server, SALE, 6).await;
}

#[tokio::test]
async fn a_reader_needs_no_server_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let missing = SqliteJournal::open_read_only(dir.path());
    assert!(matches!(missing, Err(OpenError::Missing { .. })), "{missing:?}");

    fill(&SqliteJournal::open(dir.path()).unwrap(), SALE, 2).await;
    let before = std::fs::read(dir.path().join("journal.db")).unwrap();
    let reader = SqliteJournal::open_read_only(dir.path()).unwrap();
    assert_eq!(reader.read(SALE, Position::START, 999).await.unwrap().len(), 2);
    assert_eq!(try_append(&reader, SALE, "no").await, Err(AppendError::Stopped));
    let head = reader.head(SALE).await.unwrap();
    let snapshot = reader.put_snapshot(SALE, head, "no".into()).await;
    assert!(matches!(snapshot, Err(SaveError::Invalid(_))), "{snapshot:?}");
    assert_eq!(reader.snapshot(SALE).await, None);
    drop(reader);
    assert!(std::fs::read(dir.path().join("journal.db")).unwrap() == before);
}

#[test]
fn another_programs_database_is_not_taken_for_a_journal() {
    let dir = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    other.execute_batch("CREATE TABLE account (id INTEGER)").unwrap();
    drop(other);
    let refused = SqliteJournal::open(dir.path());
    assert!(matches!(refused, Err(OpenError::Foreign { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_crash_while_the_journal_is_first_made_leaves_a_usable_folder() {
    let dir = tempfile::tempdir().unwrap();
    let started = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    started.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    drop(started);
    let journal = SqliteJournal::open(dir.path()).unwrap();
    fill(&journal, SALE, 1).await;
}
