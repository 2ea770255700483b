//! The state that the writer and all readers share.
//!
//! Always true: the heads show commits that are durable and anchored, and only the writer moves them forward.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, watch};

use super::open;
use super::rows::{Record, is_damage, signed};
use crate::heads::{Heads, StreamEnd};
use crate::limits::MAX_READERS;
use crate::page::Page;
use crate::{Batch, ConsumerName, Hash, Head, Position, ReadError, StreamId};

#[derive(Debug)]
pub(super) struct SharedState {
    dir: PathBuf,
    heads_and_cursors: Mutex<HeadsAndCursors>,
    stopped: watch::Sender<Option<String>>,
    /// Whether the last commit found the disk full.
    full: AtomicBool,
    /// Unused connections; a permit is held while one is in use.
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

#[derive(Debug)]
struct HeadsAndCursors {
    heads: Heads,
    /// Cursors that are not on disk yet. A crash forgets them.
    unwritten: BTreeMap<(ConsumerName, StreamId), Position>,
}

/// How far a consumer has read a stream.
pub(super) type Cursor = (ConsumerName, StreamId, Position);

impl SharedState {
    pub(super) fn new(dir: PathBuf, heads: Heads) -> Arc<Self> {
        Arc::new(Self {
            dir,
            heads_and_cursors: Mutex::new(HeadsAndCursors { heads, unwritten: BTreeMap::new() }),
            stopped: watch::Sender::new(None),
            full: AtomicBool::new(false),
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(MAX_READERS),
        })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads the heads. `look` must be quick: the writer waits for the lock.
    pub(super) fn heads<T>(&self, look: impl FnOnce(&Heads) -> T) -> T {
        look(&locked(&self.heads_and_cursors).heads)
    }

    pub(super) fn caught_up(&self, consumer: ConsumerName, stream: StreamId, from: Position, to: Position) {
        let mut state = locked(&self.heads_and_cursors);
        if state.heads.caught_up(consumer.0, stream, from, to) {
            state.unwritten.insert((consumer, stream), to);
        }
    }

    pub(super) fn unwritten_cursors(&self) -> Vec<Cursor> {
        let state = locked(&self.heads_and_cursors);
        let unwritten = state.unwritten.iter();
        unwritten.map(|((consumer, stream), position)| (*consumer, *stream, *position)).collect()
    }

    /// Removes cursors that are on disk now, except those that have moved on since.
    pub(super) fn forget_unwritten(&self, written: &[Cursor]) {
        let mut state = locked(&self.heads_and_cursors);
        for (consumer, stream, position) in written {
            if state.unwritten.get(&(*consumer, *stream)) == Some(position) {
                state.unwritten.remove(&(*consumer, *stream));
            }
        }
    }

    /// Shows the heads of a commit. Every consumer is behind with these streams, even if it reported an earlier head
    /// meanwhile.
    pub(super) fn publish(&self, ends: impl Iterator<Item = (StreamId, StreamEnd)>) {
        let mut state = locked(&self.heads_and_cursors);
        for (stream, end) in ends {
            state.heads.set(stream, end);
        }
    }

    /// Stops the journal for good; the first reason counts.
    pub(super) fn stop(&self, reason: String) {
        self.stopped.send_if_modified(|stopped| {
            let first = stopped.is_none();
            if first {
                tracing::error!(reason, "the journal stops acknowledging");
                *stopped = Some(reason);
            }
            first
        });
    }

    /// Remembers whether the disk was full; returns the value before.
    pub(super) fn set_full(&self, full: bool) -> bool {
        self.full.swap(full, Ordering::Relaxed)
    }

    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.borrow().is_some()
    }

    pub(super) fn watch_stopped(&self) -> watch::Receiver<Option<String>> {
        self.stopped.subscribe()
    }

