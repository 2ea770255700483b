//! The task of one consumer: takes announced batches, works on a few streams at a time, retries failed ones, and searches
//! periodically for streams that were not announced.

use super::announcements::{Announced, AnnouncementMailbox};
use super::schedule::Schedule;
use super::work::{ConsumerContext, Work};
use super::{Consumer, ConsumerError, CursorStorage, RunnerOptions};
use crate::engine::Engine;
use crate::machine::Machine;
use fairseat_journal::{Head, Position, StreamId};
use futures::StreamExt;
use futures::future::{BoxFuture, FutureExt};
use futures::stream::FuturesUnordered;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

/// Streams that one consumer works on at a time, so that a slow one does not delay the others.
const AT_ONCE: usize = 4;
/// Streams listed in one question to the journal or the consumer.
const PAGE: usize = 1_000;

type Attempted<M> = (<M as Machine>::Number, Result<Position, ConsumerError>);

pub(super) struct Worker<M: Machine> {
    context: Arc<ConsumerContext<M>>,
    announcements: Arc<AnnouncementMailbox<M>>,
    options: RunnerOptions,
    schedule: Schedule<M::Number, Work<M>>,
    running: FuturesUnordered<BoxFuture<'static, Attempted<M>>>,
    /// The search for streams that are behind, while there is one.
    finding: Option<BoxFuture<'static, Result<Vec<M::Number>, ConsumerError>>>,
    next_search: Instant,
    /// The cursor of each stream after this task's last attempt.
    cursors: BTreeMap<M::Number, Position>,
}

enum WorkerEvent<M: Machine> {
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
        Self {
            context: Arc::new(ConsumerContext { engine, consumer }),
            announcements,
            options,
            schedule: Schedule::new(),
            running: FuturesUnordered::new(),
            finding: None,
            // The first search is at once: it finds what was not consumed when the last process ended.
            next_search: Instant::now(),
            cursors: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            while self.running.len() < AT_ONCE
                && let Some((number, work)) = self.schedule.begin()
            {
                self.begin(number, work);
            }
            match self.next().await {
                WorkerEvent::Attempted((number, attempted)) => self.end(number, attempted),
                WorkerEvent::FoundBehind(found) => self.found_behind(found),
                WorkerEvent::Announced(announced) => self.take(announced),
                WorkerEvent::Retry => self.schedule.retry(Instant::now(), || Work::ReadJournal),
                WorkerEvent::FindBehind => self.find_behind(),
            }
        }
    }

    async fn next(&mut self) -> WorkerEvent<M> {
        let retry = self.schedule.next_retry();
        // Until the queue is empty, announced batches stay in `announcements`, where they are merged and bounded.
        let may_take = !self.schedule.has_queue();
        let is_finding = self.finding.is_some();
        let may_find = !is_finding && !self.keeps_no_cursor();
        tokio::select! {
            biased;
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

    fn end(&mut self, number: M::Number, attempted: Result<Position, ConsumerError>) {
        let consumer = self.context.consumer.name();
        match attempted {
            Ok(cursor) => {
                self.cursors.insert(number, cursor);
                let failures = self.schedule.succeed(number);
                if failures > 0 {
                    tracing::info!(%consumer, machine = M::NAME, %number, failures, "a consumer goes on after failures");
                }
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

    fn take(&mut self, announced: Announced<M>) {
        let is_in_process = self.keeps_no_cursor();
        for (number, batches) in announced.streams {
            if is_in_process {
                self.cursors.entry(number).or_insert(batches.from);
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

    /// Begins to search for streams that this consumer is behind with.
    fn find_behind(&mut self) {
        self.next_search = Instant::now() + self.options.search_every;
        if self.keeps_no_cursor() {
            // It can have missed batches only in streams that it has begun.
            let begun: Vec<_> = self.cursors.keys().copied().collect();
            return self.found_behind(Ok(begun));
        }
        let context = self.context.clone();
        self.finding = Some(async move { context.behind().await }.boxed());
    }

    fn found_behind(&mut self, found: Result<Vec<M::Number>, ConsumerError>) {
        match found {
            Ok(numbers) => {
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
    /// Every stream that the consumer is behind with, by the journal's list and by its own cursors: its rows may have been
    /// dropped or restored without the journal's knowledge.
    async fn behind(&self) -> Result<Vec<M::Number>, ConsumerError> {
        let mut numbers = self.listed_behind().await?;
        if let CursorStorage::Own(_) = self.consumer.cursors() {
            numbers.extend(self.compared_behind().await?);
            numbers.sort_unstable();
            numbers.dedup();
        }
        Ok(numbers)
    }

    async fn listed_behind(&self) -> Result<Vec<M::Number>, ConsumerError> {
        let (journal, name) = (self.engine.journal(), self.consumer.name());
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = journal.behind(name, M::KIND, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(numbers) };
            after = Some(*last);
            numbers.extend(page.into_iter().filter_map(M::number_of));
        }
    }

    /// Compares the head of every stream with the cursor that the consumer stores.
    async fn compared_behind(&self) -> Result<Vec<M::Number>, ConsumerError> {
        let CursorStorage::Own(cursors) = self.consumer.cursors() else { return Ok(Vec::new()) };
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = self.engine.journal().streams(after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(numbers) };
            after = Some(*last);
            // Streams of another kind hold other machines.
            let heads: Vec<(M::Number, Position)> = page.into_iter().filter_map(head_of::<M>).collect();
            let Some((first, _)) = heads.first() else { continue };
            let stored: BTreeMap<_, _> = cursors.page(*first, PAGE).await?.into_iter().collect();
            let is_behind = |(number, head): &(M::Number, Position)| stored.get(number) < Some(head);
            numbers.extend(heads.into_iter().filter(is_behind).map(|(number, _)| number));
        }
    }
}

fn head_of<M: Machine>((stream, head): (StreamId, Head)) -> Option<(M::Number, Position)> {
    Some((M::number_of(stream)?, head.position))
}
