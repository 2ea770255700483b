//! A journal that lost acknowledged batches refuses to start and says so.

use fairseat_journal::{Journal, OpenError, Position, SqliteJournal};
use tempfile::TempDir;

use crate::folder::{OTHER_SALE, SALE, contents, crash_image, fill, log, refusal};

const LOG_HEADER: u64 = 32;
const FRAME: u64 = 24 + 4096;

/// The files of a journal of 10 batches that was killed: 4 of them are in the database, 6 in the log only.
async fn killed() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fill(&SqliteJournal::open(dir.path()).unwrap(), SALE, 4).await;
    let journal = SqliteJournal::open(dir.path()).unwrap();
    fill(&journal, SALE, 10).await;
    crash_image(dir.path())
}

#[tokio::test]
async fn a_killed_journal_recovers_whole() {
    let dir = killed().await;
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.head(SALE).await.unwrap().position, Position(10));
    fill(&journal, SALE, 12).await;
}

#[tokio::test]
async fn a_log_cut_at_any_frame_is_refused_unless_nothing_is_missing() {
    let whole = killed().await;
    let expected = contents(whole.path()).await.unwrap();
    let length = std::fs::metadata(log(whole.path())).unwrap().len();
    for cut in (0..length).step_by(FRAME as usize).map(|offset| offset + LOG_HEADER).chain([0, length]) {
        let dir = crash_image(whole.path());
        let file = std::fs::OpenOptions::new().write(true).open(log(dir.path())).unwrap();
        file.set_len(cut.min(length)).unwrap();
        if cut >= length {
            assert_eq!(contents(dir.path()).await.as_ref(), Ok(&expected));
        } else {
            let refusal = refusal(dir.path());
            assert!(matches!(refusal, OpenError::TailLost { anchor: 10, .. }), "cut at {cut}: {refusal}");
        }
    }
}

#[tokio::test]
async fn a_lost_log_or_database_is_refused() {
    let dir = killed().await;
    std::fs::remove_file(log(dir.path())).unwrap();
    let lost = refusal(dir.path());
    assert!(matches!(lost, OpenError::TailLost { journal: 4, anchor: 10 }), "{lost}");
    assert!(lost.to_string().contains("batch 10 had been acknowledged"), "{lost}");
    assert!(lost.to_string().contains("the loss of the last 6 batches"), "{lost}");

    std::fs::remove_file(dir.path().join("journal.db")).unwrap();
    let lost = refusal(dir.path());
    assert!(matches!(lost, OpenError::TailLost { journal: 0, anchor: 10 }), "{lost}");
    let lost = SqliteJournal::open_read_only(dir.path());
    assert!(matches!(lost, Err(OpenError::TailLost { .. })), "{lost:?}");
}

#[tokio::test]
async fn an_older_journal_beside_a_newer_anchor_is_refused_and_alone_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    fill(&journal, SALE, 3).await;
    let backup = dir.path().join("backup");
    journal.backup(backup.clone()).await.unwrap();
    fill(&journal, SALE, 5).await;
    drop(journal);

    std::fs::copy(&backup, dir.path().join("journal.db")).unwrap();
    let behind = refusal(dir.path());
    assert!(matches!(behind, OpenError::TailLost { journal: 3, anchor: 5 }), "{behind}");
    std::fs::remove_file(dir.path().join("journal.anchor")).unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    assert_eq!(journal.head(SALE).await.unwrap().position, Position(3));
    assert!(dir.path().join("journal.anchor").exists());
}

#[tokio::test]
async fn a_journal_of_another_history_is_refused() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&SqliteJournal::open(dir.path()).unwrap(), SALE, 3).await;
    fill(&SqliteJournal::open(other.path()).unwrap(), OTHER_SALE, 5).await;
    std::fs::copy(other.path().join("journal.db"), dir.path().join("journal.db")).unwrap();
    let diverged = refusal(dir.path());
    assert!(matches!(diverged, OpenError::Diverged { sequence: 3 }), "{diverged}");
}

#[tokio::test]
async fn an_older_anchor_is_accepted_and_an_unreadable_one_refused() {
    let dir = tempfile::tempdir().unwrap();
    let anchor = dir.path().join("journal.anchor");
    let journal = SqliteJournal::open(dir.path()).unwrap();
    fill(&journal, SALE, 2).await;
    let older = std::fs::read(&anchor).unwrap();
    fill(&journal, SALE, 3).await;
    drop(journal);
    std::fs::write(&anchor, &older).unwrap();
    drop(SqliteJournal::open(dir.path()).unwrap());
    assert!(std::fs::read(&anchor).unwrap() != older, "it is brought up to the journal");

    std::fs::write(&anchor, vec![0; older.len()]).unwrap();
    let refused = refusal(dir.path());
    assert!(matches!(refused, OpenError::AnchorDamaged), "{refused}");
}
