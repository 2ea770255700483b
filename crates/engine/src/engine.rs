//! Many sales: each awake one is a task with a bounded mailbox; sleeping ones cost nothing.

use crate::batch::BatchIds;
use crate::registry::{Registration, Registry};
use crate::sale_loop::{Published, SaleLoop};
use crate::snapshots::Snapshots;
use crate::task::SaleTask;
use crate::wake::{WakeError, wake_counting};
use crate::{ChangeLog, Clock, Fault};
use fairseat_domain::entry::{Actor, Entry};
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_domain::sale::{Changes, Decision, Request};
use fairseat_domain::{Command, Refusal};
use fairseat_journal::{Journal, Position, ReadError};
use futures::StreamExt;
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot, watch};
use tokio::task::JoinSet;

/// The engine's settings.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Requests one sale may have waiting to be decided, and as many decided and waiting to be durable; more are
    /// refused at once.
    pub mailbox: usize,
    /// Sales awake at once; more are refused until some fall asleep.
    pub max_awake: usize,
    /// A sale that nobody asked for so long, with nothing to do, falls asleep.
    pub idle_after: Duration,
    /// Facts between two snapshots of a sale, and so about the most that waking it replays.
    pub snapshot_every: u64,
    /// Random number of this writer, so that its batch ids are its own.
    pub writer: u64,
    /// Whether other processes may write the same sales. Then the journal is asked for news before each round of requests, since
    /// an answer that appends nothing, as most refusals, would not find out that its state is out of date.
    pub shared: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            mailbox: 8_192,
            max_awake: 10_000,
            idle_after: Duration::from_secs(300),
            snapshot_every: 50_000,
            writer: 0,
            shared: false,
        }
    }
}

/// A request's answer, with the durable version it is true in.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Yes or no.
    pub answer: Result<Decision, Refusal>,
    /// The version.
    pub published: Arc<Published>,
}

/// What became durable in one sale; without entries when the sale has just woken.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The event.
    pub event: EventNumber,
    /// The version after it.
    pub published: Arc<Published>,
    /// The entries.
    pub entries: Arc<[Entry]>,
    /// The seats they changed.
    pub changes: Arc<Changes>,
}

/// A request and where its answer goes.
pub(crate) struct Mail(pub(crate) Box<Request>, pub(crate) Reply);

pub(crate) type Reply = oneshot::Sender<Result<Answered, Fault>>;

/// Where an awake sale stands, for whoever keeps what was made from it: to look is to read one number, and keeps no sale in memory.
#[derive(Clone, Debug)]
pub struct Tip(Arc<AtomicU64>);

impl Tip {
    /// Past every position.
    const ASLEEP: u64 = u64::MAX;

    fn at(position: Position) -> Self {
        Self(Arc::new(AtomicU64::new(position.0)))
    }

    pub(crate) fn move_to(&self, position: Position) {
        self.0.store(position.0, Ordering::Release);
    }

    pub(crate) fn fall_asleep(&self) {
        self.0.store(Self::ASLEEP, Ordering::Release);
    }

    /// The position of the newest durable version; `None` once the sale has fallen asleep.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        let position = self.0.load(Ordering::Acquire);
        (position != Self::ASLEEP).then_some(Position(position))
    }
}

/// An awake sale, to read and to follow. Holding one does not keep it awake, watching its versions does.
#[derive(Debug)]
pub struct SaleHandle {
    mailbox: mpsc::Sender<Mail>,
    published: watch::Receiver<Arc<Published>>,
    changes: Arc<RwLock<ChangeLog>>,
    tip: Tip,
}

impl SaleHandle {
    /// The newest durable version.
    #[must_use]
    pub fn published(&self) -> Arc<Published> {
        self.published.borrow().clone()
    }

    /// Where it stands, now and later.
    #[must_use]
    pub fn tip(&self) -> Tip {
        self.tip.clone()
    }

    /// Versions as they come, the newest only.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Published>> {
        self.published.clone()
    }

    /// The seats that changed after `since` and up to the version of this answer; `None` when that cannot be told.
    #[must_use]
    pub fn changed_since(&self, since: Position) -> Option<(Position, Vec<SeatIndex>)> {
        let changes = self.changes.read();
        changes.since(since).map(|seats| (changes.newest(), seats))
    }

    /// Resolves when the sale has fallen asleep, or its task ended another way.
    pub(crate) async fn ended(&self) {
        let mut versions = self.published.clone();
        while versions.changed().await.is_ok() {}
    }

    /// Requests waiting.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.mailbox.max_capacity() - self.mailbox.capacity()
    }
}

