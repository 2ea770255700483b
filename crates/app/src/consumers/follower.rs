//! Follows the sales' journals: keeps the views up to date, queues the messages facts call for, counts what was sold.
//!
//! What must always hold: a sale's rows and its checkpoint move together (I6), and a message is queued before the
//! checkpoint passes the fact that calls for it, so that a crash repeats at most what is deduplicated by key. Facts come
//! from the engine's feed; whatever the feed could not give is read from the journal.

use super::audit;
use crate::app::App;
use crate::catalogue::rows;
use crate::ids::PublicIds;
use crate::metrics::{Metrics, Money};
use fairseat_domain::entry::Entry;
use fairseat_domain::ids::{EventNumber, OrderNumber};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Fact, Sale, wire};
use fairseat_engine::{Committed, Published, stream_of};
use fairseat_journal::{Head, Position, StreamId, crash_point};
use fairseat_messages::USEFUL_FOR;
use fairseat_payments::decline_code;
use fairseat_store::outbox::Message;
use fairseat_store::views::{ApplyError, ViewRows, rows_of, touched_rows};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Changes of a sale are gathered for so long, so that a busy one is not written for each batch.
const GATHER: Duration = Duration::from_millis(50);
/// After a failure the same sales are tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Sales found behind in one look.
const BEHIND_AT_ONCE: usize = 1_000;
/// Entries kept for a sale between two writes; one with more is read from its journal.
const MAX_GATHERED: usize = 50_000;
/// How often every view is compared with its journal.
const COMPARE_EVERY: Duration = Duration::from_secs(60);
/// Payload read from a journal at once.
const PAGE_BYTES: usize = 4 << 20;

/// Nobody is told of facts older than this by whoever follows a journal from its beginning. Shorter than the outbox remembers what
/// it sent, so that nobody is told anything twice.
const TELL_OF: Millis = Millis::from_seconds(30 * 24 * 3600);
const _: () = assert!(TELL_OF.0 < fairseat_store::limits::MESSAGE_MEMORY.0);

/// What was announced of a sale and not written yet.
#[derive(Debug)]
struct Gathered {
    /// The version before the first of `entries`.
    from: Position,
    entries: Vec<Arc<[Entry]>>,
    count: usize,
    published: Arc<Published>,
}

/// The follower of all sales.
#[derive(Debug)]
pub struct Follower {
    app: Arc<App>,
    feed: Receiver<Arc<Committed>>,
    gathered: BTreeMap<EventNumber, Gathered>,
    /// Views as this follower left them.
    checkpoints: BTreeMap<EventNumber, u64>,
}

