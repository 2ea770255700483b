//! The task of one awake machine: it moves requests from the mailbox into the loop, and the loop's outputs to the journal,
//! to callers and to readers.
//!
//! It ends when the engine stops or the machine has long had nothing to do: first the mailbox closes, then the requests in
//! it are answered, then the machine leaves the registry, and only then may another task for it begin.
//!
//! It also ends, at once, when the stream turns out to have another history (after the promotion of a standby). Caches of
//! the machine end with its task, and the next task reads the new history.

use crate::batch::BatchIds;
use crate::context::Context;
use crate::handle::{Handle, Message, Publisher, Reply};
use crate::machine::Machine;
use crate::machine_loop::{Input, MachineLoop, Output};
use crate::published::{Answered, Committed, Published, Writer};
use crate::snapshots::SnapshotSchedule;
use fairseat_domain::time::Millis;
use fairseat_journal::{Append, AppendError, Batch, Head, Journal, ReadError, StreamId, crash_point};
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// The most requests taken from the mailbox at once, so that the journal never waits long for the next batch.
const MAX_AT_ONCE: usize = 1_024;
/// The clock is looked at again after this long at the latest, since it may jump.
const CLOCK_CHECK: Duration = Duration::from_secs(10);
/// Payload of batches that others appended, read at once.
const MISSED_BYTES: usize = 1 << 20;
/// A machine that is needed sooner than this does not fall asleep to make room.
const SHORTEST_SLEEP: Millis = Millis::from_seconds(60);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A task's entry in the registry, removed however the task ends. A task that panicked leaves its machine quarantined:
/// the same request would make it panic again.
struct Registration<M: Machine> {
    context: Arc<Context<M>>,
    number: M::Number,
}

impl<M: Machine> Drop for Registration<M> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(machine = M::NAME, number = %self.number, "quarantined: its task panicked");
            self.context.quarantine(self.number, "its task panicked".to_owned());
        }
        self.context.registry.remove(self.number);
        if let Some(homes) = &self.context.options.homes {
            homes.release(M::stream(self.number));
        }
    }
}

pub(crate) struct Task<M: Machine> {
    /// Dropped before `publisher`: a caller that sees the versions end finds the machine's registry slot free.
    registration: Registration<M>,
    publisher: Publisher<M>,
    machine_loop: MachineLoop<Reply<M>, M>,
    mailbox: mpsc::Receiver<Message<M>>,
    journal_answer: Option<BoxFuture<'static, Input<Reply<M>, M>>>,
    /// The read of other writers' batches that the requests in `waiting_for_read` wait for.
    other_writers: Option<BoxFuture<'static, Input<Reply<M>, M>>>,
    /// Requests that wait until other writers' batches are read.
    waiting_for_read: Vec<Message<M>>,
    snapshots: SnapshotSchedule,
    /// How often in a row the same append was sent again.
    repeats: u32,
    stopping: watch::Receiver<bool>,
}

enum TaskEvent<M: Machine> {
    Stop,
    Journal(Box<Input<Reply<M>, M>>),
    OtherWriters(Box<Input<Reply<M>, M>>),
    /// The number of requests that arrived; 0 when the mailbox is closed and empty.
    Requests(usize),
    /// Time passed, or more can be decided.
    Run,
    Idle,
    /// Others need the memory.
    AskedToSleep,
    /// Other writers may have appended.
    NotedOtherWriters,
}

impl<M: Machine> Task<M> {
    /// The task of a machine that has just woken, and the handle on it. `replayed` is the number of facts after its snapshot.
    pub(crate) fn new(
        context: Arc<Context<M>>,
        woken: Published<M>,
        replayed: u64,
        batch_ids: BatchIds,
    ) -> (Self, Handle<M>) {
        let options = &context.options;
        let (publisher, mailbox, handle) = Publisher::connect(&woken, options.mailbox);
        let snapshots = SnapshotSchedule::new(options.snapshot_every, replayed, context.snapshots.clone());
        let task = Self {
            stopping: context.stopping.subscribe(),
            registration: Registration { number: woken.state.number(), context },
            publisher,
            machine_loop: MachineLoop::new(woken, batch_ids),
            mailbox,
            journal_answer: None,
            other_writers: None,
            waiting_for_read: Vec::new(),
            snapshots,
            repeats: 0,
        };
        (task, handle)
    }

