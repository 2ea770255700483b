//! Snapshots, in their own file: a snapshot of 20 MB must never delay the commits of sales.
//!
//! The journal works without snapshots. One that is damaged, or that belongs to another history, counts as missing; a file
//! that SQLite cannot read is replaced by a new one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::rows::{is_damage, is_full, signed};
use crate::{Head, Position, SaveError, StreamId};

const FILE_NAME: &str = "snapshots.db";
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS snapshot (
    stream INTEGER PRIMARY KEY, position INTEGER NOT NULL, hash BLOB NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL
) STRICT";

/// A snapshot, and the head it was taken at.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) head: Head,
    pub(super) bytes: Bytes,
}

impl Snapshot {
    fn crc(&self, stream: StreamId) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&stream.0.to_be_bytes());
        crc.update(&self.head.position.0.to_be_bytes());
        crc.update(&self.head.hash);
        crc.update(&self.bytes);
        crc.finalize()
    }
}

/// The file of snapshots. Its methods block.
#[derive(Debug)]
pub(super) struct SnapshotStore {
    path: PathBuf,
    writable: bool,
    connection: Mutex<Option<Connection>>,
}

impl SnapshotStore {
    /// Opens no file until the first snapshot is read or written.
    pub(super) fn new(dir: &Path, writable: bool) -> Self {
        Self { path: dir.join(FILE_NAME), writable, connection: Mutex::new(None) }
    }

    /// Keeps a snapshot unless there is a newer one. A damaged file is replaced once.
    pub(super) fn put(&self, stream: StreamId, snapshot: &Snapshot) -> Result<(), SaveError> {
        let first = self.with(|connection| put(connection, stream, snapshot));
        match first {
            Err(error) if is_damage(&error) => {
                self.start_over().map_err(|error| SaveError::Failed(error.to_string()))?;
                self.with(|connection| put(connection, stream, snapshot))
            }
            other => other,
        }
        .map_err(|error| if is_full(&error) { SaveError::Full } else { SaveError::Failed(error.to_string()) })
    }

    /// The stream's snapshot, if there is an undamaged one.
    pub(super) fn get(&self, stream: StreamId) -> Option<Snapshot> {
        match self.with(|connection| get(connection, stream)) {
            Ok(Some((snapshot, crc))) if crc == i64::from(snapshot.crc(stream)) => Some(snapshot),
            Ok(None) => None,
            Ok(Some(_)) => {
                tracing::warn!(stream = stream.0, "a damaged snapshot is ignored");
                None
            }
            Err(error) => {
                tracing::warn!(stream = stream.0, %error, "a snapshot could not be read");
                None
            }
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match slot.take() {
            Some(connection) => connection,
            None => open(&self.path, self.writable)?,
        };
        let done = work(&connection);
        // After damage the connection is closed, so that the file can be replaced.
        if done.as_ref().err().is_none_or(|error| !is_damage(error)) {
            *slot = Some(connection);
        }
        done
    }

    fn start_over(&self) -> io::Result<()> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        drop(slot.take());
        tracing::warn!(path = %self.path.display(), "the file of snapshots is damaged and is replaced");
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn open(path: &Path, writable: bool) -> rusqlite::Result<Connection> {
    let access = match writable {
        true => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        false => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    if writable {
        let settings =
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;";
        connection.execute_batch(settings)?;
        connection.execute_batch(SCHEMA)?;
    }
    Ok(connection)
}

fn put(connection: &Connection, stream: StreamId, snapshot: &Snapshot) -> rusqlite::Result<()> {
    let sql = "INSERT INTO snapshot (stream, position, hash, crc, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (stream) DO UPDATE SET position = ?2, hash = ?3, crc = ?4, bytes = ?5
               WHERE position <= ?2";
    let (position, hash) = (signed(snapshot.head.position.0), snapshot.head.hash);
    let values = params![signed(stream.0), position, hash, snapshot.crc(stream), &snapshot.bytes[..]];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

fn get(connection: &Connection, stream: StreamId) -> rusqlite::Result<Option<(Snapshot, i64)>> {
    let sql = "SELECT position, hash, crc, bytes FROM snapshot WHERE stream = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([signed(stream.0)], |row| {
        let position = Position(row.get::<_, i64>(0)?.unsigned_abs());
        let head = Head { position, hash: row.get(1)? };
        let snapshot = Snapshot { head, bytes: Bytes::from(row.get::<_, Vec<u8>>(3)?) };
        Ok((snapshot, row.get(2)?))
    });
    found.optional()
}
