//! Many machines of one kind: each awake one is a task with a bounded mailbox; sleeping ones cost nothing.

use crate::batch::BatchIds;
use crate::clock::Clock;
use crate::context::Context;
use crate::fault::Fault;
use crate::handle::{Handle, Message};
use crate::machine::Machine;
use crate::options::EngineOptions;
use crate::published::{Answered, Committed};
use crate::task::Task;
use crate::wake::{WakeError, wake_counting};
use fairseat_domain::Sale;
use fairseat_domain::time::Timestamp;
use fairseat_journal::{Journal, ReadError, StreamId};
use futures::StreamExt;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;

/// Machines being woken at once because their deadline has come.
const WAKE_AT_ONCE: usize = 8;
/// How long a machine that wakes waits for others to fall asleep.
const ROOM_TIME: Duration = Duration::from_millis(500);
/// How long machines that were asked to fall asleep have for it, before others are asked as well.
const ANSWER_TIME: Duration = Duration::from_millis(100);
/// How often a machine is woken for one request: it may fall asleep before the request reaches its mailbox.
const MAX_TRIES: usize = 3;
/// Streams whose heads are asked for in one question to the journal.
const HEADS_AT_ONCE: usize = 2_000;

/// Runs the machines of one kind over one journal. Cheap to clone.
#[derive(Clone)]
pub struct Engine<M: Machine = Sale> {
    context: Arc<Context<M>>,
    tasks: Arc<Mutex<JoinSet<()>>>,
    next_writer: Arc<AtomicU64>,
}

impl<M: Machine> std::fmt::Debug for Engine<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("machine", &M::NAME)
            .field("awake", &self.awake())
            .finish_non_exhaustive()
    }
}