impl Follower {
    /// A follower of everything that happens from now on, and of what was left behind.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        let feed = app.engine.follow();
        Self { app, feed, gathered: BTreeMap::new(), checkpoints: BTreeMap::new() }
    }

    /// Follows until the engine stops; what is not written by then, the next start finds behind.
    pub async fn run(mut self) {
        let engine = self.app.engine.clone();
        tokio::select! {
            () = self.follow() => {}
            () = engine.stopped() => {}
        }
    }

    async fn follow(&mut self) {
        let mut compare = tokio::time::interval(COMPARE_EVERY);
        loop {
            tokio::select! {
                committed = self.feed.recv() => match committed {
                    Ok(committed) => {
                        self.gather(&committed);
                        tokio::time::sleep(GATHER).await;
                        while let Ok(committed) = self.feed.try_recv() {
                            self.gather(&committed);
                        }
                        self.write_gathered().await;
                    }
                    Err(RecvError::Lagged(_)) => self.catch_up().await,
                    Err(RecvError::Closed) => return,
                },
                // The first tick is at once: what was left behind when the server last ended.
                _ = compare.tick() => self.compare_all().await,
            }
        }
    }

    /// Takes in every sale that has facts the views do not know.
    async fn catch_up(&mut self) {
        self.gathered.clear();
        loop {
            let events: Vec<EventNumber> = match self.app.journal.behind(BEHIND_AT_ONCE).await {
                Ok(streams) => streams.iter().map(|stream| EventNumber(stream.0)).collect(),
                Err(error) => return tracing::warn!(%error, "cannot tell which views are behind"),
            };
            let full_page = events.len() == BEHIND_AT_ONCE;
            if self.catch_up_with_all(events).await.is_err() || !full_page {
                return;
            }
        }
    }

    /// Compares every sale's journal with its view's checkpoint: finds views that somebody dropped, also while the server
    /// runs, and those of a backup.
    async fn compare_all(&mut self) {
        let mut after = None;
        loop {
            let page = match self.app.journal.streams(after, BEHIND_AT_ONCE).await {
                Ok(page) => page,
                Err(error) => return tracing::warn!(%error, "sales cannot be listed"),
            };
            let Some((last, _)) = page.last() else { return };
            let from = EventNumber(page.first().map_or(0, |(first, _)| first.0));
            let limit = u32::try_from(BEHIND_AT_ONCE).unwrap_or(u32::MAX);
            let stored = match self.app.store.views().checkpoints(from, limit).await {
                Ok(stored) => BTreeMap::from_iter(stored),
                Err(error) => return tracing::warn!(%error, "views cannot be listed"),
            };
            after = Some(*last);
            let behind = |(stream, head): &(StreamId, Head)| {
                let event = EventNumber(stream.0);
                let checkpoint = stored.get(&event).copied().unwrap_or(0);
                (checkpoint < head.position.0).then_some(event)
            };
            if self.catch_up_with_all(page.iter().filter_map(behind).collect()).await.is_err() {
                return;
            }
        }
    }

    async fn catch_up_with_all(&mut self, events: Vec<EventNumber>) -> Result<(), anyhow::Error> {
        let mut all = Ok(());
        for event in events {
            self.gathered.remove(&event);
            all = all.and(self.catch_up_with(event).await);
        }
        all
    }

    async fn catch_up_with(&mut self, event: EventNumber) -> Result<(), anyhow::Error> {
        let caught_up = self.read_and_write(event).await;
        if let Err(error) = &caught_up {
            tracing::warn!(event = event.0, error = %format!("{error:#}"), "a view stays behind");
        }
        caught_up
    }

    fn gather(&mut self, committed: &Committed) {
        let Some(before) = committed.published.position.0.checked_sub(1) else { return };
        if committed.entries.is_empty() {
            return;
        }
        self.count(committed);
        let gathered = self.gathered.entry(committed.number).or_insert_with(|| Gathered {
            from: Position(before),
            entries: Vec::new(),
            count: 0,
            published: committed.published.clone(),
        });
        gathered.published = committed.published.clone();
        gathered.count = gathered.count.saturating_add(committed.entries.len());
        if gathered.count <= MAX_GATHERED {
            gathered.entries.push(committed.entries.clone());
        }
    }

    async fn write_gathered(&mut self) {
        for (event, gathered) in std::mem::take(&mut self.gathered) {
            let continues = self.checkpoints.get(&event) == Some(&gathered.from.0);
            let written = if continues && gathered.count <= MAX_GATHERED {
                let entries = gathered.entries.iter().flat_map(|entries| entries.iter());
                self.write(event, gathered.from.0, &gathered.published, entries).await
            } else {
                self.read_and_write(event).await
            };
            if let Err(error) = written {
                tracing::warn!(event = event.0, error = %format!("{error:#}"), "a view waits");
                self.checkpoints.remove(&event);
                tokio::time::sleep(RETRY).await;
                if self.catch_up_with(event).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Writes what the journal has after the stored checkpoint.
    async fn read_and_write(&mut self, event: EventNumber) -> Result<(), anyhow::Error> {
        let published = self.app.engine.sale(event).await?.published();
        let stored = self.app.store.views().checkpoint(event).await?;
        if stored == published.position.0 {
            return self.done(event, &published).await;
        }
        let mut entries = Vec::new();
        let mut after = Position(stored);
        while after < published.position {
            let page = self.app.journal.read(stream_of(event), after, PAGE_BYTES).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for batch in page.iter().filter(|batch| batch.position <= published.position) {
                entries.extend(wire::decode_batch(&batch.payload)?);
            }
        }
        self.write(event, stored, &published, &entries).await
    }

    async fn write<'e>(
        &mut self,
        event: EventNumber,
        expected: u64,
        published: &Published,
        entries: impl IntoIterator<Item = &'e Entry> + Clone,
    ) -> Result<(), anyhow::Error> {
        let sale = &published.state;
        self.queue_messages(published, entries.clone()).await?;
        audit::follow(&self.app, sale, entries.clone()).await?;
        if entries.clone().into_iter().flat_map(|entry| &entry.facts).any(rows::concerns) {
            let followed = rows::catch_up(&self.app, event).await;
            followed.map_err(|failure| anyhow::anyhow!("the event's row cannot follow: {failure}"))?;
        }
        let rows = if expected == 0 { rows_of(sale) } else { touched_rows(sale, entries) };
        crash_point!("views.before_apply");
        match self.app.store.views().apply(event, expected, published.position.0, rows).await {
            Ok(()) => self.done(event, published).await,
            Err(ApplyError::Stale { .. }) => self.replace(event, published, rows_of(sale)).await,
            Err(ApplyError::Store(error)) => Err(error.into()),
        }
    }

    /// Somebody dropped or rebuilt the view meanwhile: put all of it in its place.
    async fn replace(
        &mut self,
        event: EventNumber,
        published: &Published,
        rows: ViewRows,
    ) -> Result<(), anyhow::Error> {
        self.app.store.views().replace(event, published.position.0, rows).await?;
        self.done(event, published).await
    }

    async fn done(&mut self, event: EventNumber, published: &Published) -> Result<(), anyhow::Error> {
        self.checkpoints.insert(event, published.position.0);
        Ok(self.app.journal.caught_up(stream_of(event), published.position).await?)
    }

    async fn queue_messages<'e>(
        &self,
        published: &Published,
        entries: impl IntoIterator<Item = &'e Entry>,
    ) -> Result<(), anyhow::Error> {
        let now = self.app.now();
        let recent = entries.into_iter().filter(|entry| now.since(entry.at) < TELL_OF);
        let facts = recent.flat_map(|entry| &entry.facts);
        let messages: Vec<Message> =
            facts.filter_map(|fact| message_for(&self.app.ids, published, fact, now)).collect();
        if !messages.is_empty() {
            self.app.store.outbox().queue_all(messages, now).await?;
        }
        Ok(())
    }

    fn count(&self, committed: &Committed) {
        let sale = &committed.published.state;
        for fact in committed.entries.iter().flat_map(|entry| &entry.facts) {
            count_fact(&self.app.metrics, sale, fact);
        }
    }
}

