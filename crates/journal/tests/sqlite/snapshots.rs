//! Lost or damaged snapshots lose no data, and a snapshot is never used with another history.

use fairseat_journal::{Journal, SqliteJournal};

use crate::folder::{SALE, fill, try_append};

#[tokio::test]
async fn a_damaged_file_counts_as_missing_and_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("snapshots.db");
    let large = bytes::Bytes::from(vec![5; 100_000]);
    {
        let journal = SqliteJournal::open(dir.path()).unwrap();
        fill(&journal, SALE, 2).await;
        let head = journal.head(SALE).await.unwrap();
        journal.put_snapshot(SALE, head, large.clone()).await.unwrap();
    }
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    {
        let journal = SqliteJournal::open(dir.path()).unwrap();
        assert_eq!(journal.snapshot(SALE).await, None, "a flipped bit");
    }
    std::fs::write(&path, vec![0x55; bytes.len()]).unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.snapshot(SALE).await, None, "no database at all");
    let head = journal.head(SALE).await.unwrap();
    journal.put_snapshot(SALE, head, large.clone()).await.unwrap();
    assert_eq!(journal.snapshot(SALE).await, Some((head, large)));
}

#[tokio::test]
async fn a_snapshot_of_a_replaced_history_counts_as_missing() {
    let dir = tempfile::tempdir().unwrap();
    let backup = dir.path().join("backup");
    {
        let journal = SqliteJournal::open(dir.path()).unwrap();
        fill(&journal, SALE, 2).await;
        journal.backup(backup.clone()).await.unwrap();
        fill(&journal, SALE, 3).await;
        let head = journal.head(SALE).await.unwrap();
        journal.put_snapshot(SALE, head, "of the lost history".into()).await.unwrap();
    }
    std::fs::copy(&backup, dir.path().join("journal.db")).unwrap();
    std::fs::remove_file(dir.path().join("journal.anchor")).unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.snapshot(SALE).await, None, "the stream ends before it");
    try_append(&journal, SALE, "another third batch").await.unwrap();
    assert_eq!(journal.snapshot(SALE).await, None, "the stream has another batch at its position");
}
