//! A backup taken while others append shows the state after one commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fairseat_journal::{Journal, MemoryJournal, Position, SaveError, SqliteJournal, StreamId};

use crate::folder::{SALE, contents, fill};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_opens_and_verifies() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Arc::new(SqliteJournal::open(dir.path()).unwrap());
    fill(&*journal, SALE, 50).await;
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> =
        (1..=3).map(|stream| tokio::spawn(append_until(journal.clone(), stream, done.clone()))).collect();
    for round in 0..5 {
        let restored = tempfile::tempdir().unwrap();
        let least = journal.streams(None, 99).await.unwrap();
        journal.backup(restored.path().join("journal.db")).await.unwrap();
        let names: Vec<_> =
            std::fs::read_dir(restored.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["journal.db"], "nothing else is left beside it");
        let backed_up = contents(restored.path()).await.unwrap();
        for (stream, head) in least {
            let (.., batches) = backed_up.iter().find(|(found, ..)| *found == stream).unwrap();
            assert!(batches.len() as u64 >= head.position.0, "round {round}: {stream:?}");
        }
        let opened = SqliteJournal::open(restored.path()).unwrap();
        assert_eq!(opened.head(SALE).await.unwrap().position, Position(50));
    }
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        assert!(writer.await.unwrap() > 1, "a writer did not append during the backups");
    }
}

/// The number of batches appended before `done`.
async fn append_until(journal: Arc<SqliteJournal>, stream: u64, done: Arc<AtomicBool>) -> u64 {
    let mut length = 0;
    while !done.load(Ordering::Relaxed) {
        length += 1;
        fill(&*journal, StreamId(stream), length).await;
    }
    length
}

#[tokio::test]
async fn a_backup_never_replaces_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    let existing = dir.path().join("existing");
    std::fs::write(&existing, "precious").unwrap();
    let refused = journal.backup(existing.clone()).await;
    assert!(matches!(refused, Err(SaveError::Invalid(_))), "{refused:?}");
    assert_eq!(std::fs::read_to_string(existing).unwrap(), "precious");
    let failed = journal.backup(dir.path().join("no/such/folder")).await;
    assert!(matches!(failed, Err(SaveError::Failed(_))), "{failed:?}");
    let in_memory = MemoryJournal::new().backup(dir.path().join("memory")).await;
    assert!(matches!(in_memory, Err(SaveError::Invalid(_))), "{in_memory:?}");
}