pub(crate) struct Inner {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: EngineOptions,
    pub(crate) feed: broadcast::Sender<Arc<Committed>>,
    pub(crate) sales: Registry,
    quarantined: RwLock<BTreeMap<EventNumber, String>>,
    tasks: Mutex<JoinSet<()>>,
    next_writer: AtomicU64,
    snapshots: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Inner {
    /// Notes why a sale stopped itself; the first reason stays.
    pub(crate) fn quarantine(&self, event: EventNumber, reason: String) {
        self.quarantined.write().entry(event).or_insert(reason);
    }
}

/// Runs sales over one journal. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("awake", &self.awake()).finish_non_exhaustive()
    }
}

/// Messages the feed keeps for slow followers; who falls further behind reads the states instead.
const FEED_CAPACITY: usize = 4_096;
/// Sales being woken at once because their deadline has come.
const WAKE_AT_ONCE: usize = 8;
/// Snapshots being written at once.
const SNAPSHOTS_AT_ONCE: usize = 2;

impl Engine {
    /// An engine over a journal. Nothing runs until somebody asks.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, options: EngineOptions) -> Self {
        let (feed, _) = broadcast::channel(FEED_CAPACITY);
        Self {
            inner: Arc::new(Inner {
                journal,
                clock,
                next_writer: AtomicU64::new(options.writer),
                options,
                feed,
                sales: Registry::default(),
                quarantined: RwLock::default(),
                tasks: Mutex::default(),
                snapshots: Arc::new(Semaphore::new(SNAPSHOTS_AT_ONCE)),
                stopping: watch::Sender::new(false),
            }),
        }
    }

    /// The clock commands are decided by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The journal underneath.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.inner.journal
    }

    /// Everything that becomes durable from now on, in order for each sale. A follower that lags is told so and must
    /// read the states instead.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.inner.feed.subscribe()
    }

    /// How many sales are awake.
    #[must_use]
    pub fn awake(&self) -> usize {
        self.inner.sales.len()
    }

    /// The awake sales.
    #[must_use]
    pub fn awake_sales(&self) -> Vec<(EventNumber, Arc<SaleHandle>)> {
        self.inner.sales.awake()
    }

    /// Sales that stopped themselves, with the reason.
    #[must_use]
    pub fn quarantined(&self) -> BTreeMap<EventNumber, String> {
        self.inner.quarantined.read().clone()
    }

    /// The sale, woken if it slept.
    ///
    /// # Errors
    /// [`Fault::Quarantined`] when its journal cannot be understood, [`Fault::Overloaded`] when too many are awake,
    /// [`Fault::Unavailable`] when the journal cannot be read or the engine is stopping.
    pub async fn sale(&self, event: EventNumber) -> Result<Arc<SaleHandle>, Fault> {
        if let Some(awake) = self.inner.sales.get(event) {
            return Ok(awake);
        }
        if self.inner.quarantined.read().contains_key(&event) {
            return Err(Fault::Quarantined);
        }
        let place = self.inner.sales.place(event, self.inner.options.max_awake).ok_or(Fault::Overloaded)?;
        let cell = place.cell().ok_or(Fault::Unavailable)?;
        cell.get_or_try_init(|| self.start(event)).await.cloned()
    }

    async fn start(&self, event: EventNumber) -> Result<Arc<SaleHandle>, Fault> {
        let woken = wake_counting(&*self.inner.journal, event).await;
        let (woken, replayed) = woken.map_err(|error| self.wake_fault(event, &error))?;
        let position = woken.position;
        let (mailbox, receiver) = mpsc::channel(self.inner.options.mailbox);
        let (published, watcher) = watch::channel(Arc::new(woken.clone()));
        let changes = Arc::new(RwLock::new(ChangeLog::new(position)));
        let tip = Tip::at(position);
        let writer = self.inner.next_writer.fetch_add(1, Ordering::Relaxed);
        let mut tasks = self.inner.tasks.lock();
        // Looked at under the lock: whatever is spawned before the engine stops is also waited for.
        if *self.inner.stopping.borrow() {
            return Err(Fault::Unavailable);
        }
        let task = SaleTask {
            registration: Registration { inner: self.inner.clone(), event },
            published,
            sale_loop: SaleLoop::new(woken, BatchIds::new(writer)),
            mailbox: receiver,
            changes: changes.clone(),
            tip: tip.clone(),
            journal_answer: None,
            news: None,
            held: Vec::new(),
            snapshots: self.snapshots(replayed),
            stopping: self.inner.stopping.subscribe(),
        };
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task.run());
        Ok(Arc::new(SaleHandle { mailbox, published: watcher, changes, tip }))
    }

    fn snapshots(&self, replayed: u64) -> Snapshots {
        Snapshots::new(self.inner.options.snapshot_every, replayed, self.inner.snapshots.clone())
    }

    fn wake_fault(&self, event: EventNumber, error: &WakeError) -> Fault {
        tracing::error!(event = event.0, %error, "sale cannot be woken");
        match error {
            WakeError::Wire { .. }
            | WakeError::Violation { .. }
            | WakeError::Read(ReadError::Damaged { .. }) => {
                self.inner.quarantine(event, error.to_string());
                Fault::Quarantined
            }
            WakeError::Read(ReadError::Stopped | ReadError::Failed(_)) | WakeError::Interrupted => {
                Fault::Unavailable
            }
        }
    }

    /// Has a command decided, and answers when the answer is durable.
    ///
    /// # Errors
    /// [`Fault`], which says whether a retry is safe.
    pub async fn submit(&self, event: EventNumber, request: Request) -> Result<Answered, Fault> {
        let mut request = Box::new(request);
        // A sale may fall asleep between being found and being asked; it is then woken again.
        for _ in 0..3 {
            let sale = self.sale(event).await?;
            let (reply, answer) = oneshot::channel();
            match sale.mailbox.try_send(Mail(request, reply)) {
                Ok(()) => return answer.await.unwrap_or(Err(Fault::Unavailable)),
                Err(mpsc::error::TrySendError::Full(_)) => return Err(Fault::Overloaded),
                Err(mpsc::error::TrySendError::Closed(Mail(unsent, _))) => request = unsent,
            }
            sale.ended().await;
        }
        Err(Fault::Unavailable)
    }

    /// Has a command of the platform itself decided.
    ///
    /// # Errors
    /// [`Fault`], as [`Engine::submit`].
    pub async fn submit_system(&self, event: EventNumber, command: Command) -> Result<Answered, Fault> {
        let request = Request { command, actor: Actor::System, request: 0, idempotency: None };
        self.submit(event, request).await
    }

    /// Wakes the sales whose deadline has come and that sleep; to be called every now and then.
    pub async fn wake_due(&self) {
        let now = self.inner.clock.now().as_millis();
        // Sales that are awake or quarantined stay listed and must not crowd out the others.
        let limit = self.inner.options.max_awake.saturating_add(self.inner.quarantined.read().len());
        let due = match self.inner.journal.due(now, limit).await {
            Ok(due) => due,
            Err(error) => return tracing::warn!(%error, "deadlines cannot be read"),
        };
        let asleep = due.into_iter().map(|(stream, _)| EventNumber(stream.0)).filter(|event| {
            !self.inner.sales.contains(*event) && !self.inner.quarantined.read().contains_key(event)
        });
        let wake = |event: EventNumber| async move {
            if let Err(fault) = self.sale(event).await {
                tracing::warn!(event = event.0, %fault, "a sale with a deadline cannot be woken");
            }
        };
        futures::stream::iter(asleep).for_each_concurrent(WAKE_AT_ONCE, wake).await;
    }

    /// Wakes due sales until the engine stops.
    pub async fn run_waker(self, every: Duration) {
        let wake_again = async {
            loop {
                self.wake_due().await;
                tokio::time::sleep(every).await;
            }
        };
        tokio::select! {
            biased;
            () = self.stopped() => {}
            () = wake_again => {}
        }
    }

    /// Resolves once the engine takes no more requests.
    pub async fn stopped(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        // The sender lives in the engine.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }

    /// Takes no more requests, answers those it has, keeps snapshots, and returns when every sale is at rest.
    pub async fn stop(&self) {
        let mut tasks = {
            let mut tasks = self.inner.tasks.lock();
            self.inner.stopping.send_replace(true);
            std::mem::take(&mut *tasks)
        };
        while tasks.join_next().await.is_some() {}
    }
}
