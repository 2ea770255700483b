//! How the suite opens a journal, and short helpers to append and read.

use bytes::Bytes;
use fairseat_journal::{
    Append, AppendError, Batch, BatchId, ConsumerName, DecisionTimes, Head, Journal, MemoryJournal, Position,
    SqliteJournal, StreamId, StreamKind,
};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// An empty journal of one implementation.
pub(crate) trait Fixture: Sized {
    /// The largest payload that is written in time, on a machine with other work: an append is refused once it is two seconds old.
    const LARGEST_IN_TIME: usize = fairseat_journal::limits::MAX_PAYLOAD_BYTES;
    fn new() -> impl Future<Output = Self>;
    fn journal(&self) -> &dyn Journal;
    /// Closes the journal and opens it again, as a restarted server would.
    fn reopen(self) -> impl Future<Output = Self>;
    /// The journal as a standby has it now.
    type Standby;
    /// Copies the journal to a standby.
    fn replicate(&self) -> impl Future<Output = Self::Standby>;
    /// The journal is lost, with every batch that the standby does not have. The standby takes over.
    fn promote(self, standby: Self::Standby) -> impl Future<Output = Self>;
}

pub(crate) struct Memory(MemoryJournal);

impl Fixture for Memory {
    async fn new() -> Self {
        Self(MemoryJournal::new())
    }

    fn journal(&self) -> &dyn Journal {
        &self.0
    }

    async fn reopen(self) -> Self {
        self
    }

    type Standby = MemoryJournal;

    async fn replicate(&self) -> MemoryJournal {
        let copy = MemoryJournal::new();
        for (stream, _) in self.0.streams(None, usize::MAX).await.unwrap() {
            let mut expected = Head::default();
            for Batch { batch, payload, .. } in read_all(&self.0, stream).await {
                let (deadline, decided) = (None, DecisionTimes::default());
                let append = Append { stream, expected, batch, payload, deadline, decided };
                expected = copy.append(append).await.unwrap();
            }
        }
        copy
    }

    async fn promote(self, standby: MemoryJournal) -> Self {
        Self(standby)
    }
}

pub(crate) struct Sqlite {
    journal: SqliteJournal,
    dir: TempDir,
}

impl Fixture for Sqlite {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { journal: SqliteJournal::open(dir.path()).unwrap(), dir }
    }

    fn journal(&self) -> &dyn Journal {
        &self.journal
    }

    async fn reopen(self) -> Self {
        let Self { journal, dir } = self;
        drop(journal);
        Self { journal: SqliteJournal::open(dir.path()).unwrap(), dir }
    }

    /// The file of a backup.
    type Standby = PathBuf;

    async fn replicate(&self) -> PathBuf {
        let backup = self.dir.path().join("backup");
        self.journal.backup(backup.clone()).await.unwrap();
        backup
    }

    /// Restores the backup. The snapshots stay.
    async fn promote(self, backup: PathBuf) -> Self {
        let Self { journal, dir } = self;
        drop(journal);
        std::fs::copy(backup, dir.path().join("journal.db")).unwrap();
        std::fs::remove_file(dir.path().join("journal.anchor")).unwrap();
        Self { journal: SqliteJournal::open(dir.path()).unwrap(), dir }
    }
}

pub(crate) fn run(case: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(case);
}

/// The kind of every stream of the suite, but for the cases about kinds.
pub(crate) const KIND: StreamKind = StreamKind(0);
pub(crate) const SALE: StreamId = StreamId(7);
pub(crate) const OTHER_SALE: StreamId = StreamId(8);
pub(crate) const VIEWS: ConsumerName = ConsumerName("views");
pub(crate) const MESSAGES: ConsumerName = ConsumerName("messages");

/// An append of `text` after the first `expected` batches of the stream. The batch id is derived from the text, too.
pub(crate) async fn append(journal: &dyn Journal, stream: StreamId, expected: u64, text: &str) -> Append {
    append_to(stream, head_at(journal, stream, expected).await, text)
}

pub(crate) fn append_to(stream: StreamId, expected: Head, text: &str) -> Append {
    let payload = Bytes::copy_from_slice(text.as_bytes());
    Append { stream, expected, batch: id(text), payload, deadline: None, decided: DecisionTimes::at(now()) }
}

/// Appends `text` after the first `expected` batches of the stream; the position of the new head.
pub(crate) async fn try_append(
    journal: &dyn Journal,
    stream: StreamId,
    expected: u64,
    text: &str,
) -> Result<Position, AppendError> {
    position(journal.append(append(journal, stream, expected, text).await).await)
}

pub(crate) fn position(answer: Result<Head, AppendError>) -> Result<Position, AppendError> {
    answer.map(|head| head.position)
}

/// The head that the stream had after so many batches. If it has fewer, a head that it never had.
pub(crate) async fn head_at(journal: &dyn Journal, stream: StreamId, position: u64) -> Head {
    let Some(before) = position.checked_sub(1) else { return Head::default() };
    let page = journal.read(stream, Position(before), 0).await.unwrap();
    let never = Head { position: Position(position), hash: [0xee; 32] };
    page.first().map_or(never, Batch::head)
}

/// A journal on a server compares decision times with its clock.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

pub(crate) fn id(text: &str) -> BatchId {
    BatchId(text.bytes().fold(0, |id, byte| (id << 8) | u128::from(byte)))
}

/// Appends texts one after the other, from the start of a stream.
pub(crate) async fn fill(journal: &dyn Journal, stream: StreamId, texts: &[&str]) {
    for (expected, text) in (0..).zip(texts) {
        try_append(journal, stream, expected, text).await.unwrap();
    }
}

/// The streams of the suite's kind that a consumer is behind with.
pub(crate) async fn behind(journal: &dyn Journal, consumer: ConsumerName) -> Vec<StreamId> {
    journal.behind(consumer, KIND, None, 99).await.unwrap()
}

pub(crate) fn texts(batches: &[Batch]) -> Vec<String> {
    batches.iter().map(|batch| String::from_utf8(batch.payload.to_vec()).unwrap()).collect()
}

/// All of a stream, read page by page.
pub(crate) async fn read_all(journal: &dyn Journal, stream: StreamId) -> Vec<Batch> {
    let mut all: Vec<Batch> = Vec::new();
    loop {
        let after = all.last().map_or(Position::START, |last| last.position);
        let page = journal.read(stream, after, 1 << 20).await.unwrap();
        let Some(first) = page.first() else { return all };
        assert!(first.position > after, "the page does not move on");
        all.extend(page);
    }
}

/// The batches that the loser of a race missed.
pub(crate) fn missed<T: std::fmt::Debug>(answer: Result<T, AppendError>) -> Vec<Batch> {
    match answer {
        Err(AppendError::Conflict { missed }) => missed,
        other => panic!("expected a conflict, got {other:?}"),
    }
}
