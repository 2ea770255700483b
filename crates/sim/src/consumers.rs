//! The consumers of the simulation, with stores in memory that all nodes share and that survive every crash.
//!
//! The product's runner runs them on each node. As in the product, the views store rows and cursor in one step, and messages
//! are deduplicated by key while the journal keeps their cursor.

use crate::history::EVENT;
use crate::incarnation::Incarnation;
use crate::world::World;
use fairseat_domain::Fact;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_engine::{
    ConsumeFuture, Consumed, Consumer, ConsumerError, CursorStorage, Engine, OwnCursors, Runner,
    RunnerOptions, StreamSlice,
};
use fairseat_journal::{ConsumerName, Position};
use fairseat_store::views::{
    OrderRow, ReservationRow, SaleFigures, TicketRow, ViewRows, rows_of, touched_rows,
};
use futures::FutureExt;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The rows of the one sale.
#[derive(Debug, Default)]
pub(crate) struct Views {
    stored: Mutex<Stored>,
}

#[derive(Debug, Default)]
struct Stored {
    checkpoint: u64,
    figures: SaleFigures,
    reservations: BTreeMap<u32, ReservationRow>,
    orders: BTreeMap<u32, OrderRow>,
    tickets: BTreeMap<u32, TicketRow>,
}

impl Views {
    pub(crate) fn checkpoint(&self) -> u64 {
        self.stored.lock().checkpoint
    }

    /// Stores rows, and the checkpoint, if the stored checkpoint is `expected`; otherwise returns false.
    fn apply(&self, expected: u64, checkpoint: u64, rows: ViewRows) -> bool {
        let mut stored = self.stored.lock();
        if stored.checkpoint != expected {
            return false;
        }
        stored.checkpoint = checkpoint;
        if planted(Bug::CheckpointAheadOfRows) && checkpoint.is_multiple_of(16) {
            return true;
        }
        stored.figures = rows.figures;
        stored.reservations.extend(rows.reservations.into_iter().map(|row| (row.number.0, row)));
        for (number, status) in rows.ended {
            if let Some(row) = stored.reservations.get_mut(&number.0) {
                row.status = status;
            }
        }
        for (number, buyer) in rows.moved {
            if let Some(row) = stored.reservations.get_mut(&number.0) {
                row.buyer = buyer;
            }
        }
        stored.orders.extend(rows.orders.into_iter().map(|row| (row.number.0, row)));
        stored.tickets.extend(rows.tickets.into_iter().map(|row| (row.number.0, row)));
        true
    }

    /// Everything stored.
    pub(crate) fn rows(&self) -> ViewRows {
        let stored = self.stored.lock();
        ViewRows {
            figures: stored.figures,
            ended: Vec::new(),
            moved: Vec::new(),
            reservations: stored.reservations.values().cloned().collect(),
            orders: stored.orders.values().cloned().collect(),
            tickets: stored.tickets.values().cloned().collect(),
        }
    }
}

/// The messages that were ever queued, by key.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queued: Mutex<BTreeSet<MessageKey>>,
}

/// A message's kind, and the order or refund that it is about.
pub(crate) type MessageKey = (&'static str, u32);

impl Outbox {
    /// Everything queued.
    pub(crate) fn queued(&self) -> BTreeSet<MessageKey> {
        self.queued.lock().clone()
    }
}

/// The message that a fact calls for.
#[expect(clippy::wildcard_enum_match_arm, reason = "most facts call for no message")]
pub(crate) fn message_for(fact: &Fact) -> Option<MessageKey> {
    match fact {
        Fact::OrderConfirmed { order, .. } => Some(("order confirmed", order.0)),
        Fact::OrderCancelled { order, .. } => Some(("order cancelled", order.0)),
        Fact::RefundCompleted { refund } => Some(("refund completed", refund.0)),
        _ => None,
    }
}

/// How often a node's consumers search for streams that the feed did not announce to them.
const SEARCH_EVERY: Duration = Duration::from_secs(20);

/// The runner of a node's consumers.
pub(crate) fn runner(
    world: &Arc<World>,
    incarnation: &Arc<Incarnation>,
    engine: &Engine,
    (views, outbox): (&Arc<Views>, &Arc<Outbox>),
) -> Runner {
    let node = || Node { world: world.clone(), incarnation: incarnation.clone() };
    let consumers: Vec<Arc<dyn Consumer>> = vec![
        Arc::new(ViewsConsumer { node: node(), views: views.clone() }),
        Arc::new(MessagesConsumer { node: node(), outbox: outbox.clone() }),
    ];
    let options = RunnerOptions {
        search_every: SEARCH_EVERY,
        compares_at_start: world.style.nodes == 1,
        ..RunnerOptions::default()
    };
    Runner::new(engine.clone(), consumers, options)
}

/// Where a consumer runs.
#[derive(Debug)]
struct Node {
    world: Arc<World>,
    incarnation: Arc<Incarnation>,
}

impl Node {
    /// Fails now and then, as if the store did not answer. It is called before each write and after it.
    fn ask_store(&self) -> Result<(), ConsumerError> {
        if self.world.fault("consumer's store fails", 60) { Err("no answer".into()) } else { Ok(()) }
    }
}

#[derive(Debug)]
struct ViewsConsumer {
    node: Node,
    views: Arc<Views>,
}

impl Consumer for ViewsConsumer {
    fn name(&self) -> ConsumerName {
        ConsumerName("views")
    }

    fn cursors(&self) -> CursorStorage<'_> {
        CursorStorage::Own(self)
    }

    fn needs_entries(&self, from: Position) -> bool {
        from != Position::START
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            let sale = &slice.published.state;
            let rows = match slice.from {
                Position::START => rows_of(sale),
                _ => touched_rows(sale, slice.entries()),
            };
            self.node.incarnation.crash_point("views.before").await;
            self.node.ask_store()?;
            let applied = self.views.apply(slice.from.0, slice.published.position.0, rows);
            self.node.incarnation.crash_point("views.after").await;
            self.node.ask_store()?;
            Ok(if applied { Consumed::All } else { Consumed::CursorMoved })
        }
        .boxed()
    }
}

impl OwnCursors for ViewsConsumer {
    fn get(&self, _event: EventNumber) -> ConsumeFuture<'_, Position> {
        std::future::ready(Ok(Position(self.views.checkpoint()))).boxed()
    }

    fn page(&self, _from: EventNumber, _limit: usize) -> ConsumeFuture<'_, Vec<(EventNumber, Position)>> {
        std::future::ready(Ok(vec![(EVENT, Position(self.views.checkpoint()))])).boxed()
    }
}

#[derive(Debug)]
struct MessagesConsumer {
    node: Node,
    outbox: Arc<Outbox>,
}

impl Consumer for MessagesConsumer {
    fn name(&self) -> ConsumerName {
        ConsumerName("messages")
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            let facts = slice.entries().flat_map(|entry| &entry.facts);
            let messages: Vec<MessageKey> = facts.filter_map(message_for).collect();
            self.node.incarnation.crash_point("messages.before").await;
            self.node.ask_store()?;
            self.outbox.queued.lock().extend(messages);
            self.node.incarnation.crash_point("messages.after").await;
            self.node.ask_store()?;
            Ok(Consumed::All)
        }
        .boxed()
    }
}
