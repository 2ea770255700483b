//! Views in memory, and a node's follower that fills them from the feed and the journal with the store's functions.
//!
//! As in the real store, rows and checkpoint change together or not at all.

use crate::history::EVENT;
use crate::life::Life;
use fairseat_domain::entry::Entry;
use fairseat_domain::planted::{Bug, planted};
use fairseat_domain::{Sale, wire};
use fairseat_engine::{Committed, Engine, stream_of};
use fairseat_journal::Position;
use fairseat_store::views::{Counters, OrderRow, ReservationRow, TicketRow, ViewRows, rows_of, touched_rows};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// The rows of the one sale.
#[derive(Debug, Default)]
pub(crate) struct Views {
    stored: Mutex<Stored>,
}

#[derive(Debug, Default)]
struct Stored {
    checkpoint: u64,
    counters: Counters,
    reservations: BTreeMap<u32, ReservationRow>,
    orders: BTreeMap<u32, OrderRow>,
    tickets: BTreeMap<u32, TicketRow>,
}

impl Views {
    pub(crate) fn checkpoint(&self) -> u64 {
        self.stored.lock().checkpoint
    }

    /// Stores rows that continue the checkpoint `expected`; false if the checkpoint is another.
    fn apply(&self, expected: u64, checkpoint: u64, rows: ViewRows) -> bool {
        let mut stored = self.stored.lock();
        if stored.checkpoint != expected {
            return false;
        }
        stored.checkpoint = checkpoint;
        if planted(Bug::CheckpointAheadOfRows) && checkpoint.is_multiple_of(16) {
            return true;
        }
        stored.counters = rows.counters;
        stored.reservations.extend(rows.reservations.into_iter().map(|row| (row.number.0, row)));
        stored.orders.extend(rows.orders.into_iter().map(|row| (row.number.0, row)));
        stored.tickets.extend(rows.tickets.into_iter().map(|row| (row.number.0, row)));
        true
    }

    /// Everything stored.
    pub(crate) fn rows(&self) -> ViewRows {
        let stored = self.stored.lock();
        ViewRows {
            counters: stored.counters,
            reservations: stored.reservations.values().cloned().collect(),
            orders: stored.orders.values().cloned().collect(),
            tickets: stored.tickets.values().cloned().collect(),
        }
    }
}

/// A node's follower.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) life: Arc<Life>,
    pub(crate) engine: Engine,
    pub(crate) views: Arc<Views>,
}

/// How often it asks the journal for streams that the feed did not announce.
const CATCH_UP_EVERY: Duration = Duration::from_secs(20);

impl Follower {
    /// Follows until the node ends.
    pub(crate) async fn run(&mut self) {
        let mut feed = self.engine.follow();
        let mut tick = tokio::time::interval(CATCH_UP_EVERY);
        loop {
            let committed = tokio::select! {
                biased;
                _ = tick.tick() => None,
                committed = feed.recv() => match committed {
                    Ok(committed) => Some(committed),
                    Err(RecvError::Lagged(_)) => None,
                    Err(RecvError::Closed) => return,
                },
            };
            match committed {
                Some(committed) => self.take_in(&committed).await,
                None => self.catch_up().await,
            }
        }
    }

    async fn take_in(&self, committed: &Committed) {
        let position = committed.published.position.0;
        let Some(before) = position.checked_sub(1).filter(|_| !committed.entries.is_empty()) else { return };
        if self.views.checkpoint() != before {
            return;
        }
        let sale = &committed.published.state;
        self.write(before, position, sale, &committed.entries).await;
    }

    async fn catch_up(&self) {
        let Ok(behind) = self.engine.journal().behind(10).await else { return };
        if !behind.is_empty() {
            self.read_and_write().await;
        }
    }

    async fn read_and_write(&self) {
        let Ok(sale) = self.engine.sale(EVENT).await else { return };
        let published = sale.published();
        let stored = self.views.checkpoint();
        let mut entries = Vec::new();
        let mut after = Position(stored);
        while after < published.position {
            let Ok(page) = self.engine.journal().read(stream_of(EVENT), after, 1 << 20).await else { return };
            let Some(last) = page.last() else { return };
            after = last.position;
            for batch in page.iter().filter(|batch| batch.position <= published.position) {
                entries.extend(wire::decode_batch(&batch.payload).unwrap_or_default());
            }
        }
        if stored <= published.position.0 {
            self.write(stored, published.position.0, &published.state, &entries).await;
        }
    }

    async fn write(&self, expected: u64, checkpoint: u64, sale: &Sale, entries: &[Entry]) {
        let rows = if expected == 0 { rows_of(sale) } else { touched_rows(sale, entries) };
        self.life.step("views.before").await;
        let applied = self.views.apply(expected, checkpoint, rows);
        self.life.step("views.after").await;
        if applied {
            // If this fails the sale stays listed, which is harmless.
            drop(self.engine.journal().caught_up(stream_of(EVENT), Position(checkpoint)).await);
        }
    }
}
