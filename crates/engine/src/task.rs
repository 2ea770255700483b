//! The task of one awake sale: its mailbox, its loop, its journal stream, its clock.
//!
//! It ends when it is told to stop or has long had nothing to do: first the mailbox closes, then what is in it is
//! answered, then the sale leaves the registry, and only then may another task for it begin.

use crate::ChangeLog;
use crate::engine::{Answered, Committed, Mail, Reply, Tip};
use crate::registry::Registration;
use crate::sale_loop::{Input, Output, Published, SaleLoop};
use crate::snapshots::Snapshots;
use crate::wake::stream_of;
use fairseat_domain::entry::Entry;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::sale::Changes;
use fairseat_journal::{Append, AppendError, Batch, BatchId, Journal, Position, ReadError, StreamId, crash};
use futures::future::BoxFuture;
use parking_lot::RwLock;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Requests taken from the mailbox at one go at most, so that the journal is never kept waiting for long.
const MAX_AT_ONCE: usize = 1_024;
/// The clock is looked at again after this long at the latest, since it may jump.
const CLOCK_CHECK: Duration = Duration::from_secs(10);
/// Payload of what a lost race missed, read at once.
const MISSED_BYTES: usize = 1 << 20;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) struct SaleTask {
    /// Dropped first, so that who finds the versions ended finds the sale's place free.
    pub(crate) registration: Registration,
    pub(crate) published: watch::Sender<Arc<Published>>,
    pub(crate) sale_loop: SaleLoop<Reply>,
    pub(crate) mailbox: mpsc::Receiver<Mail>,
    pub(crate) changes: Arc<RwLock<ChangeLog>>,
    pub(crate) tip: Tip,
    pub(crate) journal_answer: Option<BoxFuture<'static, Input<Reply>>>,
    /// What others appended, being read for the requests in `held`.
    pub(crate) news: Option<BoxFuture<'static, Input<Reply>>>,
    /// Requests that arrived before it was known what others appended.
    pub(crate) held: Vec<Mail>,
    pub(crate) snapshots: Snapshots,
    pub(crate) stopping: watch::Receiver<bool>,
}

enum Woken {
    Stop,
    Journal(Box<Input<Reply>>),
    News(Box<Input<Reply>>),
    Mail(usize),
    /// Time passed, or more can be decided.
    Go,
    Idle,
}

impl SaleTask {
    pub(crate) async fn run(mut self) {
        let mut mails = Vec::new();
        let mut emptied = false;
        let mut last_mail = Instant::now();
        self.announce(Arc::new([]), Arc::default());
        self.act();
        while !emptied || self.news.is_some() || self.sale_loop.is_busy() {
            match self.next(&mut mails, last_mail, emptied).await {
                Woken::Stop => self.mailbox.close(),
                Woken::Journal(input) => {
                    self.sale_loop.take(*input);
                    let outputs = self.sale_loop.take_outputs();
                    self.hand_out(outputs);
                    self.gather(&mut mails, &mut last_mail).await;
                }
                Woken::News(input) => {
                    let mut held = std::mem::take(&mut self.held);
                    self.take_all(&mut held);
                    self.sale_loop.take(*input);
                }
                Woken::Mail(0) => emptied = true,
                Woken::Mail(_) => {
                    last_mail = Instant::now();
                    if self.registration.inner.options.shared {
                        self.held.append(&mut mails);
                        self.read_news();
                    } else {
                        self.take_all(&mut mails);
                        self.gather(&mut mails, &mut last_mail).await;
                    }
                }
                Woken::Go => {}
                Woken::Idle if self.may_sleep() => self.mailbox.close(),
                Woken::Idle => last_mail = Instant::now(),
            }
            self.act();
        }
        let snapshot = self.snapshots.at_rest(&self.registration.inner.journal, self.sale_loop.published());
        drop(self);
        if let Some(snapshot) = snapshot {
            snapshot.await;
        }
    }

    fn take_all(&mut self, mails: &mut Vec<Mail>) {
        for Mail(request, reply) in mails.drain(..) {
            self.sale_loop.take(Input::Request(reply, request));
        }
    }

