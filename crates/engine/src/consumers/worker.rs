//! The task of one consumer: takes announced batches, works on a few streams at a time, retries failed ones, and searches
//! periodically for streams that were not announced.

use super::announcements::{Announced, AnnouncementMailbox};
use super::schedule::Schedule;
use super::work::{Advanced, ConsumerContext, Work};
use super::{Consumer, ConsumerError, CursorStorage, RunnerOptions};
use crate::engine::Engine;
use crate::machine::Machine;
use fairseat_journal::Position;
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

type Attempted<M> = (<M as Machine>::Number, Result<Advanced, ConsumerError>);

pub(super) struct Worker<M: Machine> {
    context: Arc<ConsumerContext<M>>,
    announcements: Arc<AnnouncementMailbox<M>>,
    options: RunnerOptions,
    schedule: Schedule<M::Number, Work<M>>,
    running: FuturesUnordered<BoxFuture<'static, Attempted<M>>>,
    /// The search for streams that are behind, while there is one.
    finding: Option<BoxFuture<'static, Result<Vec<M::Number>, ConsumerError>>>,
    next_search: Instant,
    /// Whether the next search compares the cursors that the consumer stores with all heads.
    compares: bool,
    readiness: Readiness,
    /// The cursor of each stream after this task's last attempt.
    cursors: BTreeMap<M::Number, Position>,
}

/// Whether the consumer can process slices.
enum Readiness {
    /// It is asked; meanwhile it is given nothing.
    Waiting(BoxFuture<'static, ()>),
    /// It says that it can, and has not proved it yet: it is given one slice at a time.
    Trying,
    /// It can.
    Ready,
}

enum WorkerEvent<M: Machine> {
    Ready,
    Attempted(Attempted<M>),
    FoundBehind(Result<Vec<M::Number>, ConsumerError>),
    Announced(Announced<M>),
    Retry,
    FindBehind,
}

impl<M: Machine> Worker<M> {
    pub(super) fn new(
        engine: Engine<M>,
        consumer: Arc<dyn Consumer<M>>,
        announcements: Arc<AnnouncementMailbox<M>>,
        options: RunnerOptions,
    ) -> Self {
        let context = Arc::new(ConsumerContext { engine, consumer });
        let readiness = context.readiness();
        if matches!(readiness, Readiness::Waiting(_)) {
            announcements.pause([]);
        }
        Self {
            readiness,
            context,
            announcements,
            options,
            schedule: Schedule::new(),
            running: FuturesUnordered::new(),
            finding: None,
            // The first search is at once: it finds what was not consumed when the last process ended.
            next_search: Instant::now(),
            compares: options.compares_at_start,
            cursors: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            while self.running.len() < self.places()
                && let Some((number, work)) = self.schedule.begin()
            {
                self.begin(number, work);
            }
            match self.next().await {
                WorkerEvent::Ready => self.resume(),
                WorkerEvent::Attempted((number, attempted)) => self.end(number, attempted),
                WorkerEvent::FoundBehind(found) => self.found_behind(found),
                WorkerEvent::Announced(announced) => self.take(announced),
                WorkerEvent::Retry => self.schedule.retry(Instant::now(), || Work::ReadJournal),
                WorkerEvent::FindBehind => self.find_behind(),
            }
        }
    }

    /// How many streams may be worked on now.
    fn places(&self) -> usize {
        match self.readiness {
            Readiness::Waiting(_) => 0,
            Readiness::Trying => 1,
            Readiness::Ready => self.context.consumer.at_once(),
        }
    }

    async fn next(&mut self) -> WorkerEvent<M> {
        let is_waiting = matches!(self.readiness, Readiness::Waiting(_));
        let retry = self.schedule.next_retry().filter(|_| !is_waiting);
        // Until the queue is empty, announced batches stay in `announcements`, where they are merged and bounded.
        let may_take = !is_waiting && !self.schedule.has_queue();
        let is_finding = self.finding.is_some();
        let may_find = !is_waiting && !is_finding && !self.keeps_no_cursor();
        tokio::select! {
            biased;
            () = became_ready(&mut self.readiness), if is_waiting => WorkerEvent::Ready,
            Some(attempted) = self.running.next(), if !self.running.is_empty() => WorkerEvent::Attempted(attempted),
            found = finished(&mut self.finding), if is_finding => WorkerEvent::FoundBehind(found),
            () = sleep_until(retry.unwrap_or(self.next_search)), if retry.is_some() => WorkerEvent::Retry,
            () = sleep_until(self.next_search), if may_find => WorkerEvent::FindBehind,
            announced = self.announcements.take(), if may_take => WorkerEvent::Announced(announced),
        }
    }

    fn begin(&mut self, number: M::Number, work: Work<M>) {
        let context = self.context.clone();
        let cached = match work {
            Work::ReadJournal if !self.keeps_no_cursor() => None,
            Work::ReadJournal | Work::Announced(_) => self.cursors.get(&number).copied(),
        };
        self.running.push(async move { (number, context.attempt(number, cached, work).await) }.boxed());
    }

