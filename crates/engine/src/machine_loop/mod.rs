//! The loop of one machine, without I/O: decide requests on a working state that holds all earlier decisions, append in
//! batches, answer when durable.
//!
//! While the journal writes one batch, the next is filled; there is no artificial delay. Refusals wait for the facts they
//! relied on. After a conflict the loop discards the working state, applies the batches it missed, and decides the
//! same requests again in order. Every request gets exactly one [`Output::Answer`] or [`Output::Fail`].
//!
//! An append without a certain outcome is sent again, with the same batch id, until it is won or lost; nobody is answered
//! before. If the stream turns out to have another history than the published version, the loop ends
//! ([`Output::Diverged`]), and the machine has to be woken again.
//!
//! Due entries go before requests, since a machine decides nothing while anything is due: after an event is cancelled
//! its orders end in batches of the usual size, one after the other, and requests queue until the last of them. Readers
//! and other machines never wait for that.

mod appends;

use crate::Fault;
use crate::batch::{BatchIds, ClosedBatch, DecidedRequest, OpenBatch};
use crate::machine::{Answer, Machine};
use crate::published::{Published, Writer};
use fairseat_domain::Sale;
use fairseat_domain::limits::BATCH_BYTES;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_domain::sale::Violation;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_journal::limits::MAX_PAYLOAD_BYTES;
use fairseat_journal::{Append, AppendError, Batch, Head};
use std::collections::VecDeque;
use std::sync::Arc;

/// An input of a loop. `T` is the caller's handle on a request.
#[derive(Debug)]
pub enum Input<T, M: Machine = Sale> {
    /// Decide this request.
    Request(T, Box<M::Request>),
    /// The journal's answer to [`Output::Append`] or [`Output::AppendAgain`].
    Appended(Result<Head, AppendError>),
    /// Batches that other writers appended, read from the journal after a version that was published then.
    Missed(Vec<Batch>),
    /// The stream's history does not contain a version that was published then.
    Diverged,
    /// The journal is damaged, for this reason. This input comes instead of the journal's answer.
    Damaged(String),
}

/// An output of a loop.
#[derive(Debug)]
pub enum Output<T, M: Machine = Sale> {
    /// Append this; there is never more than one at a time.
    Append(Append),
    /// The same append as before, whose outcome is unknown: send it again, after a pause if it is not the first repeat.
    AppendAgain(Append),
    /// A new durable version, the entries that led to it, what they changed, and who appended them.
    Publish(Arc<Published<M>>, Arc<[M::Entry]>, Arc<M::Changes>, Writer),
    /// A request's answer, true in the given version.
    Answer(T, Answer<M>, Arc<Published<M>>),
    /// A request that got no answer.
    Fail(T, Fault),
    /// The machine stops: an invariant was about to be broken, or its journal is damaged.
    Quarantine(Violation),
    /// The loop ends: the stream has another history than the published version. Everything derived from that version must
    /// be dropped, and the machine woken again.
    Diverged,
}

/// The loop of one machine; see the module's documentation.
pub struct MachineLoop<T, M: Machine = Sale> {
    published: Arc<Published<M>>,
    working: M,
    queue: VecDeque<(T, Box<M::Request>)>,
    open_batch: OpenBatch<T, M>,
    ready: VecDeque<ClosedBatch<T, M>>,
    in_flight: Option<ClosedBatch<T, M>>,
    batch_ids: BatchIds,
    quarantined: bool,
    diverged: bool,
    /// Whether the journal refused the last append because the clocks differ.
    clock_refused: bool,
    due_pause: DuePause,
    /// The machine's time at the last run: everything due by then is applied.
    ran_at: Timestamp,
    outputs: Vec<Output<T, M>>,
}

/// Whether the loop pauses before it tries due entries again. After a failed append, due entries alone must not be appended
/// again at once; a request ends the pause.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DuePause {
    No,
    FromNextRun,
    Until(Timestamp),
}

/// Why the batches of another writer cannot be applied.
enum Stop {
    BadJournal(Violation),
    /// They do not continue the published version's history.
    Diverged,
}

impl From<Violation> for Stop {
    fn from(violation: Violation) -> Self {
        Self::BadJournal(violation)
    }
}

/// The pause of due entries after a failed append, or after a run that changed nothing although something is due.
const DUE_RETRY_PAUSE: Millis = Millis::from_seconds(1);

/// Full batches that may wait behind the one in flight.
const MAX_READY: usize = 1;

