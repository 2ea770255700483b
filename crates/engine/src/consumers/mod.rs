//! Consumers of the journal: code that reacts to durable facts. One [`Runner`] runs them all.
//!
//! Each consumer reads each stream in order, from a cursor of its own, and has a task of its own. The runner gathers what
//! the engine's feed announces for a short time and gives every consumer the same published states and entries, so one more
//! consumer costs no further replay. A consumer reads the batches that the feed did not give it from the journal: at the start,
//! after a failure, and when the feed was too fast.
//!
//! What must always hold:
//! - **At least once, in order.** A consumer is given every batch of a stream after its cursor, in order. The cursor moves
//!   only after the consumer has processed the batches, so after a crash it is given the last ones again. A consumer is
//!   therefore idempotent, or stores its cursor in the transaction of its rows ([`CursorStorage::Own`]).
//! - **Failures stay apart.** An attempt that fails, panics or takes too long is repeated for that consumer and that stream
//!   alone, after a pause that grows. Other streams of the consumer, and other consumers, go on.
//! - **A consumer may be away as a whole**, such as one whose broker cannot be reached ([`Consumed::NotReady`]). It then has one
//!   wait for all streams instead of a failure and a time-out for each, and afterwards reads what it missed from the journal.
//! - **No order between consumers.** A reader who needs the effects of two consumers must not expect one to come first.
//! - **Bounded memory** (I9). Beyond a number of entries the announced batches of a stream are dropped and read from the journal.

mod announcements;
mod schedule;
mod search;
mod stream_slice;
mod work;
mod worker;

use self::announcements::AnnouncementMailbox;
use self::stream_slice::AnnouncedBatches;
pub use self::stream_slice::StreamSlice;
use self::worker::Worker;
use crate::engine::Engine;
use crate::machine::Machine;
use crate::published::Committed;
use fairseat_domain::Sale;
use fairseat_journal::{ConsumerName, Position};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::task::JoinSet;

/// Why a consumer could not process a slice. It is logged, and the slice is tried again.
pub type ConsumerError = Box<dyn std::error::Error + Send + Sync>;

/// The future that a consumer's method returns.
pub type ConsumeFuture<'c, T> = BoxFuture<'c, Result<T, ConsumerError>>;

/// Code that reacts to the durable facts of all machines of one kind, such as the views or the outbox.
pub trait Consumer<M: Machine = Sale>: Debug + Send + Sync + 'static {
    /// Its name in the journal and in log lines. It never changes.
    fn name(&self) -> ConsumerName;

    /// Where its cursors are kept.
    fn cursors(&self) -> CursorStorage<'_, M> {
        CursorStorage::InJournal
    }

    /// Whether it needs the entries of a slice that begins after `from`. If not, they are not read from the journal, and
    /// the slice may come without them.
    fn needs_entries(&self, _from: Position) -> bool {
        true
    }

    /// Whether several nodes move its cursors and it would rather ask for the stored one before each slice than process again what another
    /// node has processed. Only for cursors in the journal.
    fn shares_cursors(&self) -> bool {
        false
    }

    /// How many streams it works on at a time. Few keep a slow stream from delaying the others; a consumer that mostly waits for a
    /// network needs more.
    fn at_once(&self) -> usize {
        4
    }

    /// The most payload that is read from the journal for one slice, about; the rest comes in further slices, so that a long history is
    /// neither held in memory nor processed in one attempt. `None` if a slice must end at the published version.
    fn max_slice_bytes(&self) -> Option<usize> {
        None
    }

    /// Resolves once it can process slices. It is asked at the start, and after [`Consumed::NotReady`]; until it resolves, the consumer is
    /// given nothing and nothing is kept for it in memory.
    fn ready(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }

    /// Processes a slice. When it returns [`Consumed::All`], its effects are durable.
    ///
    /// # Errors
    /// Any failure; the slice is tried again. The same batches come again, perhaps with later ones.
    fn consume<'c>(&'c self, slice: &'c StreamSlice<M>) -> ConsumeFuture<'c, Consumed>;
}

/// What a consumer did with a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// It processed all of the slice.
    All,
    /// Nothing: the cursor it stores is not where the slice begins, because another process moved it. The runner asks for
    /// the cursor again.
    CursorMoved,
    /// Nothing, or not all, because something that every slice needs is away. The slice comes again once the consumer is
    /// [`ready`](Consumer::ready); it does not count as a failure of its stream. Only for consumers with stored cursors.
    NotReady,
}