    /// Reads batches on its own connection and a blocking thread.
    pub(super) async fn read(
        self: &Arc<Self>,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> Result<Vec<Batch>, ReadError> {
        let head = self.heads(|heads| heads.get(stream));
        if after >= head.position {
            return Ok(Vec::new());
        }
        let permit = self.permits.acquire().await.map_err(failed)?;
        let shared = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || shared.read_now(stream, after, head, max_bytes));
        let page = reading.await.map_err(failed)?;
        drop(permit);
        page
    }

    fn read_now(
        &self,
        stream: StreamId,
        after: Position,
        head: Head,
        max_bytes: usize,
    ) -> Result<Vec<Batch>, ReadError> {
        let idle = locked(&self.idle).pop();
        let connection = idle.map_or_else(|| open::reader(&self.dir), Ok).map_err(failed)?;
        let page = read_page(&connection, stream, after, head, max_bytes);
        if page.is_ok() {
            locked(&self.idle).push(connection);
        }
        page
    }
}

/// Reads and verifies the batches after a position, up to a head that is known to be durable. No transaction is needed:
/// batches never change.
fn read_page(
    connection: &Connection,
    stream: StreamId,
    after: Position,
    head: Head,
    max_bytes: usize,
) -> Result<Vec<Batch>, ReadError> {
    let mut link = Link { stream, position: after, hash: previous_hash(connection, stream, after)? };
    let sql = format!(
        "SELECT {} FROM batch WHERE stream = ?1 AND position BETWEEN ?2 AND ?3 ORDER BY position",
        Record::COLUMNS
    );
    let range = (signed(stream.0), signed(after.next().0), signed(head.position.0));
    let mut statement = connection.prepare_cached(&sql).map_err(|error| link.failed(&error))?;
    let mut rows = statement.query(range).map_err(|error| link.failed(&error))?;
    let mut page = Page::new(max_bytes);
    while let Some(row) = rows.next().map_err(|error| link.failed(&error))? {
        let record = Record::parse(row).map_err(|detail| link.damaged(detail))?;
        link.check(&record)?;
        if !page.has_room_for(record.payload.len()) {
            return Ok(page.into_batches());
        }
        page.push(record.to_batch());
    }
    link.check_end(&head)?;
    Ok(page.into_batches())
}

/// The hash that the first batch must follow. A wrong hash breaks the chain, so it needs no check.
fn previous_hash(connection: &Connection, stream: StreamId, after: Position) -> Result<Hash, ReadError> {
    if after == Position::START {
        return Ok(Hash::default());
    }
    let damaged = |detail| ReadError::Damaged { stream, position: after, detail };
    let sql = "SELECT hash FROM batch WHERE stream = ?1 AND position = ?2";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let found = statement.query_row((signed(stream.0), signed(after.0)), |row| row.get(0));
    found.map_err(|error| if is_damage(&error) { damaged(error.to_string()) } else { failed(error) })
}

/// The last verified batch.
struct Link {
    stream: StreamId,
    position: Position,
    hash: Hash,
}

impl Link {
    fn check(&mut self, record: &Record<'_>) -> Result<(), ReadError> {
        if record.position != self.position.next() {
            return Err(self.damaged("a batch is missing".to_owned()));
        }
        record.check_follows(&self.hash).map_err(|detail| self.damaged(detail))?;
        (self.position, self.hash) = (record.position, record.hash);
        Ok(())
    }

    fn check_end(&self, head: &Head) -> Result<(), ReadError> {
        if (self.position, self.hash) == (head.position, head.hash) {
            Ok(())
        } else {
            Err(self.damaged("the stream does not reach its head".to_owned()))
        }
    }

    fn damaged(&self, detail: String) -> ReadError {
        ReadError::Damaged { stream: self.stream, position: self.position.next(), detail }
    }

    fn failed(&self, error: &rusqlite::Error) -> ReadError {
        if is_damage(error) { self.damaged(error.to_string()) } else { failed(error) }
    }
}

pub(super) fn failed(error: impl std::fmt::Display) -> ReadError {
    ReadError::Failed(error.to_string())
}

/// No code panics while it holds one of these locks, so a poisoned lock guards consistent data.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
