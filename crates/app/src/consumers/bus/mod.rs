//! Publishes what happens in sales to the message bus, in order and at least once.
//!
//! Each message is made from its entry and from the sale's state before and after that entry, never from the newest state. So an entry that
//! is published again, by this node or another, today or after an upgrade, gives the same messages with the same ids.

mod bodies;
mod messages;
mod states;
#[cfg(test)]
mod tests;

use self::messages::messages_of;
use self::states::States;
use crate::app::App;
use fairseat_bus::{Bus, BusError, Message};
use fairseat_domain::Sale;
use fairseat_domain::sale::Changes;
use fairseat_engine::{ConsumeFuture, Consumed, Consumer, ConsumerError, Machine as _, StreamSlice};
use fairseat_journal::ConsumerName;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Messages are published when they reach this size, so that a long slice is not in memory as JSON.
const PUBLISH_BYTES: usize = 1 << 20;
/// The most payload of facts in one slice.
const SLICE_BYTES: usize = 1 << 20;
/// Sales that are published at a time. Each waits for the broker most of the time.
const AT_ONCE: usize = 16;
/// How often the last messages are looked for at the shutdown.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The consumer's name in the journal. It never changes.
pub(super) const BUS: ConsumerName = ConsumerName("bus");

#[derive(Debug)]
pub(super) struct BusFeed {
    app: Arc<App>,
    bus: Arc<Bus>,
    states: States,
}

impl BusFeed {
    pub(super) fn new(app: Arc<App>, bus: Arc<Bus>) -> Self {
        Self { states: States::new(app.journal.clone()), app, bus }
    }

    /// Publishes a slice and returns the sale's state at its end.
    async fn publish(&self, slice: &StreamSlice) -> Result<Option<Sale>, ConsumerError> {
        let mut sale = self.states.before(slice).await?;
        let (mut messages, mut bytes, mut last) = (Vec::new(), 0_usize, slice.from);
        for (position, place, entry) in slice.placed_entries() {
            if position > last {
                // A batch takes up to a millisecond or two, and a slice can have thousands.
                tokio::task::yield_now().await;
                last = position;
            }
            let (before, mut changes) = (sale.clone(), Changes::default());
            sale.apply_entry(entry, &mut changes)?;
            let more = messages_of(&self.app.ids, (position, place), entry, (&before, &sale), &changes)?;
            bytes = more.iter().map(|message| message.json.len()).fold(bytes, usize::saturating_add);
            messages.extend(more);
            if bytes >= PUBLISH_BYTES {
                if !self.send(&messages).await? {
                    return Ok(None);
                }
                (messages, bytes) = (Vec::new(), 0);
            }
        }
        let is_sent = messages.is_empty() || self.send(&messages).await?;
        Ok(is_sent.then_some(sale))
    }

    /// Whether the messages are published; if not, the broker is away.
    async fn send(&self, messages: &[Message]) -> Result<bool, ConsumerError> {
        match self.bus.publish(messages).await {
            Ok(()) => Ok(true),
            Err(BusError::Away) => Ok(false),
            Err(error @ BusError::Refused(_)) => Err(error.into()),
        }
    }
}

impl Consumer for BusFeed {
    fn name(&self) -> ConsumerName {
        BUS
    }

    /// Every node publishes what it commits and what it reads of others' commits. A question to the journal is cheaper than repeats.
    fn shares_cursors(&self) -> bool {
        true
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    fn max_slice_bytes(&self) -> Option<usize> {
        Some(SLICE_BYTES)
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        self.bus.ready().boxed()
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            match self.publish(slice).await {
                Ok(Some(sale)) => {
                    self.states.keep(slice, sale);
                    Ok(Consumed::All)
                }
                Ok(None) => Ok(Consumed::NotReady),
                Err(error) => {
                    // The kept state could be the reason, so the next attempt replays the journal.
                    self.states.forget(slice.number);
                    Err(error)
                }
            }
        }
        .boxed()
    }
}

/// Waits until everything is published that this process committed, but not longer than `patience`, and not while the broker is away.
/// What is not published by then is published after the next start, or by another node.
///
/// Returns whether everything is published.
pub async fn flush(app: &App, patience: Duration) -> bool {
    let Some(bus) = &app.bus else { return true };
    let end = Instant::now() + patience;
    loop {
        if is_published(app).await {
            return true;
        }
        if !bus.is_there() || Instant::now() >= end {
            return false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Whether nothing waits. With several nodes the journal lists what waits to one of them only, so the sales that are awake here are compared
/// as well.
async fn is_published(app: &App) -> bool {
    if !app.journal.behind(BUS, Sale::KIND, None, 1).await.is_ok_and(|behind| behind.is_empty()) {
        return false;
    }
    for (event, sale) in app.engine.handles() {
        let newest = sale.published().position;
        if !app.journal.cursor(BUS, Sale::stream(event)).await.is_ok_and(|cursor| cursor >= newest) {
            return false;
        }
    }
    true
}