/// Where a consumer's cursors are kept.
#[derive(Debug)]
pub enum CursorStorage<'c, M: Machine = Sale> {
    /// In the journal, which does not store every move at once: the consumer must be idempotent.
    InJournal,
    /// With the consumer's rows, in the same transactions.
    Own(&'c dyn OwnCursors<M>),
    /// In memory only. The consumer begins in each stream with the first batch that is announced to this process.
    InProcess,
}

/// Cursors that a consumer stores with its rows.
pub trait OwnCursors<M: Machine = Sale>: Debug + Send + Sync {
    /// Its cursor in one stream; the start if it has none there.
    fn get(&self, number: M::Number) -> ConsumeFuture<'_, Position>;

    /// Its cursors from a number on, in ascending order, at most `limit`. Machines without a stored cursor are left out.
    fn page(&self, from: M::Number, limit: usize) -> ConsumeFuture<'_, Vec<(M::Number, Position)>>;
}

/// Settings of a runner.
#[derive(Clone, Copy, Debug)]
pub struct RunnerOptions {
    /// Batches are gathered for this long, so that a busy machine is not consumed batch by batch.
    pub gather_for: Duration,
    /// How often each consumer searches for streams that it is behind with although nothing was announced.
    pub search_every: Duration,
    /// Whether the first search compares the cursors that consumers store with the heads of all streams. It finds rows that were dropped or
    /// restored without the journal's knowledge, which can happen where journal and rows are separate files. It takes time in
    /// proportion to all streams, so later searches ask for the journal's list alone.
    pub compares_at_start: bool,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            gather_for: Duration::from_millis(50),
            search_every: Duration::from_secs(60),
            compares_at_start: true,
        }
    }
}

/// Runs the consumers of one engine's machines.
#[derive(Debug)]
pub struct Runner<M: Machine = Sale> {
    engine: Engine<M>,
    feed: Receiver<Arc<Committed<M>>>,
    consumers: Vec<Arc<dyn Consumer<M>>>,
    options: RunnerOptions,
}

impl<M: Machine> Runner<M> {
    /// A runner that gives the consumers all batches that become durable from now on, and all earlier ones after their cursors.
    #[must_use]
    pub fn new(engine: Engine<M>, consumers: Vec<Arc<dyn Consumer<M>>>, options: RunnerOptions) -> Self {
        let feed = engine.follow();
        Self { engine, feed, consumers, options }
    }

    /// Runs until the engine stops or the future is dropped. Batches that are not consumed by then are consumed after the next
    /// start.
    pub async fn run(mut self) {
        let mut tasks = JoinSet::new();
        let mut consumers = Vec::new();
        for consumer in std::mem::take(&mut self.consumers) {
            let announcements = Arc::new(AnnouncementMailbox::default());
            consumers.push(announcements.clone());
            tasks.spawn(Worker::new(self.engine.clone(), consumer, announcements, self.options).run());
        }
        let engine = self.engine.clone();
        tokio::select! {
            biased;
            () = engine.stopped() => {}
            () = self.deliver(&consumers) => {}
        }
    }

    /// Gives the batches that the feed announces to every consumer. It waits for none of them, so it rarely lags behind the feed.
    async fn deliver(&mut self, consumers: &[Arc<AnnouncementMailbox<M>>]) {
        let mut gathered = BTreeMap::new();
        loop {
            match self.feed.recv().await {
                Ok(committed) => gather(&mut gathered, &committed),
                Err(RecvError::Lagged(_)) => {
                    consumers.iter().for_each(|announcements| announcements.find_behind())
                }
                Err(RecvError::Closed) => return,
            }
            tokio::time::sleep(self.options.gather_for).await;
            loop {
                match self.feed.try_recv() {
                    Ok(committed) => gather(&mut gathered, &committed),
                    Err(TryRecvError::Lagged(_)) => {
                        consumers.iter().for_each(|announcements| announcements.find_behind())
                    }
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            let gathered = std::mem::take(&mut gathered);
            if !gathered.is_empty() {
                consumers.iter().for_each(|announcements| announcements.put(&gathered));
            }
        }
    }
}

fn gather<M: Machine>(gathered: &mut BTreeMap<M::Number, AnnouncedBatches<M>>, committed: &Committed<M>) {
    let Some(announced) = AnnouncedBatches::of(committed) else { return };
    match gathered.get_mut(&committed.number) {
        Some(before) => before.append(&announced),
        None => drop(gathered.insert(committed.number, announced)),
    }
}
