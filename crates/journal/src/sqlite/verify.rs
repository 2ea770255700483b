//! Verifies a journal when it opens.
//!
//! Below [`WHOLE_BELOW_BYTES`] every record's checksum, every stream's hash chain, the order of all commits and SQLite's own
//! structure are checked. For a larger journal that would take too long, so only the last [`TAIL_BYTES`] of batches and the
//! last batch of each stream are checked. Earlier batches are checked when they are read, and by `fairseat verify`.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::anchor::AnchorState;
use super::journal_head::JournalHead;
use super::open::OpenError;
use super::rows::{self, Record, signed};
use crate::heads::{Heads, StreamEnd};
use crate::{Hash, Position, StreamId};

/// A journal whose file is smaller is verified whole when it opens.
pub(super) const WHOLE_BELOW_BYTES: u64 = 1 << 30;
/// How much of a larger one is verified, counted back from its end.
pub(super) const TAIL_BYTES: u64 = 64 << 20;

/// How much to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Whole,
    /// The batches at the end with this many bytes of payload, and the last batch of each stream.
    Tail {
        bytes: u64,
    },
}

/// A verified journal.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub(super) heads: Heads,
    pub(super) journal_head: JournalHead,
}

/// Verifies within one read transaction, so that a running server's commits cannot interfere.
pub(super) fn verify(connection: &Connection, path: &Path, scope: Scope) -> Result<Verified, OpenError> {
    let check = Check { connection, path };
    let transaction = connection.unchecked_transaction().map_err(|error| check.failed(&error))?;
    let verified = check.run(scope)?;
    transaction.finish().map_err(|error| check.failed(&error))?;
    Ok(verified)
}

/// Compares a journal with its anchor, which must have been read before the journal was.
pub(super) fn check_anchor(
    connection: &Connection,
    path: &Path,
    journal_head: JournalHead,
    anchor: AnchorState,
) -> Result<(), OpenError> {
    let anchor = match anchor {
        AnchorState::Missing => return Ok(()),
        AnchorState::Damaged => return Err(OpenError::AnchorDamaged),
        AnchorState::At(anchor) => anchor,
    };
    if anchor.sequence > journal_head.sequence {
        return Err(OpenError::TailLost { journal: journal_head.sequence, anchor: anchor.sequence });
    }
    if (Check { connection, path }).head_at(anchor.sequence)? == anchor {
        Ok(())
    } else {
        Err(OpenError::Diverged { sequence: anchor.sequence })
    }
}

struct Check<'a> {
    connection: &'a Connection,
    path: &'a Path,
}

/// The state of the scan over all batches.
struct Scan {
    journal_head: JournalHead,
    ends: BTreeMap<StreamId, StreamEnd>,
}

/// The parts of a record that the checks need.
struct Found {
    stream: StreamId,
    end: StreamEnd,
    journal_head: JournalHead,
}

impl Found {
    fn of(record: &Record<'_>) -> Self {
        Self { stream: record.stream, end: record.to_end(), journal_head: record.journal_head }
    }
}