/// The message a fact calls for. Its key makes it the same message however often the fact is seen.
fn message_for(ids: &PublicIds, published: &Published, fact: &Fact, now: Timestamp) -> Option<Message> {
    let sale = &published.state;
    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts are nobody's mail")]
    let (order, kind) = match fact {
        Fact::OrderConfirmed { order, .. } => (*order, "order_confirmed"),
        Fact::OrderCancelled { order, .. } => (*order, "order_cancelled"),
        Fact::RefundCompleted { refund } => {
            (sale.payment(sale.refund(*refund)?.payment)?.order, "refund_completed")
        }
        _ => return None,
    };
    order_message(ids, published, order, kind, now)
}

/// A message about an order to its buyer.
#[must_use]
pub fn order_message(
    ids: &PublicIds,
    published: &Published,
    order: OrderNumber,
    kind: &str,
    now: Timestamp,
) -> Option<Message> {
    let sale = &published.state;
    let id = ids.order(sale.event(), order);
    let found = sale.order(order)?;
    // What was sold at the counter is in the seller's name, and no news to them, but to whoever stood there.
    let kind = match (kind, found.counter_payment) {
        (kind, None) => kind,
        ("order_cancelled", Some(_)) => "counter_cancelled",
        ("counter_sold", Some(_)) => "counter_sold",
        (_, Some(_)) => return None,
    };
    Some(Message {
        dedupe_key: format!("{kind}:{id}"),
        kind: kind.to_owned(),
        recipient: found.buyer,
        event: Some(sale.event()),
        as_of: Some(published.position.0),
        data: format!("{{\"order_id\":\"{id}\"}}"),
        expires_at: now.plus(USEFUL_FOR),
    })
}

fn count_fact(metrics: &Metrics, sale: &Sale, fact: &Fact) {
    let money = |amount| Money { amount, currency: sale.terms().currency };
    #[expect(clippy::wildcard_enum_match_arm, reason = "only some facts are counted")]
    match fact {
        Fact::ReservationPlaced { .. } => metrics.reservation_made(),
        Fact::OrderConfirmed { order, .. } | Fact::SoldAtCounter { order, .. } => {
            if let Some(order) = sale.order(*order) {
                metrics.order_confirmed(order.items.len(), money(order.total));
            }
        }
        Fact::PaymentDeclined { reason, .. } => metrics.payment_failed(decline_code(*reason)),
        Fact::PaymentCancelled { .. } => metrics.payment_failed("cancelled"),
        Fact::CaptureFailed { .. } => {
            metrics.payment_failed("capture_failed");
            metrics.alert("capture_failed");
        }
        Fact::RefundFailed { .. } => metrics.alert("refund_failed"),
        Fact::OrderCancelled { order, refund, .. } => {
            let tickets = sale.order(*order).map_or(0, |order| order.items.len());
            let amount = refund.and_then(|due| due.seats.plus(due.fees).ok()).unwrap_or_default();
            metrics.refunded(tickets, money(amount));
        }
        _ => {}
    }
}
