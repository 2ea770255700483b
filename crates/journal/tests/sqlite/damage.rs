//! A changed byte of a journal is either noticed or harmless: it never leads to another history.

use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::Bytes;
use fairseat_journal::{
    Append, BatchId, Deadline, DecisionTimes, Journal, OpenError, Position, ReadError, SqliteJournal,
    StreamId,
};
use futures::future::join_all;
use tempfile::TempDir;

use crate::folder::{SALE, contents, crash_image, fill, log, refusal};

/// 36 batches in 3 commits, some of them over several pages.
async fn commit_a_few(journal: &dyn Journal, from: u64) {
    for position in from..from + 3 {
        let appends = (1..=6_u64).map(|stream| async move {
            let payload = Bytes::from(vec![stream as u8; if stream == 6 { 9_000 } else { 90 }]);
            let deadline: Deadline = (stream % 2 == 0).then_some(1_000 + position as i64);
            let (stream, batch) = (StreamId(stream), BatchId(u128::from(position)));
            let expected = journal.head(stream).await.unwrap();
            let decided = DecisionTimes::default();
            journal.append(Append { stream, expected, batch, payload, deadline, decided }).await
        });
        assert!(join_all(appends).await.iter().all(Result::is_ok));
    }
}

/// A journal with one half in the database and the other in the log.
async fn killed_half_way() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    commit_a_few(&SqliteJournal::open(dir.path()).unwrap(), 0).await;
    let journal = SqliteJournal::open(dir.path()).unwrap();
    commit_a_few(&journal, 3).await;
    crash_image(dir.path())
}

/// Flips bits of one byte at a time and reads the whole journal each time. By default it takes every `stride`th byte, with
/// changing masks. With `FAIRSEAT_LONG=1` it flips every single bit, which takes many minutes. Returns how many changes were
/// noticed and how many were harmless.
async fn flip(dir: &Path, path: &Path, stride: usize) -> (usize, usize) {
    let expected = contents(dir).await.unwrap();
    let whole = std::fs::read(path).unwrap();
    let (mut noticed, mut harmless) = (0, 0);
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let long = std::env::var_os("FAIRSEAT_LONG").is_some();
    let every_bit = (0..whole.len()).flat_map(|offset| (0..8).map(move |bit| (offset, 1 << bit)));
    let some_bits =
        (0..whole.len()).step_by(stride).map(|offset| (offset, [0x01, 0x80, 0xff, 0x10, 0x42][offset % 5]));
    let changes: Vec<(usize, u8)> = if long { every_bit.collect() } else { some_bits.collect() };
    for (offset, mask) in changes {
        file.write_all_at(&[whole[offset] ^ mask], offset as u64).unwrap();
        match contents(dir).await {
            Err(_) => noticed += 1,
            Ok(found) if found == expected => harmless += 1,
            Ok(found) => panic!("byte {offset} of {} changed history to {found:?}", path.display()),
        }
        file.write_all_at(&whole[offset..=offset], offset as u64).unwrap();
        // The next reader must not use the log's index that the last reader left.
        drop(std::fs::remove_file(dir.join("journal.db-shm")));
    }
    if long {
        println!("{}: {noticed} changes noticed, {harmless} harmless", path.display());
    }
    (noticed, harmless)
}

#[tokio::test]
async fn no_flipped_bit_of_the_database_changes_history() {
    let dir = killed_half_way().await;
    drop(SqliteJournal::open(dir.path()).unwrap());
    let (noticed, harmless) = flip(dir.path(), &dir.path().join("journal.db"), 7).await;
    assert!(noticed > 1_000 && harmless > 0, "{noticed} noticed, {harmless} harmless");
}

#[tokio::test]
async fn no_flipped_bit_of_the_log_changes_history() {
    let dir = killed_half_way().await;
    let (noticed, harmless) = flip(dir.path(), &log(dir.path()), 13).await;
    assert!(noticed > 1_000, "{noticed} noticed, {harmless} harmless");
}

/// Changes a journal in a way that SQLite accepts and only our checksums can notice.
async fn tampered(sql: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fill(&SqliteJournal::open(dir.path()).unwrap(), SALE, 5).await;
    rusqlite::Connection::open(dir.path().join("journal.db")).unwrap().execute_batch(sql).unwrap();
    dir
}

#[tokio::test]
async fn a_refusal_names_stream_and_position() {
    for (sql, stream, position) in [
        ("UPDATE batch SET payload = 'x' WHERE position = 3", 7, 3),
        ("UPDATE batch SET payload = x'00' WHERE position = 3", 7, 3),
        ("UPDATE batch SET deadline = 1 WHERE position = 5", 7, 5),
        ("UPDATE batch SET id = zeroblob(16) WHERE position = 1", 7, 1),
        ("UPDATE batch SET stream = 9 WHERE position = 4", 9, 4),
    ] {
        let dir = tampered(&sql.replace("'x'", "zeroblob(7)")).await;
        let refusal = refusal(dir.path());
        let OpenError::Damaged { stream: found, position: at, .. } = refusal else {
            panic!("{sql}: {refusal}")
        };
        assert_eq!((found, at), (StreamId(stream), Position(position)), "{sql}");
    }
    let dir = tampered("DELETE FROM batch WHERE position = 2").await;
    let refused = refusal(dir.path());
    assert!(matches!(refused, OpenError::Damaged { .. } | OpenError::Corrupt { .. }), "{refused}");
}

#[tokio::test]
async fn an_index_that_disagrees_with_its_table_is_refused() {
    let dir = tampered(
        "DROP INDEX batch_place; CREATE UNIQUE INDEX batch_place ON batch (position, stream);
         PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX batch_place ON batch (stream, position)'
         WHERE name = 'batch_place';",
    )
    .await;
    let refused = refusal(dir.path());
    assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused}");
}

#[tokio::test]
async fn damage_under_a_running_server_is_an_error_with_stream_and_position() {
    let dir = tempfile::tempdir().unwrap();
    let journal = SqliteJournal::open(dir.path()).unwrap();
    fill(&journal, SALE, 5).await;
    let other = rusqlite::Connection::open(dir.path().join("journal.db")).unwrap();
    other.execute_batch("UPDATE batch SET payload = zeroblob(7) WHERE position = 3").unwrap();
    let damaged = |read: Result<Vec<_>, ReadError>| match read {
        Err(ReadError::Damaged { stream, position, .. }) => (stream.0, position.0),
        other => panic!("{other:?}"),
    };
    assert_eq!(damaged(journal.read(SALE, Position::START, 9_999).await), (7, 3));
    assert_eq!(damaged(journal.read(SALE, Position(2), 9_999).await), (7, 3));
    assert_eq!(journal.read(SALE, Position(3), 9_999).await.unwrap().len(), 2);
    other.execute_batch("DELETE FROM batch WHERE position = 5").unwrap();
    assert_eq!(damaged(journal.read(SALE, Position(3), 9_999).await), (7, 5));
}
