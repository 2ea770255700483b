//! The embedded journal: SQLite in a folder of its own, for one server.
//!
//! ```text
//! journal.db, journal.db-wal, journal.db-shm   batches and heads; WAL, synchronous = FULL
//! journal.anchor                               the newest acknowledged head, to notice a lost end
//! snapshots.db                                 may be deleted at any time
//! LOCK                                         held by the server that writes
//! ```
//! Always true: one thread writes; no append is answered before the commit is durable and the anchor names it; after a
//! failed commit nothing more is committed, unless the disk was full. See docs/adr/0002-embedded-journal.md.

mod anchor;
mod backup;
mod commit;
mod disk_space;
mod journal_head;
mod open;
mod rows;
mod shared;
mod snapshots;
mod verify;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{self, BoxFuture};

pub use self::open::OpenError;

use self::anchor::{Anchor, AnchorState};
use self::open::Format;
use self::shared::SharedState;
use self::snapshots::{Snapshot, SnapshotStore};
use self::verify::{Scope, Verified};
use crate::heads::{Heads, judge_later};
use crate::limits::{MAX_MISSED_BYTES, MAX_SNAPSHOT_BYTES};
use crate::{
    Append, AppendError, Batch, ConsumerName, Hash, Head, Journal, Position, ReadError, SaveError, StreamId,
    StreamKind, StreamState,
};

/// A journal in a folder on the local disk. Reads need a tokio runtime.
///
/// Dropping it waits until the appends that were accepted are written; then another process may open the folder.
#[derive(Debug)]
pub struct SqliteJournal {
    shared: Arc<SharedState>,
    snapshots: Arc<SnapshotStore>,
    /// None if it was opened for reading.
    writer: Option<writer::Handle>,
    /// Released last, when the writer has ended.
    _lock: Option<File>,
}