impl<M: Machine> Engine<M> {
    /// An engine over a journal. Nothing runs until the first request.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, options: EngineOptions) -> Self {
        let next_writer = Arc::new(AtomicU64::new(options.writer));
        Self { context: Arc::new(Context::new(journal, clock, options)), tasks: Arc::default(), next_writer }
    }

    /// The clock that gives the time of each decision.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.context.clock
    }

    /// The journal underneath.
    #[must_use]
    pub fn journal(&self) -> &Arc<dyn Journal> {
        &self.context.journal
    }

    /// Everything that becomes durable from now on, in order for each machine. A follower that lags gets an error and must
    /// read the states instead.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<Arc<Committed<M>>> {
        self.context.feed.subscribe()
    }

    /// The memory that the awake machines take, by estimate, in bytes.
    #[must_use]
    pub fn awake_bytes(&self) -> usize {
        let awake = self.context.registry.awake();
        awake.iter().map(|(_, handle)| handle.usage().bytes()).fold(0, usize::saturating_add)
    }

    /// How many machines are awake.
    #[must_use]
    pub fn awake(&self) -> usize {
        self.context.registry.len()
    }

    /// Handles on the awake machines.
    #[must_use]
    pub fn handles(&self) -> Vec<(M::Number, Arc<Handle<M>>)> {
        self.context.registry.awake()
    }

    /// Whether other processes may write the same streams.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.context.options.shared
    }

    /// Those of these machines that this node serves, when several nodes share the journal; see [`Homes::claim`](crate::Homes::claim).
    pub async fn claim(&self, numbers: Vec<M::Number>) -> Vec<M::Number> {
        self.context.claim(numbers).await
    }

    /// Since when this node serves the machine, if several nodes that know each other share the journal; see [`Homes::since`](crate::Homes::since).
    #[must_use]
    pub fn home_since(&self, number: M::Number) -> Option<Timestamp> {
        self.context.options.homes.as_ref()?.since(M::stream(number))
    }

    /// Machines that stopped themselves, with the reason.
    #[must_use]
    pub fn quarantined(&self) -> BTreeMap<M::Number, String> {
        self.context.quarantined.read().clone()
    }

    /// A handle on the machine, which is woken if it slept.
    ///
    /// # Errors
    /// [`Fault::Quarantined`] when its journal cannot be understood, [`Fault::Overloaded`] when too many are awake,
    /// [`Fault::Unavailable`] when the journal cannot be read or the engine is stopping.
    pub async fn handle(&self, number: M::Number) -> Result<Arc<Handle<M>>, Fault> {
        let registry = &self.context.registry;
        if let Some(awake) = registry.get(number) {
            awake.usage().note_use(self.context.began.elapsed());
            return Ok(awake);
        }
        if self.context.is_quarantined(number) {
            return Err(Fault::Quarantined);
        }
        let slot = registry.wake_slot(number, self.context.options.max_awake).ok_or(Fault::Overloaded)?;
        let cell = slot.cell().ok_or(Fault::Unavailable)?;
        cell.get_or_try_init(|| self.start(number)).await.cloned()
    }

    /// Makes room for another machine if the awake ones take too much memory: asks those that were not used for longest to fall asleep, and
    /// more of them if some must stay awake.
    async fn make_room(&self) -> Result<(), Fault> {
        let budget = self.context.options.awake_bytes;
        if self.awake_bytes() < budget {
            return Ok(());
        }
        let mut awake = self.context.registry.awake();
        awake.sort_by_key(|(_, handle)| handle.usage().used_at_ms());
        let mut unused = awake.into_iter().map(|(_, handle)| handle);
        let make_room = async {
            while self.awake_bytes() >= budget {
                // A little more than is needed, so that not every machine that wakes has to wait.
                let mut missing = self.awake_bytes().saturating_sub(budget / 8 * 7);
                let mut asked = 0_usize;
                while missing > 0
                    && let Some(handle) = unused.next()
                {
                    missing = missing.saturating_sub(handle.usage().bytes());
                    handle.usage().ask_to_sleep();
                    asked += 1;
                }
                if asked == 0 {
                    return;
                }
                drop(tokio::time::timeout(ANSWER_TIME, self.enough_asleep()).await);
            }
        };
        drop(tokio::time::timeout(ROOM_TIME, make_room).await);
        if self.awake_bytes() < budget.saturating_mul(2) { Ok(()) } else { Err(Fault::Overloaded) }
    }

    /// Waits until the awake machines take no more memory than they may.
    async fn enough_asleep(&self) {
        loop {
            let one_asleep = self.context.registry.one_removed();
            if self.awake_bytes() < self.context.options.awake_bytes {
                return;
            }
            one_asleep.await;
        }
    }

    async fn start(&self, number: M::Number) -> Result<Arc<Handle<M>>, Fault> {
        self.make_room().await?;
        let woken = wake_counting(&*self.context.journal, number).await;
        let (woken, replayed) = woken.map_err(|error| self.wake_fault(number, &error))?;
        let mut tasks = self.tasks.lock();
        // Checked under the lock: `stop` waits for every task that was spawned before it.
        if *self.context.stopping.borrow() {
            return Err(Fault::Unavailable);
        }
        let batch_ids = BatchIds::new(self.next_writer.fetch_add(1, Ordering::Relaxed));
        let (task, handle) = Task::new(self.context.clone(), woken, replayed, batch_ids);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task.run());
        handle.usage().note_use(self.context.began.elapsed());
        Ok(Arc::new(handle))
    }

    fn wake_fault(&self, number: M::Number, error: &WakeError) -> Fault {
        tracing::error!(machine = M::NAME, %number, %error, "cannot be woken");
        match error {
            WakeError::Wire { .. }
            | WakeError::Violation { .. }
            | WakeError::Read(ReadError::Damaged { .. }) => {
                self.context.quarantine(number, error.to_string());
                Fault::Quarantined
            }
            WakeError::Read(ReadError::Failed(_)) | WakeError::Diverged | WakeError::Interrupted => {
                Fault::Unavailable
            }
        }
    }

    /// Submits a request and returns its answer, once that is durable.
    ///
    /// # Errors
    /// [`Fault`], which says whether a retry is safe.
    pub async fn submit(&self, number: M::Number, request: M::Request) -> Result<Answered<M>, Fault> {
        let handle = self.handle(number).await?;
        self.submit_to(&handle, request).await
    }

    /// Like [`Engine::submit`], for a caller that has a handle already. If the machine has fallen asleep, it is woken again.
    ///
    /// # Errors
    /// As [`Engine::submit`].
    pub async fn submit_to(
        &self,
        handle: &Arc<Handle<M>>,
        request: M::Request,
    ) -> Result<Answered<M>, Fault> {
        let (mut handle, mut request) = (handle.clone(), Box::new(request));
        for _ in 0..MAX_TRIES {
            let (reply, answer) = oneshot::channel();
            match handle.mailbox().try_send(Message { request, reply }) {
                Ok(()) => return answer.await.unwrap_or(Err(Fault::Unavailable)),
                Err(mpsc::error::TrySendError::Full(_)) => return Err(Fault::Overloaded),
                Err(mpsc::error::TrySendError::Closed(unsent)) => request = unsent.request,
            }
            handle.ended().await;
            handle = self.handle(handle.number()).await?;
        }
        Err(Fault::Unavailable)
    }

    /// Wakes the sleeping machines whose deadline has come; to be called every now and then.
    pub async fn wake_due(&self) {
        let now = self.context.clock.now().as_millis();
        // Machines that are awake or quarantined stay listed and must not crowd out the others.
        let quarantined = self.context.quarantined.read().len();
        let limit = self.context.options.max_awake.saturating_add(quarantined);
        let due = match self.context.journal.due(M::KIND, now, limit).await {
            Ok(due) => due,
            Err(error) => return tracing::warn!(%error, "deadlines cannot be read"),
        };
        let asleep = due.into_iter().filter_map(|(stream, _)| M::number_of(stream)).filter(|number| {
            !self.context.registry.contains(*number) && !self.context.is_quarantined(*number)
        });
        let asleep = self.context.claim(asleep.collect()).await;
        let wake = |number: M::Number| async move {
            if let Err(fault) = self.handle(number).await {
                tracing::warn!(machine = M::NAME, %number, %fault, "it is due and cannot be woken");
            }
        };
        futures::stream::iter(asleep).for_each_concurrent(WAKE_AT_ONCE, wake).await;
    }

    /// Wakes due machines until the engine stops.
    pub async fn run_waker(self, every: Duration) {
        self.repeat(every, || self.wake_due()).await;
    }

    /// Has every awake machine to whose stream other writers appended read their batches; to be called every now and then. It costs one question
    /// to the journal for the awake machines, however many others exist.
    pub async fn read_other_writers(&self) {
        let awake = self.context.registry.awake();
        for handles in awake.chunks(HEADS_AT_ONCE) {
            let known =
                handles.iter().map(|(number, handle)| (M::stream(*number), handle.published().head()));
            let moved = match self.context.journal.moved(known.collect()).await {
                Ok(moved) => moved,
                Err(error) => return tracing::warn!(%error, "what other writers appended cannot be read"),
            };
            for number in moved.into_iter().filter_map(M::number_of) {
                if let Some(handle) = self.context.registry.get(number) {
                    handle.usage().note_other_writers();
                }
            }
        }
    }

    /// Another process says that it appended to this stream. If its machine is awake, it reads the stream at once; if the process lied, it finds
    /// nothing.
    pub fn heard_of(&self, stream: StreamId) {
        let handle = M::number_of(stream).and_then(|number| self.context.registry.get(number));
        if let Some(handle) = handle {
            handle.usage().note_other_writers();
        }
    }

    /// Reads what other writers appended until the engine stops.
    pub async fn run_reader(self, every: Duration) {
        self.repeat(every, || self.read_other_writers()).await;
    }

    /// Does something again and again until the engine stops.
    async fn repeat<F: Future<Output = ()>>(&self, every: Duration, work: impl Fn() -> F) {
        let again = async {
            loop {
                work().await;
                tokio::time::sleep(every).await;
            }
        };
        tokio::select! {
            biased;
            () = self.stopped() => {}
            () = again => {}
        }
    }

    /// Resolves once the engine takes no more requests.
    pub async fn stopped(&self) {
        let mut stopping = self.context.stopping.subscribe();
        // It cannot fail: this engine keeps the sender.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }

    /// Takes no more requests, answers those it has, writes snapshots, and returns when every machine is at rest.
    pub async fn stop(&self) {
        let mut tasks = {
            let mut tasks = self.tasks.lock();
            self.context.stopping.send_replace(true);
            std::mem::take(&mut *tasks)
        };
        while tasks.join_next().await.is_some() {}
    }
}
