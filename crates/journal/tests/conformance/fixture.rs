//! How the suite opens a journal, and short helpers to append and read.

use bytes::Bytes;
use fairseat_journal::{
    Append, AppendError, Batch, BatchId, ConsumerName, Journal, MemoryJournal, Position, SqliteJournal,
    StreamId, StreamKind,
};
use tempfile::TempDir;

/// An empty journal of one implementation.
pub(crate) trait Fixture: Sized {
    fn new() -> impl Future<Output = Self>;
    fn journal(&self) -> &dyn Journal;
    /// Closes the journal and opens it again, as a restarted server would.
    fn reopen(self) -> impl Future<Output = Self>;
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

/// An append of `text` after the position `expected`. The batch id is derived from the text, too.
pub(crate) fn append(stream: StreamId, expected: u64, text: &str) -> Append {
    let payload = Bytes::copy_from_slice(text.as_bytes());
    Append { stream, expected: Position(expected), batch: id(text), payload, deadline: None }
}

pub(crate) fn id(text: &str) -> BatchId {
    BatchId(text.bytes().fold(0, |id, byte| (id << 8) | u128::from(byte)))
}

/// Appends texts one after the other, from the start of a stream.
pub(crate) async fn fill(journal: &dyn Journal, stream: StreamId, texts: &[&str]) {
    for (expected, text) in (0..).zip(texts) {
        journal.append(append(stream, expected, text)).await.unwrap();
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
pub(crate) fn missed(answer: Result<Position, AppendError>) -> Vec<Batch> {
    match answer {
        Err(AppendError::Conflict { missed }) => missed,
        other => panic!("expected a conflict, got {other:?}"),
    }
}