    pub(crate) async fn run(mut self) {
        let mut messages = Vec::new();
        let mut emptied = false;
        let mut last_request = Instant::now();
        // Followers learn that the machine is awake.
        self.announce(self.machine_loop.published().clone(), Arc::new([]), Arc::default(), Writer::Another);
        self.act();
        while !self.machine_loop.has_diverged()
            && (!emptied || self.other_writers.is_some() || self.machine_loop.is_busy())
        {
            match self.next(&mut messages, last_request, emptied).await {
                TaskEvent::Stop => self.mailbox.close(),
                TaskEvent::Journal(input) => {
                    self.machine_loop.take(*input);
                    let outputs = self.machine_loop.take_outputs();
                    self.hand_out(outputs);
                    self.gather(&mut messages, &mut last_request).await;
                }
                TaskEvent::OtherWriters(input) => {
                    let mut waiting = std::mem::take(&mut self.waiting_for_read);
                    self.take_all(&mut waiting);
                    self.machine_loop.take(*input);
                }
                TaskEvent::Requests(0) => emptied = true,
                TaskEvent::Requests(_) => {
                    last_request = Instant::now();
                    if self.context().options.shared {
                        self.waiting_for_read.append(&mut messages);
                        self.read_other_writers();
                    } else {
                        self.take_all(&mut messages);
                        self.gather(&mut messages, &mut last_request).await;
                    }
                }
                TaskEvent::Run => {}
                TaskEvent::Idle if self.may_sleep() => self.mailbox.close(),
                TaskEvent::Idle => last_request = Instant::now(),
                TaskEvent::AskedToSleep if self.may_sleep_for_a_while() => self.mailbox.close(),
                TaskEvent::AskedToSleep => {}
                TaskEvent::NotedOtherWriters => self.read_other_writers(),
            }
            self.act();
        }
        if self.machine_loop.has_diverged() {
            return;
        }
        let snapshot = self.snapshots.at_rest(&self.context().journal.clone(), self.machine_loop.published());
        drop(self);
        if let Some(snapshot) = snapshot {
            snapshot.await;
        }
    }

    fn context(&self) -> &Context<M> {
        &self.registration.context
    }

    fn take_all(&mut self, messages: &mut Vec<Message<M>>) {
        for Message { request, reply } in messages.drain(..) {
            self.machine_loop.take(Input::Request(reply, request));
        }
    }