    fn end(&mut self, number: M::Number, attempted: Result<Advanced, ConsumerError>) {
        let consumer = self.context.consumer.name();
        match attempted {
            Ok(Advanced::To { cursor, is_more }) => {
                self.cursors.insert(number, cursor);
                let failures = self.schedule.succeed(number);
                if failures > 0 {
                    tracing::info!(%consumer, machine = M::NAME, %number, failures, "a consumer goes on after failures");
                }
                if matches!(self.readiness, Readiness::Trying) {
                    self.readiness = Readiness::Ready;
                }
                match self.readiness {
                    Readiness::Waiting(_) if is_more => self.wait_until_ready(number),
                    Readiness::Trying | Readiness::Ready if is_more => {
                        self.schedule.add(number, Work::ReadJournal, Work::merge);
                    }
                    Readiness::Waiting(_) | Readiness::Trying | Readiness::Ready => {}
                }
            }
            Ok(Advanced::NotReady) => {
                self.schedule.succeed(number);
                self.wait_until_ready(number);
            }
            Err(error) => {
                let (failures, pause) = self.schedule.fail(number, Instant::now());
                let (error, retry_in_s) = (format!("{error:#}"), pause.as_secs());
                tracing::warn!(
                    %consumer, machine = M::NAME, %number, failures, retry_in_s, error,
                    "a consumer failed and will be tried again"
                );
            }
        }
    }

    /// Drops all work until the consumer is ready, but for the numbers of its streams, this one included.
    fn wait_until_ready(&mut self, number: M::Number) {
        let mut with_work = self.schedule.forget();
        with_work.insert(number);
        // Those that were noted before stay noted: several attempts may end in this way.
        with_work.extend(self.announcements.resume());
        self.announcements.pause(with_work);
        self.finding = None;
        if matches!(self.readiness, Readiness::Waiting(_)) {
            return;
        }
        self.readiness = self.context.readiness();
        if !matches!(self.readiness, Readiness::Waiting(_)) {
            self.resume();
        }
    }

    fn resume(&mut self) {
        self.readiness = Readiness::Trying;
        for number in self.announcements.resume() {
            self.schedule.add(number, Work::ReadJournal, Work::merge);
        }
        self.find_behind();
    }

    fn take(&mut self, announced: Announced<M>) {
        let is_in_process = self.keeps_no_cursor();
        for (number, batches) in announced.streams {
            if is_in_process {
                let cursor = self.cursors.entry(number).or_insert(batches.from);
                // What another node appended in between is announced to its consumers.
                *cursor = if self.context.engine.is_shared() { batches.from.max(*cursor) } else { *cursor };
            }
            self.schedule.add(number, Work::Announced(batches), Work::merge);
        }
        if announced.must_find_behind {
            if self.finding.is_some() {
                // It may have passed the streams whose batches were dropped just now, so another search follows it. Were it replaced, a
                // feed that keeps dropping batches would let no search end.
                self.next_search = Instant::now();
            } else {
                self.find_behind();
            }
        }
    }

    /// Begins to search for streams that this consumer is behind with. Those that another node serves are left to it.
    fn find_behind(&mut self) {
        self.next_search = Instant::now() + self.options.search_every;
        if self.keeps_no_cursor() && self.context.engine.is_shared() {
            return;
        }
        if self.keeps_no_cursor() {
            // It can have missed batches only in streams that it has begun.
            let begun: Vec<_> = self.cursors.keys().copied().collect();
            return self.found_behind(Ok(begun));
        }
        let (context, compares) = (self.context.clone(), self.compares);
        self.finding =
            Some(async move { Ok(context.engine.claim(context.behind(compares).await?).await) }.boxed());
    }

    fn found_behind(&mut self, found: Result<Vec<M::Number>, ConsumerError>) {
        match found {
            Ok(numbers) => {
                self.compares = false;
                for number in numbers {
                    self.schedule.add(number, Work::ReadJournal, Work::merge);
                }
            }
            Err(error) => {
                let (consumer, error) = (self.context.consumer.name(), format!("{error:#}"));
                tracing::warn!(%consumer, error, "a consumer cannot tell which streams it is behind with");
            }
        }
    }

    fn keeps_no_cursor(&self) -> bool {
        matches!(self.context.consumer.cursors(), CursorStorage::InProcess)
    }
}

async fn became_ready(readiness: &mut Readiness) {
    match readiness {
        Readiness::Waiting(ready) => ready.await,
        Readiness::Trying | Readiness::Ready => std::future::pending().await,
    }
}

async fn finished<T>(future: &mut Option<BoxFuture<'static, T>>) -> T {
    match future {
        Some(running) => {
            let answer = running.await;
            *future = None;
            answer
        }
        None => std::future::pending().await,
    }
}

impl<M: Machine> ConsumerContext<M> {
    /// Asks the consumer.
    fn readiness(&self) -> Readiness {
        let consumer = self.consumer.clone();
        let mut ready = async move { consumer.ready().await }.boxed();
        match (&mut ready).now_or_never() {
            Some(()) => Readiness::Ready,
            None => Readiness::Waiting(ready),
        }
    }
}