impl Check<'_> {
    fn failed(&self, error: &rusqlite::Error) -> OpenError {
        OpenError::reading(self.path, error)
    }

    fn run(&self, scope: Scope) -> Result<Verified, OpenError> {
        let start = match scope {
            Scope::Whole => 0,
            Scope::Tail { bytes } => self.before_tail(bytes)?,
        };
        let mut scan = self.scan_batches(start)?;
        match scope {
            Scope::Whole => self.check_structure()?,
            Scope::Tail { .. } => self.add_streams_before_tail(&mut scan.ends)?,
        }
        Ok(Verified { heads: self.mark_behind(scan.ends)?, journal_head: scan.journal_head })
    }

    /// The sequence number of the last batch before the tail.
    fn before_tail(&self, bytes: u64) -> Result<u64, OpenError> {
        let sql = "SELECT sequence, length(payload) FROM batch ORDER BY sequence DESC";
        let mut statement = self.connection.prepare(sql).map_err(|error| self.failed(&error))?;
        let mut rows = statement.query([]).map_err(|error| self.failed(&error))?;
        let mut left = bytes;
        while let Some(row) = rows.next().map_err(|error| self.failed(&error))? {
            let (sequence, length) = (row.get::<_, i64>(0), row.get::<_, i64>(1));
            let sequence = sequence.map_err(|error| self.failed(&error))?;
            let length = length.map_err(|error| self.failed(&error))?;
            match left.checked_sub(length.unsigned_abs()) {
                Some(rest) => left = rest,
                None => return Ok(sequence.unsigned_abs()),
            }
        }
        Ok(0)
    }

    /// Verifies the batches after `start`, one by one in the order they were committed.
    fn scan_batches(&self, start: u64) -> Result<Scan, OpenError> {
        let mut scan = Scan { journal_head: self.head_at(start)?, ends: BTreeMap::new() };
        let sql = format!("SELECT {} FROM batch WHERE sequence > ?1 ORDER BY sequence", Record::COLUMNS);
        let mut statement = self.connection.prepare(&sql).map_err(|error| self.failed(&error))?;
        let mut rows = statement.query([signed(start)]).map_err(|error| self.failed(&error))?;
        while let Some(row) = rows.next().map_err(|error| after(scan.journal_head, &error.to_string()))? {
            let record = Record::parse(row)
                .map_err(|detail| self.unreadable(scan.journal_head.sequence + 1, detail))?;
            let damaged =
                |detail| OpenError::Damaged { stream: record.stream, position: record.position, detail };
            let previous = match scan.ends.get(&record.stream) {
                Some(end) if end.head.position.next() == record.position => end.head.hash,
                Some(_) => return Err(damaged("a batch before it is missing".to_owned())),
                None => self.previous_hash(start, &record)?,
            };
            record.check_follows(&previous).map_err(damaged)?;
            if scan.journal_head.followed_by(&record.hash) != record.journal_head {
                return Err(damaged("it is not in the order of the commits".to_owned()));
            }
            scan.journal_head = record.journal_head;
            scan.ends.insert(record.stream, record.to_end());
        }
        Ok(scan)
    }

    /// The hash that a stream's first batch in the scan must follow. It is looked up, because the batches before the scan's
    /// start were not read.
    fn previous_hash(&self, start: u64, record: &Record<'_>) -> Result<Hash, OpenError> {
        if record.position == Position::START.next() {
            return Ok([0; 32]);
        }
        let missing = || OpenError::Damaged {
            stream: record.stream,
            position: record.position,
            detail: "a batch before it is missing".to_owned(),
        };
        if start == 0 {
            return Err(missing());
        }
        let position = record.position.0.saturating_sub(1);
        let place = (signed(record.stream.0), signed(position));
        self.find("stream = ?1 AND position = ?2", place)?
            .map(|found| found.end.head.hash)
            .ok_or_else(missing)
    }

    /// The journal's head as of a batch, from the batch's row.
    fn head_at(&self, sequence: u64) -> Result<JournalHead, OpenError> {
        if sequence == 0 {
            return Ok(JournalHead::default());
        }
        let found = self.find("sequence = ?1", [signed(sequence)])?;
        found
            .map(|found| found.journal_head)
            .ok_or_else(|| self.unreadable(sequence, "it is missing".to_owned()))
    }

    fn find(&self, condition: &str, place: impl Params) -> Result<Option<Found>, OpenError> {
        let sql = format!("SELECT {} FROM batch WHERE {condition}", Record::COLUMNS);
        let read = |row: &Row<'_>| Ok(Record::parse(row).map(|record| Found::of(&record)));
        let found = self.connection.query_row(&sql, place, read).optional();
        let parsed = found.map_err(|error| self.failed(&error))?.transpose();
        parsed.map_err(|detail| OpenError::Corrupt { detail })
    }

    /// The error for a damaged record. Its stream and position come from the index, which is stored apart from the record.
    fn unreadable(&self, sequence: u64, detail: String) -> OpenError {
        let sql = "SELECT stream, position FROM batch INDEXED BY batch_place WHERE sequence = ?1";
        let place = self.connection.query_row(sql, [signed(sequence)], |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
        });
        match place {
            Ok((stream, position)) => {
                OpenError::Damaged { stream: StreamId(stream), position: Position(position), detail }
            }
            Err(_) => OpenError::Corrupt { detail: format!("batch {sequence}: {detail}") },
        }
    }

    /// Adds the last batch of each stream that has none in the tail, going from stream to stream in the index.
    fn add_streams_before_tail(&self, ends: &mut BTreeMap<StreamId, StreamEnd>) -> Result<(), OpenError> {
        let next =
            "stream = (SELECT min(stream) FROM batch WHERE stream > ?1) ORDER BY position DESC LIMIT 1";
        let mut after = -1;
        while let Some(found) = self.find(next, [after])? {
            after = signed(found.stream.0);
            ends.entry(found.stream).or_insert(found.end);
        }
        Ok(())
    }

    /// A consumer is behind with every stream whose last batch its cursor has not reached.
    fn mark_behind(&self, ends: BTreeMap<StreamId, StreamEnd>) -> Result<Heads, OpenError> {
        let mut heads = Heads::default();
        for (stream, end) in ends {
            heads.set(stream, end);
        }
        for (consumer, stream, position) in
            rows::cursors(self.connection).map_err(|error| self.failed(&error))?
        {
            heads.caught_up(&consumer, stream, Position::START, position);
        }
        Ok(heads)
    }

    /// Has SQLite compare its index with its table, which the scan does not check.
    fn check_structure(&self) -> Result<(), OpenError> {
        let sql = "PRAGMA integrity_check(1)";
        let answer = self.connection.query_row(sql, [], |row| row.get::<_, String>(0));
        match answer.map_err(|error| self.failed(&error))? {
            whole if whole == "ok" => Ok(()),
            detail => Err(OpenError::Corrupt { detail }),
        }
    }
}

