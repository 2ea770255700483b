//! The tables, and the reading and writing of their rows.
//!
//! `batch` holds one row for each batch, numbered over all streams in the order of commits. It is the only truth: a
//! stream's head is its last row, so an append writes no other table. Every row carries a CRC-32 of all its other columns.
//! `cursor` notes how far each consumer has read each stream; a lost row makes that consumer read the stream once more.
//! `taken` is from the time before consumers had names: it held one cursor for each stream. It is only read to fill
//! `cursor`. New journals still get it, so that programs of that time can open them.

use bytes::Bytes;
use rusqlite::types::{FromSqlResult, ValueRef};
use rusqlite::{Connection, ErrorCode, Row, TransactionBehavior, params};

use super::journal_head::JournalHead;
use crate::heads::StreamEnd;
use crate::record::chain_hash;
use crate::{Batch, BatchId, Deadline, Hash, Head, Position, StreamId};

pub(super) const SCHEMA: &str = "
    CREATE TABLE batch (
        sequence INTEGER PRIMARY KEY,
        stream   INTEGER NOT NULL,
        position INTEGER NOT NULL,
        id       BLOB NOT NULL,
        deadline INTEGER,
        hash     BLOB NOT NULL,
        chain    BLOB NOT NULL,
        crc      INTEGER NOT NULL,
        payload  BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX batch_place ON batch (stream, position);
    CREATE TABLE taken (
        stream   INTEGER PRIMARY KEY,
        position INTEGER NOT NULL,
        crc      INTEGER NOT NULL
    ) STRICT;
";

/// Added after [`SCHEMA`]. A journal of an earlier program gets this table when it is opened for writing.
pub(super) const CURSOR_SCHEMA: &str = "
    CREATE TABLE cursor (
        consumer TEXT NOT NULL,
        stream   INTEGER NOT NULL,
        position INTEGER NOT NULL,
        crc      INTEGER NOT NULL,
        PRIMARY KEY (consumer, stream)
    ) STRICT, WITHOUT ROWID;
";

/// Before consumers had names, one program ran these four and stored one cursor for all of them in `taken`.
const CONSUMERS_OF_TAKEN: [&str; 4] = ["audit", "event_rows", "messages", "views"];

/// One row of `batch`, borrowed from SQLite.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) journal_head: JournalHead,
    pub(super) stream: StreamId,
    pub(super) position: Position,
    pub(super) id: BatchId,
    pub(super) deadline: Deadline,
    pub(super) hash: Hash,
    pub(super) payload: &'a [u8],
}

impl<'a> Record<'a> {
    /// In the order that [`parse`](Self::parse) reads.
    pub(super) const COLUMNS: &'static str =
        "sequence, stream, position, id, deadline, hash, chain, crc, payload";

    pub(super) fn of(
        stream: StreamId,
        batch: &'a Batch,
        deadline: Deadline,
        journal_head: JournalHead,
    ) -> Self {
        let Batch { position, batch: id, payload, hash } = batch;
        Self { journal_head, stream, position: *position, id: *id, deadline, hash: *hash, payload }
    }

    /// Reads a row and checks its CRC; the error says what is wrong with it.
    pub(super) fn parse(row: &'a Row<'_>) -> Result<Self, String> {
        let record = Self {
            journal_head: JournalHead { sequence: unsigned(row, 0)?, chain: blob(row, 6)? },
            stream: StreamId(unsigned(row, 1)?),
            position: Position(unsigned(row, 2)?),
            id: BatchId(u128::from_be_bytes(blob(row, 3)?)),
            deadline: value(row, 4, |value| value.as_i64_or_null())?,
            hash: blob(row, 5)?,
            payload: value(row, 8, |value| value.as_blob())?,
        };
        let crc = unsigned(row, 7)?;
        if crc == u64::from(record.crc()) {
            Ok(record)
        } else {
            Err("the checksum does not match".to_owned())
        }
    }

    /// Checks that this record continues its stream after `previous`.
    pub(super) fn check_follows(&self, previous: &Hash) -> Result<(), String> {
        if chain_hash(previous, self.stream, self.position, self.id, self.payload) == self.hash {
            Ok(())
        } else {
            Err("the hash chain does not continue here".to_owned())
        }
    }

    pub(super) fn to_batch(&self) -> Batch {
        let payload = Bytes::copy_from_slice(self.payload);
        Batch { position: self.position, batch: self.id, payload, hash: self.hash }
    }

    /// The end of a stream whose last batch is this record.
    pub(super) fn to_end(&self) -> StreamEnd {
        StreamEnd { head: Head { position: self.position, hash: self.hash }, deadline: self.deadline }
    }

    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO batch (sequence, stream, position, id, deadline, hash, chain, crc, payload)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        connection.prepare_cached(sql)?.execute(params![
            signed(self.journal_head.sequence),
            signed(self.stream.0),
            signed(self.position.0),
            self.id.0.to_be_bytes(),
            self.deadline,
            self.hash,
            self.journal_head.chain,
            self.crc(),
            self.payload,
        ])?;
        Ok(())
    }

    fn crc(&self) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&self.journal_head.sequence.to_be_bytes());
        crc.update(&self.journal_head.chain);
        crc.update(&self.stream.0.to_be_bytes());
        crc.update(&self.position.0.to_be_bytes());
        crc.update(&self.id.0.to_be_bytes());
        crc.update(&[u8::from(self.deadline.is_some())]);
        crc.update(&self.deadline.unwrap_or_default().to_be_bytes());
        crc.update(&self.hash);
        crc.update(self.payload);
        crc.finalize()
    }
}