impl SqliteJournal {
    /// Opens the journal of a folder for reading and writing, or makes a new one. It verifies all of a journal below 1 GiB,
    /// and of a larger one the heads and the last 64 MiB.
    ///
    /// # Errors
    /// [`OpenError`]; in every case no file of the journal was changed.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        open::create_dir(dir)?;
        let lock = open::lock(dir)?;
        let anchor = read_anchor(dir)?;
        let found = verify_existing(dir, anchor, None)?;
        let failed = |error: &rusqlite::Error| OpenError::failed(&dir.join(open::JOURNAL_FILE), error);
        let mut connection = open::writer(dir).map_err(|error| failed(&error))?;
        open::checkpoint_log(&connection)
            .map_err(|error| OpenError::failed(&dir.join(open::JOURNAL_FILE), error))?;
        let Verified { heads, journal_head } = match found {
            Some(verified) => {
                rows::migrate_taken_to_cursor(&mut connection).map_err(|error| failed(&error))?;
                verified
            }
            None => {
                open::create_tables(&connection).map_err(|error| failed(&error))?;
                Verified::default()
            }
        };
        if anchor == AnchorState::Missing && journal_head.sequence > 0 {
            tracing::warn!(dir = %dir.display(), "the journal had no anchor (a restored backup?); it gets a new one");
        }
        let anchor_error = |error| OpenError::failed(&dir.join(anchor::FILE_NAME), error);
        let anchor = Anchor::create(dir, journal_head).map_err(anchor_error)?;
        let shared = SharedState::new(dir.to_owned(), heads);
        let writer = writer::Handle::start(connection, anchor, journal_head, Arc::clone(&shared));
        let writer = Some(writer.map_err(|error| OpenError::failed(dir, error))?);
        Ok(Self { shared, snapshots: Arc::new(SnapshotStore::new(dir, true)), writer, _lock: Some(lock) })
    }

    /// Whether the folder has a journal, damaged or not.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        dir.join(open::JOURNAL_FILE).exists()
    }

    /// Opens the journal of a folder for reading, beside a running server or without one, and verifies all of it. It
    /// shows the state it found, for as long as it is open; appends are answered with [`AppendError::Stopped`].
    ///
    /// # Errors
    /// [`OpenError`]; no file of the journal was changed.
    pub fn open_read_only(dir: &Path) -> Result<Self, OpenError> {
        let anchor = read_anchor(dir)?;
        let found = verify_existing(dir, anchor, Some(Scope::Whole))?;
        let Verified { heads, .. } = found.ok_or_else(|| OpenError::Missing { dir: dir.to_owned() })?;
        let shared = SharedState::new(dir.to_owned(), heads);
        Ok(Self { shared, snapshots: Arc::new(SnapshotStore::new(dir, false)), writer: None, _lock: None })
    }

    /// Forgets every consumer's cursor in the journal of a folder that no server has open. After a backup was restored, what
    /// the consumers wrote may be ahead of the journal, so they must start over.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn forget_cursors(dir: &Path) -> Result<(), OpenError> {
        let _lock = open::lock(dir)?;
        let failed = |error: &rusqlite::Error| OpenError::reading(&dir.join(open::JOURNAL_FILE), error);
        let mut connection = open::writer(dir).map_err(|error| failed(&error))?;
        rows::forget_cursors(&mut connection).map_err(|error| failed(&error))
    }

    /// Streams by ascending number, starting behind `after`, at most `limit`, with everything that is known of them beside
    /// their batches.
    #[must_use]
    pub fn stream_states(&self, after: Option<StreamId>, limit: usize) -> Vec<StreamState> {
        self.shared.heads(|heads| heads.states(after, limit))
    }

    async fn append_or_explain(&self, append: Append) -> Result<Head, AppendError> {
        let writer = self.writer.as_ref().ok_or(AppendError::Stopped)?;
        match writer.append(append.clone()).await {
            Some(answer) => answer,
            None => self.explain(&append).await,
        }
    }

    /// The answer to an append whose stream goes on after the expected position.
    async fn explain(&self, append: &Append) -> Result<Head, AppendError> {
        let (stream, expected) = (append.stream, append.expected.position);
        let head = self.shared.heads(|heads| heads.get(stream));
        match self.hash_at(stream, expected).await {
            Ok(Some(at_expected)) => {
                // If they cannot be read, the caller gets the error when it reads on.
                let missed = self.shared.read(stream, expected, MAX_MISSED_BYTES).await.unwrap_or_default();
                judge_later(append, head, &at_expected, missed)
            }
            Ok(None) => Err(AppendError::Diverged { head }),
            Err(_) => Err(AppendError::Conflict { missed: Vec::new() }),
        }
    }

    /// After a commit found the disk full, probes the disk instead of waiting for the next append: a load balancer sends no
    /// requests while the answer is no.
    async fn has_room(&self) -> Result<(), AppendError> {
        if self.writer.is_none() || self.shared.has_stopped() {
            return Err(AppendError::Stopped);
        }
        if self.shared.is_full() {
            let shared = Arc::clone(&self.shared);
            let probed = tokio::task::spawn_blocking(move || disk_space::probe(shared.dir())).await;
            if !matches!(probed, Ok(Ok(()))) {
                return Err(AppendError::Full);
            }
            self.shared.set_full(false);
        }
        Ok(())
    }

    /// The hash of a stream's history up to a position, if the stream has that position.
    async fn hash_at(&self, stream: StreamId, position: Position) -> Result<Option<Hash>, ReadError> {
        match position.0.checked_sub(1) {
            None => Ok(Some(Hash::default())),
            Some(before) => {
                let page = self.shared.read(stream, Position(before), 0).await?;
                Ok(page.first().map(|batch| batch.hash))
            }
        }
    }

    async fn save_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> Result<(), SaveError> {
        if self.writer.is_none() {
            return Err(SaveError::Invalid("the journal is open for reading only".to_owned()));
        }
        if bytes.len() > MAX_SNAPSHOT_BYTES {
            return Err(SaveError::Invalid("the snapshot is too large".to_owned()));
        }
        let hash = self.hash_at(stream, at.position).await;
        if hash.map_err(|error| SaveError::Failed(error.to_string()))? != Some(at.hash) {
            return Err(SaveError::Invalid(
                "the snapshot is of another history than its stream's".to_owned(),
            ));
        }
        let snapshots = Arc::clone(&self.snapshots);
        blocking(move || snapshots.put(stream, &Snapshot { head: at, bytes })).await
    }

    async fn load_snapshot(&self, stream: StreamId) -> Option<(Head, Bytes)> {
        let snapshots = Arc::clone(&self.snapshots);
        let snapshot = tokio::task::spawn_blocking(move || snapshots.get(stream)).await.ok()??;
        let hash = self.hash_at(stream, snapshot.head.position).await.ok()?;
        if hash == Some(snapshot.head.hash) {
            return Some((snapshot.head, snapshot.bytes));
        }
        tracing::warn!(stream = stream.0, "a snapshot of another history is ignored");
        None
    }
}

async fn blocking(work: impl FnOnce() -> Result<(), SaveError> + Send + 'static) -> Result<(), SaveError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(SaveError::Failed(error.to_string())))
}

fn read_anchor(dir: &Path) -> Result<AnchorState, OpenError> {
    anchor::read(dir).map_err(|error| OpenError::failed(&dir.join(anchor::FILE_NAME), error))
}

