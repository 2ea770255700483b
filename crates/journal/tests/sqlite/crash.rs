//! A process that is killed at each crash point: every acknowledged batch is there, and at most one more.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use bytes::Bytes;
use fairseat_journal::{Append, Journal, Position, SqliteJournal};

use crate::child;
use crate::folder::{SALE, append};

const SIGABRT: i32 = 6;

/// In a child process: appends until it is killed, and prints the acknowledged positions. In the parent: nothing.
#[tokio::test]
async fn victim() {
    let Some(dir) = child::folder() else { return };
    let journal = SqliteJournal::open(&dir).unwrap();
    let payload = Bytes::from(vec![3; 60_000]);
    for _ in 0..1_000 {
        let append = Append { payload: payload.clone(), ..append(&journal, SALE, "").await };
        let head = journal.append(append).await.unwrap();
        println!("acknowledged {}", head.position.0);
    }
}

fn last_acknowledged(output: &[u8]) -> u64 {
    let output = String::from_utf8_lossy(output);
    let last = output.lines().rev().find_map(|line| line.strip_prefix("acknowledged "));
    last.map_or(0, |number| number.parse().unwrap())
}

async fn recovered_head(dir: &Path) -> u64 {
    let journal = SqliteJournal::open(dir).unwrap();
    let head = journal.head(SALE).await.unwrap().position.0;
    let batches = journal.read(SALE, Position::START, usize::MAX).await.unwrap();
    assert_eq!(batches.len() as u64, head);
    head
}

#[tokio::test]
async fn what_was_acknowledged_survives_every_crash_point() {
    for (point, more_than_acknowledged) in [
        ("journal.before_commit=return", 0..=0),
        ("journal.before_commit=6*off->return", 0..=0),
        ("journal.after_commit=return", 1..=1),
        ("journal.after_commit=6*off->return", 1..=1),
        ("journal.after_anchor=6*off->return", 1..=1),
        // The writer has answered by then, but the client may not have printed the answer yet.
        ("journal.before_checkpoint=return", 0..=1),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let died = child::run("crash::victim", dir.path(), &[("FAILPOINTS", point)]);
        assert_eq!(died.status.signal(), Some(SIGABRT), "{point}: {died:?}");
        let acknowledged = last_acknowledged(&died.stdout);
        let more = recovered_head(dir.path()).await.checked_sub(acknowledged);
        assert!(more.is_some_and(|more| more_than_acknowledged.contains(&more)), "{point}: {more:?}");
    }
}
