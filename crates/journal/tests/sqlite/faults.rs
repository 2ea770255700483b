//! Disks that fail to sync, and disks that are full, under the real SQLite. A small library, preloaded into a child process,
//! makes some of its system calls fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use fairseat_journal::{AppendError, Journal, Position, SqliteJournal};
use futures::FutureExt;

use crate::child;
use crate::folder::{SALE, append, contents, fill, try_append};

/// The system calls that fail while the switch is on.
struct Fault {
    call: &'static str,
    files_ending_with: &'static str,
}

struct Switch(PathBuf);

impl Switch {
    fn on(&self) {
        std::fs::write(&self.0, "").unwrap();
    }

    fn off(&self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

/// Runs the calling test `name` again, in a child process whose disk can fail.
///
/// In the child it returns `Ok`: a journal with five batches, and the switch that makes its disk fail. In the parent it returns `Err`, when the
/// child has ended: the folder with the journal that the child left.
async fn with_failing_disk(name: &str, fault: Fault) -> Result<(SqliteJournal, Switch), tempfile::TempDir> {
    if let Some(dir) = child::folder() {
        let journal = SqliteJournal::open(&dir).unwrap();
        fill(&journal, SALE, 5).await;
        return Ok((journal, Switch(dir.join("switch"))));
    }
    let dir = tempfile::tempdir().unwrap();
    let library = build_failing_disk(dir.path());
    let environment = [
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAIL", fault.call),
        ("SUFFIX", fault.files_ending_with),
        ("SWITCH", &dir.path().join("switch").display().to_string()),
    ];
    let child = child::run(name, dir.path(), &environment);
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    assert!(dir.path().join("journal.db").exists(), "the child ran no test of that name");
    Err(dir)
}

fn build_failing_disk(dir: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sqlite/failing_disk.c");
    let library = dir.join("failing_disk.so");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl").status();
    assert!(built.expect("cc, which SQLite was built with as well").success());
    library
}

#[tokio::test]
async fn a_failed_sync_is_unknown_once_and_never_tried_again() {
    let fault = Fault { call: "sync", files_ending_with: "-wal" };
    let name = "faults::a_failed_sync_is_unknown_once_and_never_tried_again";
    match with_failing_disk(name, fault).await {
        Ok((journal, disk)) => {
            disk.on();
            let unsynced = append(&journal, SALE, "unsynced").await;
            assert_eq!(journal.append(unsynced.clone()).await, Err(AppendError::Unknown));
            disk.off();
            let reason = journal.stopped().now_or_never().expect("it stopped before it answered");
            assert!(reason.contains("a commit failed"), "{reason}");
            assert_eq!(try_append(&journal, SALE, "later").await, Err(AppendError::Stopped));
            assert_eq!(journal.ready().await, Err(AppendError::Stopped));
            assert_eq!(journal.head(SALE).await.unwrap().position, Position(5));
            assert_eq!(journal.append(unsynced).await, Err(AppendError::Stopped));
        }
        Err(dir) => {
            // The append was answered as unknown, and this disk kept the bytes that it could not sync: both outcomes are right.
            let journal = SqliteJournal::open(dir.path()).unwrap();
            let length = journal.head(SALE).await.unwrap().position.0;
            assert!((5..=6).contains(&length), "{length} batches");
        }
    }
}

#[tokio::test]
async fn a_full_disk_refuses_appends_and_nothing_else_until_there_is_room() {
    let fault = Fault { call: "write", files_ending_with: "-wal" };
    let name = "faults::a_full_disk_refuses_appends_and_nothing_else_until_there_is_room";
    match with_failing_disk(name, fault).await {
        Ok((journal, disk)) => {
            disk.on();
            for _ in 0..3 {
                assert_eq!(try_append(&journal, SALE, "no room").await, Err(AppendError::Full));
            }
            assert_eq!(journal.read(SALE, Position::START, 9_999).await.unwrap().len(), 5);
            disk.off();
            assert_eq!(try_append(&journal, SALE, "room").await, Ok(Position(6)));
        }
        Err(dir) => assert_eq!(contents(dir.path()).await.unwrap()[0].2.len(), 6),
    }
}

#[tokio::test]
async fn a_journal_is_ready_again_once_there_is_room_without_any_append() {
    let fault = Fault { call: "write", files_ending_with: "" };
    let name = "faults::a_journal_is_ready_again_once_there_is_room_without_any_append";
    match with_failing_disk(name, fault).await {
        Ok((journal, disk)) => {
            assert_eq!(journal.ready().await, Ok(()));
            disk.on();
            assert_eq!(try_append(&journal, SALE, "no room").await, Err(AppendError::Full));
            assert_eq!(journal.ready().await, Err(AppendError::Full));
            disk.off();
            assert_eq!(journal.ready().await, Ok(()));
        }
        Err(dir) => assert!(!dir.path().join("journal.probe").exists()),
    }
}

#[tokio::test]
async fn a_full_disk_under_the_anchor_changes_no_answer() {
    let fault = Fault { call: "write", files_ending_with: "journal.anchor" };
    let name = "faults::a_full_disk_under_the_anchor_changes_no_answer";
    match with_failing_disk(name, fault).await {
        Ok((journal, disk)) => {
            disk.on();
            fill(&journal, SALE, 8).await;
            disk.off();
        }
        Err(dir) => assert_eq!(contents(dir.path()).await.unwrap()[0].2.len(), 8),
    }
}

#[tokio::test]
async fn a_full_disk_while_closing_loses_nothing() {
    let fault = Fault { call: "write", files_ending_with: "journal.db" };
    match with_failing_disk("faults::a_full_disk_while_closing_loses_nothing", fault).await {
        Ok((journal, disk)) => {
            disk.on();
            drop(journal);
        }
        Err(dir) => assert_eq!(contents(dir.path()).await.unwrap()[0].2.len(), 5),
    }
}