/// Verifies the journal of a folder on a read-only connection, so that a refused journal is not changed. `None` if there is
/// no journal yet. The anchor must be read before the journal, because a running server moves both forward.
fn verify_existing(
    dir: &Path,
    anchor: AnchorState,
    scope: Option<Scope>,
) -> Result<Option<Verified>, OpenError> {
    let path = dir.join(open::JOURNAL_FILE);
    let size = match std::fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return check_may_be_missing(anchor),
        Err(error) => return Err(OpenError::failed(&path, error)),
    };
    let connection = open::reader(dir).map_err(|error| OpenError::reading(&path, &error))?;
    if open::format(&connection, &path)? == Format::Empty {
        return check_may_be_missing(anchor);
    }
    let default = if size < verify::WHOLE_BELOW_BYTES {
        Scope::Whole
    } else {
        Scope::Tail { bytes: verify::TAIL_BYTES }
    };
    let verified = verify::verify(&connection, &path, scope.unwrap_or(default))?;
    verify::check_anchor(&connection, &path, verified.journal_head, anchor)?;
    Ok(Some(verified))
}

/// `None`, which means no journal; an error if the anchor names a batch, because then the journal was lost.
fn check_may_be_missing(anchor: AnchorState) -> Result<Option<Verified>, OpenError> {
    match anchor {
        AnchorState::At(journal_head) if journal_head.sequence > 0 => {
            Err(OpenError::TailLost { journal: 0, anchor: journal_head.sequence })
        }
        AnchorState::Damaged => Err(OpenError::AnchorDamaged),
        AnchorState::At(_) | AnchorState::Missing => Ok(None),
    }
}

impl Journal for SqliteJournal {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Head, AppendError>> {
        self.append_or_explain(append).boxed()
    }

    fn read(
        &self,
        stream: StreamId,
        after: Position,
        max_bytes: usize,
    ) -> BoxFuture<'_, Result<Vec<Batch>, ReadError>> {
        self.shared.read(stream, after, max_bytes).boxed()
    }

    fn head(&self, stream: StreamId) -> BoxFuture<'_, Result<Head, ReadError>> {
        future::lazy(move |_| Ok(self.shared.heads(|heads| heads.get(stream)))).boxed()
    }

    fn streams(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, Head)>, ReadError>> {
        future::lazy(move |_| Ok(self.shared.heads(|heads| heads.page(after, limit)))).boxed()
    }

    fn due(
        &self,
        kind: StreamKind,
        now_ms: i64,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<(StreamId, i64)>, ReadError>> {
        future::lazy(move |_| Ok(self.shared.heads(|heads| heads.due(kind, now_ms, limit)))).boxed()
    }

    fn behind(
        &self,
        consumer: ConsumerName,
        kind: StreamKind,
        after: Option<StreamId>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<StreamId>, ReadError>> {
        let list = move |heads: &Heads| heads.behind(consumer.0, kind, after, limit);
        future::lazy(move |_| Ok(self.shared.heads(list))).boxed()
    }

    fn cursor(&self, consumer: ConsumerName, stream: StreamId) -> BoxFuture<'_, Result<Position, ReadError>> {
        future::lazy(move |_| Ok(self.shared.heads(|heads| heads.cursor(consumer.0, stream)))).boxed()
    }

    fn caught_up(
        &self,
        consumer: ConsumerName,
        stream: StreamId,
        from: Position,
        to: Position,
    ) -> BoxFuture<'_, Result<(), ReadError>> {
        future::lazy(move |_| {
            self.shared.caught_up(consumer, stream, from, to);
            Ok(())
        })
        .boxed()
    }

    fn put_snapshot(&self, stream: StreamId, at: Head, bytes: Bytes) -> BoxFuture<'_, Result<(), SaveError>> {
        self.save_snapshot(stream, at, bytes).boxed()
    }

    fn snapshot(&self, stream: StreamId) -> BoxFuture<'_, Option<(Head, Bytes)>> {
        self.load_snapshot(stream).boxed()
    }

    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<(), SaveError>> {
        let dir = self.shared.dir().to_owned();
        blocking(move || backup::backup(&dir, &to)).boxed()
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.has_room().boxed()
    }

    fn stopped(&self) -> BoxFuture<'static, String> {
        let mut stopped = self.shared.watch_stopped();
        async move {
            let reason = match stopped.wait_for(Option::is_some).await {
                Ok(reason) => reason.clone(),
                // The journal was closed without a failure.
                Err(_) => None,
            };
            match reason {
                Some(reason) => reason,
                None => future::pending().await,
            }
        }
        .boxed()
    }
}