    async fn next(
        &mut self,
        messages: &mut Vec<Message<M>>,
        last_request: Instant,
        emptied: bool,
    ) -> TaskEvent<M> {
        let context = &self.registration.context;
        let has_room = !emptied
            && self.other_writers.is_none()
            && self.machine_loop.unanswered() < context.options.mailbox;
        let is_open = !self.mailbox.is_closed();
        let due = self.machine_loop.next_run_in(context.clock.now());
        let due = due.map(|wait| Duration::from_millis(u64::try_from(wait.0).unwrap_or(0)).min(CLOCK_CHECK));
        let idle = last_request + context.options.idle_after;
        let may_read = self.other_writers.is_none();
        let may_idle = is_open && may_read && !self.machine_loop.is_busy();
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping), if is_open => TaskEvent::Stop,
            // Polled before more is decided, so that the journal works meanwhile.
            input = answered(&mut self.journal_answer) => TaskEvent::Journal(Box::new(input)),
            input = answered(&mut self.other_writers) => TaskEvent::OtherWriters(Box::new(input)),
            count = self.mailbox.recv_many(messages, MAX_AT_ONCE), if has_room => TaskEvent::Requests(count),
            () = std::future::ready(()), if self.machine_loop.has_more() => TaskEvent::Run,
            () = tokio::time::sleep(due.unwrap_or_default()), if due.is_some() => TaskEvent::Run,
            () = tokio::time::sleep_until(idle), if may_idle => TaskEvent::Idle,
            () = self.publisher.usage().asked_to_sleep(), if may_idle => TaskEvent::AskedToSleep,
            () = self.publisher.usage().noted_other_writers(), if may_read => TaskEvent::NotedOtherWriters,
        }
    }

    /// Before an append goes out, lets every task that is ready run once and takes the requests it sends: on a busy server
    /// they share the append, on an idle one there are none and nobody waits.
    async fn gather(&mut self, messages: &mut Vec<Message<M>>, last_request: &mut Instant) {
        if self.machine_loop.is_appending() || self.context().options.shared {
            return;
        }
        tokio::task::yield_now().await;
        let room = self.context().options.mailbox.saturating_sub(self.machine_loop.unanswered());
        while messages.len() < room.min(MAX_AT_ONCE)
            && let Ok(message) = self.mailbox.try_recv()
        {
            messages.push(message);
            *last_request = Instant::now();
        }
        self.take_all(messages);
    }

    /// Runs the loop and carries out its outputs.
    fn act(&mut self) {
        let outputs = self.machine_loop.run(self.context().clock.now());
        self.hand_out(outputs);
    }

    fn hand_out(&mut self, outputs: Vec<Output<Reply<M>, M>>) {
        if self.machine_loop.has_diverged() {
            // A caller that asks again at once must reach the next task.
            self.mailbox.close();
        }
        for output in outputs {
            match output {
                Output::Append(append) => {
                    self.repeats = 0;
                    self.append(append, Duration::ZERO);
                }
                Output::AppendAgain(append) => {
                    self.repeats = self.repeats.saturating_add(1);
                    self.append(append, pause_before_repeat(self.repeats));
                }
                Output::Publish(published, entries, changes, writer) => {
                    self.publish(published, entries, changes, writer);
                }
                Output::Answer(reply, answer, published) => {
                    // The caller may be gone; the facts stand.
                    drop(reply.send(Ok(Answered { answer, published })));
                }
                Output::Fail(reply, fault) => drop(reply.send(Err(fault))),
                Output::Quarantine(violation) => {
                    tracing::error!(machine = M::NAME, number = %self.number(), %violation, "quarantined");
                    self.context().quarantine(self.number(), violation.0);
                }
                Output::Diverged => {
                    let position = self.machine_loop.published().position.0;
                    tracing::warn!(
                        machine = M::NAME, number = %self.number(), position,
                        "the journal may have another history than this version; it is read again"
                    );
                }
            }
        }
        if self.machine_loop.has_diverged() {
            return;
        }
        let journal = &self.registration.context.journal;
        if let Some(snapshot) = self.snapshots.due(journal, self.machine_loop.published()) {
            tokio::spawn(snapshot);
        }
    }

    fn append(&mut self, append: Append, pause: Duration) {
        let (journal, number) = (self.context().journal.clone(), self.number());
        self.journal_answer = Some(Box::pin(async move {
            let (stream, expected) = (append.stream, append.expected.position);
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            crash_point!("engine.before_append");
            let appended = journal.append(append).await;
            crash_point!("engine.after_append");
            match appended {
                Err(AppendError::Conflict { missed }) if missed.is_empty() => {
                    let read = || journal.read(stream, expected, MISSED_BYTES);
                    let input_of = |missed| Input::Appended(Err(AppendError::Conflict { missed }));
                    retry_until_certain(read, input_of).await
                }
                Err(error @ (AppendError::ClockDiffers { .. } | AppendError::Unavailable(_))) => {
                    tracing::warn!(machine = M::NAME, %number, %error, "an append was refused");
                    Input::Appended(Err(error))
                }
                appended => Input::Appended(appended),
            }
        }));
    }

    fn read_other_writers(&mut self) {
        let (journal, stream) = (self.context().journal.clone(), M::stream(self.number()));
        let known = self.machine_loop.published().head();
        self.other_writers = Some(Box::pin(async move {
            let input_of = |missed: Option<_>| missed.map_or(Input::Diverged, Input::Missed);
            retry_until_certain(|| Box::pin(read_after(&*journal, stream, known)), input_of).await
        }));
    }

    fn publish(
        &mut self,
        published: Arc<Published<M>>,
        entries: Arc<[M::Entry]>,
        changes: Arc<M::Changes>,
        writer: Writer,
    ) {
        self.snapshots.note(entries.iter().map(M::facts).sum());
        self.publisher.publish(&published, &changes);
        if let (Writer::ThisEngine, Some(doorbell)) = (writer, &self.context().options.doorbell) {
            doorbell.ring(M::stream(self.number()));
        }
        self.announce(published, entries, changes, writer);
    }

    /// Tells the followers of all machines.
    fn announce(
        &self,
        published: Arc<Published<M>>,
        entries: Arc<[M::Entry]>,
        changes: Arc<M::Changes>,
        writer: Writer,
    ) {
        let committed = Committed { number: self.number(), published, entries, changes, writer };
        // It fails when there is no follower, which is fine.
        drop(self.context().feed.send(Arc::new(committed)));
    }

    fn number(&self) -> M::Number {
        self.registration.number
    }

    /// A quarantined machine stays awake, so that operators can look at it.
    fn may_sleep(&self) -> bool {
        let state = &self.machine_loop.published().state;
        let needed = state.next_deadline().is_some() || state.next_due().is_some();
        !self.publisher.is_watched() && !needed && !self.machine_loop.is_quarantined()
    }
}

