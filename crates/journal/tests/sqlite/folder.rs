//! Journals in throw-away folders, and ways to look at and tamper with their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fairseat_journal::{
    Append, AppendError, Batch, BatchId, Deadline, DecisionTimes, Journal, OpenError, Position,
    SqliteJournal, StreamId, StreamKind,
};
use tempfile::TempDir;

pub(crate) const SALE: StreamId = StreamId(7);
pub(crate) const OTHER_SALE: StreamId = StreamId(8);

/// An append to the head of the stream.
pub(crate) async fn append(journal: &dyn Journal, stream: StreamId, payload: &str) -> Append {
    let expected = journal.head(stream).await.unwrap();
    let batch = BatchId(u128::from(expected.position.0) + 1);
    let payload = Bytes::copy_from_slice(payload.as_bytes());
    Append { stream, expected, batch, payload, deadline: None, decided: DecisionTimes::default() }
}

/// Appends to the head of the stream; the position of the new head.
pub(crate) async fn try_append(
    journal: &dyn Journal,
    stream: StreamId,
    payload: &str,
) -> Result<Position, AppendError> {
    journal.append(append(journal, stream, payload).await).await.map(|head| head.position)
}

/// Appends batches named by their number until the stream holds `until` of them.
pub(crate) async fn fill(journal: &dyn Journal, stream: StreamId, until: u64) {
    let head = journal.head(stream).await.unwrap().position.0;
    for expected in head..until {
        try_append(journal, stream, &format!("batch {expected}")).await.unwrap();
    }
}

/// The content of a journal, or why it cannot be read.
pub(crate) async fn contents(dir: &Path) -> Result<Vec<(StreamId, Deadline, Vec<Batch>)>, String> {
    let journal = SqliteJournal::open_read_only(dir).map_err(|error| error.to_string())?;
    let due = journal.due(StreamKind(0), i64::MAX, usize::MAX).await.map_err(|error| error.to_string())?;
    let deadlines: BTreeMap<StreamId, i64> = due.into_iter().collect();
    let mut contents = Vec::new();
    for (stream, _) in journal.streams(None, usize::MAX).await.map_err(|error| error.to_string())? {
        let batches =
            journal.read(stream, Position::START, usize::MAX).await.map_err(|error| error.to_string())?;
        contents.push((stream, deadlines.get(&stream).copied(), batches));
    }
    Ok(contents)
}

/// A copy of a journal's files as they are at this moment: what a crash of the process would leave.
pub(crate) fn crash_image(dir: &Path) -> TempDir {
    let image = tempfile::tempdir().unwrap();
    for name in ["journal.db", "journal.db-wal", "journal.anchor", "snapshots.db", "snapshots.db-wal"] {
        if dir.join(name).exists() {
            std::fs::copy(dir.join(name), image.path().join(name)).unwrap();
        }
    }
    image
}

pub(crate) fn log(dir: &Path) -> PathBuf {
    dir.join("journal.db-wal")
}

/// The bytes of the files that hold acknowledged batches. A missing file counts as empty, because SQLite creates an empty log
/// where it finds none.
pub(crate) fn files(dir: &Path) -> Vec<Vec<u8>> {
    ["journal.db", "journal.db-wal", "journal.anchor"]
        .map(|name| std::fs::read(dir.join(name)).unwrap_or_default())
        .into()
}

/// Opens a journal that must refuse, and checks that it left the files alone.
pub(crate) fn refusal(dir: &Path) -> OpenError {
    let before = files(dir);
    let refusal = SqliteJournal::open(dir).expect_err("the journal opened");
    assert!(files(dir) == before, "a refused journal was changed");
    refusal
}