fn after(journal_head: JournalHead, detail: &str) -> OpenError {
    OpenError::Corrupt { detail: format!("{detail}, after batch {}", journal_head.sequence) }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Scope, verify};
    use crate::sqlite::{SqliteJournal, open};
    use crate::{Append, BatchId, DecisionTimes, Head, Journal, StreamId, StreamKind};

    /// Stream 1 lies before any tail, streams 2 and 3 reach into it.
    async fn journal() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(dir.path()).unwrap();
        let mut heads = [Head::default(); 4];
        for stream in [1, 1, 2, 3, 2, 3, 3, 2] {
            let (payload, batch) = (Bytes::from(vec![1; 100]), BatchId(1));
            let (expected, deadline) = (heads[stream], Some(9));
            let id = StreamId(stream as u64);
            let decided = DecisionTimes::default();
            let append = Append { stream: id, expected, batch, payload, deadline, decided };
            heads[stream] = journal.append(append).await.unwrap();
        }
        dir
    }

    #[tokio::test]
    async fn a_tail_finds_the_same_heads_as_the_whole() {
        let dir = journal().await;
        let connection = open::reader(dir.path()).unwrap();
        let whole = verify(&connection, dir.path(), Scope::Whole).unwrap();
        assert_eq!((whole.journal_head.sequence, whole.heads.len()), (8, 3));
        for bytes in (0..=1_000).step_by(50) {
            let tail = verify(&connection, dir.path(), Scope::Tail { bytes }).unwrap();
            assert_eq!(tail.journal_head, whole.journal_head, "{bytes} bytes");
            assert_eq!(tail.heads.page(None, 9), whole.heads.page(None, 9), "{bytes} bytes");
            assert_eq!(
                tail.heads.due(StreamKind(0), 9, 9),
                whole.heads.due(StreamKind(0), 9, 9),
                "{bytes} bytes"
            );
        }
    }

    #[tokio::test]
    async fn a_tail_looks_at_its_own_batches_and_at_the_last_of_each_stream() {
        for (damaged, found) in [(1, false), (2, true), (3, false), (4, false), (6, true), (8, true)] {
            let dir = journal().await;
            let writer = open::writer(dir.path()).unwrap();
            writer.execute("UPDATE batch SET deadline = 8 WHERE sequence = ?1", [damaged]).unwrap();
            let connection = open::reader(dir.path()).unwrap();
            let tail = verify(&connection, dir.path(), Scope::Tail { bytes: 250 });
            assert_eq!(tail.is_err(), found, "batch {damaged}");
            assert!(verify(&connection, dir.path(), Scope::Whole).is_err(), "batch {damaged}");
        }
    }
}