    async fn next(&mut self, mails: &mut Vec<Mail>, last_mail: Instant, emptied: bool) -> Woken {
        let inner = &self.registration.inner;
        let has_room = !emptied && self.news.is_none() && self.sale_loop.held() < inner.options.mailbox;
        let is_open = !self.mailbox.is_closed();
        let due = self.sale_loop.next_run_in(inner.clock.now());
        let due = due.map(|wait| Duration::from_millis(u64::try_from(wait.0).unwrap_or(0)).min(CLOCK_CHECK));
        let idle = last_mail + inner.options.idle_after;
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping), if is_open => Woken::Stop,
            // Polled before more is decided, so that the journal works meanwhile.
            input = answered(&mut self.journal_answer) => Woken::Journal(Box::new(input)),
            news = answered(&mut self.news) => Woken::News(Box::new(news)),
            count = self.mailbox.recv_many(mails, MAX_AT_ONCE), if has_room => Woken::Mail(count),
            () = std::future::ready(()), if self.sale_loop.has_more() => Woken::Go,
            () = tokio::time::sleep(due.unwrap_or_default()), if due.is_some() => Woken::Go,
            () = tokio::time::sleep_until(idle), if is_open && self.news.is_none() && !self.sale_loop.is_busy() => Woken::Idle,
        }
    }

    /// Before an append goes out, lets every task that is ready run once and takes the requests it sends: on a busy server they
    /// share the append, on an idle one there are none and nobody waits.
    async fn gather(&mut self, mails: &mut Vec<Mail>, last_mail: &mut Instant) {
        if self.sale_loop.is_appending() || self.registration.inner.options.shared {
            return;
        }
        tokio::task::yield_now().await;
        let room = self.registration.inner.options.mailbox.saturating_sub(self.sale_loop.held());
        while mails.len() < room.min(MAX_AT_ONCE)
            && let Ok(mail) = self.mailbox.try_recv()
        {
            mails.push(mail);
            *last_mail = Instant::now();
        }
        self.take_all(mails);
    }

    /// Runs the loop and does what it says.
    fn act(&mut self) {
        let outputs = self.sale_loop.run(self.registration.inner.clock.now());
        self.hand_out(outputs);
    }

    fn hand_out(&mut self, outputs: Vec<Output<Reply>>) {
        for output in outputs {
            match output {
                Output::Append(append) => self.append(append),
                Output::Find(batch, after) => self.find(batch, after),
                Output::Publish(published, entries, changes) => self.publish(published, entries, changes),
                Output::Answer(reply, answer, published) => {
                    // Whoever asked may have gone; the facts stand.
                    drop(reply.send(Ok(Answered { answer, published })));
                }
                Output::Fail(reply, fault) => drop(reply.send(Err(fault))),
                Output::Quarantine(violation) => {
                    tracing::error!(event = self.event().0, %violation, "sale quarantined");
                    self.registration.inner.quarantine(self.event(), violation.0);
                }
            }
        }
        if let Some(snapshot) =
            self.snapshots.due(&self.registration.inner.journal, self.sale_loop.published())
        {
            tokio::spawn(snapshot);
        }
    }

    fn append(&mut self, append: Append) {
        let journal = self.registration.inner.journal.clone();
        self.journal_answer = Some(Box::pin(async move {
            let (stream, expected) = (append.stream, append.expected);
            crash::point("engine.before_append");
            let appended = journal.append(append).await;
            crash::point("engine.after_append");
            match appended {
                Err(AppendError::Conflict { missed }) if missed.is_empty() => {
                    let read = || journal.read(stream, expected, MISSED_BYTES);
                    insist(read, |missed| Input::Appended(Err(AppendError::Conflict { missed }))).await
                }
                appended => Input::Appended(appended),
            }
        }));
    }

    fn find(&mut self, batch: BatchId, after: Position) {
        let (journal, stream) = (self.registration.inner.journal.clone(), stream_of(self.event()));
        self.journal_answer =
            Some(Box::pin(async move { insist(|| journal.find(stream, batch, after), Input::Found).await }));
    }

    fn read_news(&mut self) {
        let (journal, stream) = (self.registration.inner.journal.clone(), stream_of(self.event()));
        let after = self.sale_loop.published().position;
        self.news = Some(Box::pin(async move {
            insist(|| Box::pin(read_all(&*journal, stream, after)), Input::Missed).await
        }));
    }

    fn publish(&mut self, published: Arc<Published>, entries: Arc<[Entry]>, changes: Arc<Changes>) {
        self.snapshots.note(entries.iter().map(|entry| entry.facts.len()).sum());
        // Under one lock, so that nobody is told of changes that the newest version does not show yet.
        let mut log = self.changes.write();
        log.push(published.position, &changes);
        self.tip.move_to(published.position);
        self.published.send_replace(published.clone());
        drop(log);
        self.announce_version(published, entries, changes);
    }

    /// Tells the followers of all sales; with no entries when a sale has woken.
    fn announce(&self, entries: Arc<[Entry]>, changes: Arc<Changes>) {
        self.announce_version(self.sale_loop.published().clone(), entries, changes);
    }

    fn announce_version(&self, published: Arc<Published>, entries: Arc<[Entry]>, changes: Arc<Changes>) {
        let committed = Committed { event: self.event(), published, entries, changes };
        // Nobody following is no fault.
        drop(self.registration.inner.feed.send(Arc::new(committed)));
    }

    fn event(&self) -> EventNumber {
        self.registration.event
    }

    /// A sale that stopped itself stays, to be looked at.
    fn may_sleep(&self) -> bool {
        let sale = &self.sale_loop.published().sale;
        let watched = self.published.receiver_count() > 1;
        let needed = sale.has_effects() || sale.next_due().is_some();
        !watched && !needed && !self.sale_loop.is_quarantined()
    }
}

impl Drop for SaleTask {
    /// Whoever wakes the sale again will move it where this one does not follow.
    fn drop(&mut self) {
        self.tip.fall_asleep();
    }
}

/// The journal's answer, when one is awaited; for ever otherwise.
async fn answered(waiting: &mut Option<BoxFuture<'static, Input<Reply>>>) -> Input<Reply> {
    match waiting {
        Some(answer) => {
            let input = answer.await;
            *waiting = None;
            input
        }
        None => std::future::pending().await,
    }
}

/// Everything after a position, page by page until nothing comes.
async fn read_all(journal: &dyn Journal, stream: StreamId, after: Position) -> Result<Vec<Batch>, ReadError> {
    let mut all: Vec<Batch> = Vec::new();
    loop {
        let from = all.last().map_or(after, |batch| batch.position);
        let page = journal.read(stream, from, MISSED_BYTES).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Asks the journal until it says something certain.
async fn insist<'a, T>(
    ask: impl Fn() -> BoxFuture<'a, Result<T, ReadError>>,
    said: impl Fn(T) -> Input<Reply>,
) -> Input<Reply> {
    let mut pause = FIRST_PAUSE;
    loop {
        match ask().await {
            Ok(answer) => return said(answer),
            Err(ReadError::Stopped) => return Input::Appended(Err(AppendError::Stopped)),
            Err(error @ ReadError::Damaged { .. }) => return Input::Damaged(error.to_string()),
            Err(error) => tracing::warn!(%error, "the journal is asked again"),
        }
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