impl<T, M: Machine> std::fmt::Debug for MachineLoop<T, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MachineLoop")
            .field("number", &self.working.number())
            .field("position", &self.published.position)
            .field("unanswered", &self.unanswered())
            .field("in_flight", &self.in_flight.is_some())
            .field("quarantined", &self.quarantined)
            .finish_non_exhaustive()
    }
}

impl<T, M: Machine> MachineLoop<T, M> {
    /// A loop that starts with a durable version.
    #[must_use]
    pub fn new(published: Published<M>, batch_ids: BatchIds) -> Self {
        Self {
            working: published.state.clone(),
            ran_at: published.state.now(),
            published: Arc::new(published),
            queue: VecDeque::new(),
            open_batch: OpenBatch::new(),
            ready: VecDeque::new(),
            in_flight: None,
            batch_ids,
            quarantined: false,
            diverged: false,
            clock_refused: false,
            due_pause: DuePause::No,
            outputs: Vec::new(),
        }
    }

    /// The newest durable version.
    #[must_use]
    pub fn published(&self) -> &Arc<Published<M>> {
        &self.published
    }

    /// Requests that were added and are not answered yet.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        let closed = self.ready.iter().chain(&self.in_flight).map(|closed| closed.waiting.len());
        self.queue.len() + self.open_batch.waiting.len() + closed.sum::<usize>()
    }

    /// Whether another [`MachineLoop::run`] can decide more without any input.
    #[must_use]
    pub fn has_more(&self) -> bool {
        !self.has_ended() && !self.queue.is_empty() && self.ready.len() < MAX_READY
    }

    /// Whether an append awaits the journal's answer.
    #[must_use]
    pub fn is_appending(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Whether an append awaits the journal's answer, or a request awaits its own answer.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.in_flight.is_some() || !self.queue.is_empty() || !self.open_batch.is_empty()
    }

    /// Whether it has stopped itself.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    /// Whether the stream turned out to have another history; see [`Output::Diverged`].
    #[must_use]
    pub fn has_diverged(&self) -> bool {
        self.diverged
    }

    fn has_ended(&self) -> bool {
        self.quarantined || self.diverged
    }

    /// How long after `clock` [`MachineLoop::run`] must be called at the latest, for due entries to be decided; `None` when
    /// nothing will be due, or when the journal is busy, since its answer leads to a run anyway.
    #[must_use]
    pub fn next_run_in(&self, clock: Timestamp) -> Option<Millis> {
        if self.has_ended() || self.in_flight.is_some() {
            return None;
        }
        let due = self.working.next_due()?;
        Some(match self.due_pause {
            DuePause::Until(until) => until.since(clock).clamp(Millis::ZERO, DUE_RETRY_PAUSE),
            DuePause::No | DuePause::FromNextRun if due <= self.ran_at => DUE_RETRY_PAUSE,
            DuePause::No | DuePause::FromNextRun => due.since(clock).max(Millis::ZERO),
        })
    }

    /// Handles one input, then decides everything that can be decided at `clock`. Returns all outputs.
    pub fn handle(&mut self, input: Input<T, M>, clock: Timestamp) -> Vec<Output<T, M>> {
        self.take(input);
        self.run(clock)
    }

    /// Adds one input, which the next [`MachineLoop::run`] acts on.
    pub fn take(&mut self, input: Input<T, M>) {
        match input {
            Input::Request(token, request) => self.queue.push_back((token, request)),
            Input::Appended(Ok(head)) => self.commit(head),
            Input::Appended(Err(error)) => self.append_failed(error),
            Input::Missed(missed) if missed.is_empty() => {}
            Input::Missed(missed) => self.catch_up(&missed),
            Input::Diverged => self.diverge(),
            Input::Damaged(what) => self.stop_on_bad_journal(Violation(what)),
        }
    }

    /// The outputs so far, without deciding more: answers need not wait until the next requests are decided.
    pub fn take_outputs(&mut self) -> Vec<Output<T, M>> {
        std::mem::take(&mut self.outputs)
    }

    /// Decides everything that can be decided at `clock`; returns all outputs.
    pub fn run(&mut self, clock: Timestamp) -> Vec<Output<T, M>> {
        if self.quarantined {
            self.fail_queue(Fault::Quarantined);
        } else if self.diverged {
            self.fail_queue(Fault::Unavailable);
        } else if !self.is_paused(clock) {
            if let Err(violation) = self.decide_all(clock) {
                self.quarantine(violation);
            }
            self.send();
        }
        self.take_outputs()
    }

    fn is_paused(&mut self, clock: Timestamp) -> bool {
        if self.due_pause == DuePause::FromNextRun {
            self.due_pause = DuePause::Until(clock.plus(DUE_RETRY_PAUSE));
        }
        // If the end is further away than a whole pause, the clock jumped back, and the pause ends.
        let pauses = matches!(self.due_pause, DuePause::Until(until)
            if clock < until && until.since(clock) <= DUE_RETRY_PAUSE);
        if !pauses || !self.queue.is_empty() {
            self.due_pause = DuePause::No;
        }
        self.due_pause != DuePause::No
    }

    fn decide_all(&mut self, clock: Timestamp) -> Result<(), Violation> {
        let now = if planted(Bug::TimeRunsBackwards) { clock } else { clock.max(self.working.now()) };
        while self.ready.len() < MAX_READY {
            if let Some(entry) = self.working.due_entry(now) {
                self.working.apply_entry(&entry, &mut self.open_batch.changes)?;
                self.open_batch.add(entry, now)?;
            } else if let Some((token, request)) = self.queue.pop_front() {
                self.decide(token, request, now)?;
            } else {
                break;
            }
            if self.open_batch.len() >= BATCH_BYTES {
                self.close();
            }
        }
        self.ran_at = now;
        Ok(())
    }

    fn decide(&mut self, token: T, request: Box<M::Request>, now: Timestamp) -> Result<(), Violation> {
        let travels_alone = M::needs_own_batch(&request);
        if travels_alone {
            self.close();
        }
        let before = travels_alone.then(|| self.working.clone());
        let answer = match self.step(&request, now) {
            Ok(answer) => answer,
            Err(violation) => {
                self.outputs.push(Output::Fail(token, Fault::Quarantined));
                return Err(violation);
            }
        };
        match before {
            Some(before) if self.open_batch.len() > MAX_PAYLOAD_BYTES => {
                self.working = before;
                self.open_batch = OpenBatch::new();
                self.outputs.push(Output::Fail(token, Fault::TooLarge));
            }
            _ => self.answer_when_durable(DecidedRequest { token, request, answer }),
        }
        if travels_alone {
            self.close();
        }
        Ok(())
    }

    fn step(&mut self, request: &M::Request, now: Timestamp) -> Result<Answer<M>, Violation> {
        let (entries, answer) = self.working.step(request, now, &mut self.open_batch.changes)?;
        entries.into_iter().try_for_each(|entry| self.open_batch.add(entry, now))?;
        Ok(answer)
    }

    /// Gives an answer once everything it could have relied on is durable.
    fn answer_when_durable(&mut self, waiting: DecidedRequest<T, M>) {
        if planted(Bug::AnswerBeforeDurable) {
            self.outputs.push(Output::Answer(waiting.token, waiting.answer, self.published.clone()));
        } else if !self.open_batch.is_empty()
            && (waiting.answer.is_ok() || !planted(Bug::RefuseBeforeDurable))
        {
            self.open_batch.waiting.push(waiting);
        } else if let Some(newest) = self.ready.back_mut().or(self.in_flight.as_mut()) {
            newest.waiting.push(waiting);
        } else {
            self.outputs.push(Output::Answer(waiting.token, waiting.answer, self.published.clone()));
        }
    }

    /// Closes the gathered entries as one batch.
    fn close(&mut self) {
        if !self.open_batch.is_empty() {
            let gathered = std::mem::replace(&mut self.open_batch, OpenBatch::new());
            self.ready.push_back(gathered.close(self.batch_ids.take(), self.working.clone()));
        }
    }

    fn commit(&mut self, head: Head) {
        let (position, expected) = (head.position, self.published.position.next());
        if position > expected {
            let (said, expected) = (position.0, expected.0);
            self.stop_on_bad_journal(Violation(format!(
                "the journal put a batch at {said} instead of {expected}"
            )));
        } else if position == expected
            && let Some(closed) = self.in_flight.take()
        {
            self.clock_refused = false;
            self.publish(
                Published::at(head, closed.state),
                closed.entries,
                closed.changes,
                Writer::ThisEngine,
            );
            for waiting in closed.waiting {
                self.outputs.push(Output::Answer(waiting.token, waiting.answer, self.published.clone()));
            }
        }
    }

    fn publish(
        &mut self,
        published: Published<M>,
        entries: Arc<[M::Entry]>,
        changes: Arc<M::Changes>,
        writer: Writer,
    ) {
        self.published = Arc::new(published);
        self.outputs.push(Output::Publish(self.published.clone(), entries, changes, writer));
    }

    /// Applies batches of other writers and puts every request that is not durable back into the queue, in order.
    fn redo(&mut self, missed: &[Batch]) {
        if let Err(stop) = self.apply_other_batches(missed) {
            return self.stop(stop);
        }
        for undone in self.roll_back().into_iter().rev() {
            if planted(Bug::DropRequestOnConflict) {
                let DecidedRequest { token, answer, .. } = undone;
                self.outputs.push(Output::Answer(token, answer, self.published.clone()));
                continue;
            }
            self.queue.push_front((undone.token, undone.request));
        }
    }

    /// Applies batches of other writers. An append in flight has lost the race against them, which its answer will say. The
    /// requests decided so far wait for that answer and are then decided again.
    fn catch_up(&mut self, missed: &[Batch]) {
        if self.in_flight.is_none() {
            return self.redo(missed);
        }
        if let Err(stop) = self.apply_other_batches(missed) {
            return self.stop(stop);
        }
        // The append in flight was among these batches, so it is durable. Requests decided after it did not take the batches
        // that follow it into account.
        if self.in_flight.is_none() {
            self.redo(&[]);
        }
    }

    fn apply_other_batches(&mut self, batches: &[Batch]) -> Result<(), Stop> {
        batches.iter().try_for_each(|batch| self.apply_other_batch(batch))
    }

    fn apply_other_batch(&mut self, batch: &Batch) -> Result<(), Stop> {
        let (position, known) = (batch.position, self.published.head());
        let twice = planted(Bug::ApplyBatchTwice);
        if position == known.position && batch.hash != known.hash {
            return Err(Stop::Diverged);
        }
        if position <= known.position && !twice {
            return Ok(());
        }
        if position > known.position.next() {
            let (position, known) = (position.0, known.position.0);
            return Err(Stop::BadJournal(Violation(format!("batch {position} follows batch {known}"))));
        }
        if !batch.follows(self.stream(), &known) && !twice {
            return Err(Stop::Diverged);
        }
        // The journal got the append twice, and the first answer was lost.
        if self.in_flight.as_ref().is_some_and(|closed| closed.id == batch.batch) {
            self.commit(batch.head());
            return Ok(());
        }
        let entries = M::decode(&batch.payload).map_err(|error| Violation(error.to_string()))?;
        let mut changes = M::Changes::default();
        let mut state = self.published.state.clone();
        entries.iter().try_for_each(|entry| state.apply_entry(entry, &mut changes))?;
        let published = Published::at(batch.head(), state);
        self.publish(published, entries.into(), Arc::new(changes), Writer::Another);
        Ok(())
    }

    fn stop(&mut self, stop: Stop) {
        match stop {
            Stop::BadJournal(violation) => self.stop_on_bad_journal(violation),
            Stop::Diverged => self.diverge(),
        }
    }

    /// Discards the working state; returns the requests decided on it, in order.
    fn roll_back(&mut self) -> Vec<DecidedRequest<T, M>> {
        let mut undone = self.in_flight.take().map_or_else(Vec::new, |closed| closed.waiting);
        undone.extend(self.ready.drain(..).flat_map(|closed| closed.waiting));
        undone.extend(std::mem::replace(&mut self.open_batch, OpenBatch::new()).waiting);
        self.working = self.published.state.clone();
        undone
    }

    /// Fails every request that waits.
    fn give_up(&mut self, fault: Fault) {
        self.due_pause = DuePause::FromNextRun;
        for undone in self.roll_back() {
            self.outputs.push(Output::Fail(undone.token, fault));
        }
        self.fail_queue(fault);
    }

    fn fail_queue(&mut self, fault: Fault) {
        self.outputs.extend(self.queue.drain(..).map(|(token, _)| Output::Fail(token, fault)));
    }

    /// Stops because the journal contradicts itself or its own acknowledgements.
    fn stop_on_bad_journal(&mut self, violation: Violation) {
        self.give_up(Fault::Quarantined);
        self.halt(violation);
    }

    /// Stops because a decision broke an invariant. The append in flight was decided before and is valid; its requests are
    /// answered when the journal answers.
    fn quarantine(&mut self, violation: Violation) {
        let in_flight = self.in_flight.take();
        self.give_up(Fault::Quarantined);
        self.in_flight = in_flight;
        self.halt(violation);
    }

    fn halt(&mut self, violation: Violation) {
        if !std::mem::replace(&mut self.quarantined, true) {
            self.outputs.push(Output::Quarantine(violation));
        }
    }
}