/// Every cursor that the journal knows and that is not damaged.
pub(super) fn cursors(connection: &Connection) -> rusqlite::Result<Vec<(String, StreamId, Position)>> {
    if !has_cursors(connection)? {
        return cursors_of_taken(connection);
    }
    let mut statement = connection.prepare("SELECT stream, position, crc, consumer FROM cursor")?;
    let mut rows = statement.query([])?;
    let mut cursors = Vec::new();
    while let Some(row) = rows.next()? {
        let Ok(consumer) = value(row, 3, |value| value.as_str().map(str::to_owned)) else { continue };
        cursors.extend(parse_cursor(row, &consumer).map(|(stream, position)| (consumer, stream, position)));
    }
    Ok(cursors)
}

fn cursors_of_taken(connection: &Connection) -> rusqlite::Result<Vec<(String, StreamId, Position)>> {
    let mut statement = connection.prepare("SELECT stream, position, crc FROM taken")?;
    let mut rows = statement.query([])?;
    let mut cursors = Vec::new();
    while let Some(row) = rows.next()? {
        // A row of `taken` has the checksum of a cursor without a name.
        let Some((stream, position)) = parse_cursor(row, "") else { continue };
        cursors.extend(CONSUMERS_OF_TAKEN.map(|consumer| (consumer.to_owned(), stream, position)));
    }
    Ok(cursors)
}

/// Gives a journal of an earlier program its table of cursors, filled from `taken`.
pub(super) fn migrate_taken_to_cursor(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if has_cursors(&transaction)? {
        return Ok(());
    }
    let cursors = cursors_of_taken(&transaction)?;
    transaction.execute_batch(CURSOR_SCHEMA)?;
    for (consumer, stream, position) in cursors {
        put_cursor(&transaction, &consumer, stream, position)?;
    }
    transaction.commit()
}

pub(super) fn forget_cursors(connection: &mut Connection) -> rusqlite::Result<()> {
    migrate_taken_to_cursor(connection)?;
    connection.execute_batch("DELETE FROM cursor")
}

fn has_cursors(connection: &Connection) -> rusqlite::Result<bool> {
    connection.table_exists(None, "cursor")
}

/// Reads stream, position and CRC from the first three columns; `None` if the row is damaged.
fn parse_cursor(row: &Row<'_>, consumer: &str) -> Option<(StreamId, Position)> {
    let stream = StreamId(unsigned(row, 0).ok()?);
    let position = Position(unsigned(row, 1).ok()?);
    let crc = unsigned(row, 2).ok()?;
    (crc == u64::from(cursor_crc(consumer, stream, position))).then_some((stream, position))
}

pub(super) fn put_cursor(
    connection: &Connection,
    consumer: &str,
    stream: StreamId,
    position: Position,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO cursor (consumer, stream, position, crc) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (consumer, stream) DO UPDATE SET position = ?3, crc = ?4";
    let crc = cursor_crc(consumer, stream, position);
    let values = params![consumer, signed(stream.0), signed(position.0), crc];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn cursor_crc(consumer: &str, stream: StreamId, position: Position) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(consumer.as_bytes());
    crc.update(&stream.0.to_be_bytes());
    crc.update(&position.0.to_be_bytes());
    crc.finalize()
}

/// SQL integers are signed. Numbers out of range are refused before a write; in a read they lie past every head.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, String> {
    let number = value(row, column, |value| value.as_i64())?;
    u64::try_from(number).map_err(|error| format!("column {column}: {error}"))
}

fn blob<const N: usize>(row: &Row<'_>, column: usize) -> Result<[u8; N], String> {
    let bytes = value(row, column, |value| value.as_blob())?;
    bytes.try_into().map_err(|error| format!("column {column} has {} bytes: {error}", bytes.len()))
}

fn value<'a, T>(
    row: &'a Row<'_>,
    column: usize,
    read: impl FnOnce(ValueRef<'a>) -> FromSqlResult<T>,
) -> Result<T, String> {
    let value = row.get_ref(column).map_err(|error| error.to_string())?;
    read(value).map_err(|error| format!("column {column}: {error}"))
}

/// Whether an error means that the disk (or the quota) has no room.
pub(super) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// Whether an error means that the file is damaged, rather than that it cannot be reached.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let unreachable = [
        ErrorCode::SystemIoFailure,
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::CannotOpen,
        ErrorCode::PermissionDenied,
        ErrorCode::ReadOnly,
        ErrorCode::OutOfMemory,
        ErrorCode::DiskFull,
    ];
    error.sqlite_error_code().is_none_or(|code| !unreachable.contains(&code))
}