impl<M: Machine> Task<M> {
    /// Whether it may sleep until it is needed at a known time, which the journal has: it is then woken again.
    fn may_sleep_for_a_while(&self) -> bool {
        let state = &self.machine_loop.published().state;
        let awake_at = state.next_deadline().into_iter().chain(state.next_due()).min();
        let soon = self.context().clock.now().plus(SHORTEST_SLEEP);
        let is_needed = awake_at.is_some_and(|needed| needed <= soon);
        !self.publisher.is_watched() && !is_needed && !self.machine_loop.is_quarantined()
    }
}

impl<M: Machine> Drop for Task<M> {
    /// Runs before the registration is dropped, so before another task can publish newer versions.
    fn drop(&mut self) {
        self.publisher.fall_asleep();
    }
}

/// The answer that is waited for; never resolves when there is none.
async fn answered<I>(waiting: &mut Option<BoxFuture<'static, I>>) -> I {
    match waiting {
        Some(answer) => {
            let input = answer.await;
            *waiting = None;
            input
        }
        None => std::future::pending().await,
    }
}

/// The pause before the same append is sent again: none at first, then longer and longer.
fn pause_before_repeat(repeats: u32) -> Duration {
    match repeats.checked_sub(2) {
        None => Duration::ZERO,
        Some(doublings) => FIRST_PAUSE.saturating_mul(1 << doublings.min(10)).min(LONGEST_PAUSE),
    }
}

/// Everything after a head, page by page until nothing comes; `None` if the stream's history does not contain that head.
/// The loop checks that the batches continue it.
async fn read_after(
    journal: &dyn Journal,
    stream: StreamId,
    known: Head,
) -> Result<Option<Vec<Batch>>, ReadError> {
    let head = journal.head(stream).await?;
    if head == known {
        return Ok(Some(Vec::new()));
    }
    if head.position <= known.position {
        return Ok(None);
    }
    let mut all: Vec<Batch> = Vec::new();
    loop {
        let from = all.last().map_or(known.position, |batch| batch.position);
        let page = journal.read(stream, from, MISSED_BYTES).await?;
        if page.is_empty() {
            return Ok(Some(all));
        }
        all.extend(page);
    }
}

/// Asks the journal until it gives a certain answer.
async fn retry_until_certain<'a, A, T, M: Machine>(
    ask: impl Fn() -> BoxFuture<'a, Result<A, ReadError>>,
    input_of: impl Fn(A) -> Input<T, M>,
) -> Input<T, M> {
    let mut pause = FIRST_PAUSE;
    loop {
        match ask().await {
            Ok(answer) => return input_of(answer),
            Err(error @ ReadError::Damaged { .. }) => return Input::Damaged(error.to_string()),
            Err(error) => tracing::warn!(%error, "the journal could not be read, trying again"),
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
