//! Queues the message that a fact requires, under a key derived from the fact, so that reading a fact twice queues one message.

use super::MESSAGES;
use crate::app::App;
use crate::ids::PublicIds;
use fairseat_domain::Fact;
use fairseat_domain::entry::Entry;
use fairseat_domain::ids::OrderNumber;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::{ConsumeFuture, Consumed, Consumer, Published, StreamSlice};
use fairseat_journal::ConsumerName;
use fairseat_messages::USEFUL_FOR;
use fairseat_store::outbox::Message;
use futures::FutureExt as _;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Facts older than this queue no message, so that reading a journal from its beginning sends no old letters. The outbox keeps the keys of
/// sent messages for longer than this, so nobody gets a message twice.
const MAX_FACT_AGE: Millis = Millis::from_seconds(30 * 24 * 3600);
const _: () = assert!(MAX_FACT_AGE.0 < fairseat_store::limits::MESSAGE_MEMORY.0);

#[derive(Debug)]
pub(super) struct Messages {
    app: Arc<App>,
}

impl Messages {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

impl Consumer for Messages {
    fn name(&self) -> ConsumerName {
        MESSAGES
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            let (now, ids) = (self.app.now(), &self.app.ids);
            let recent = slice.entries().filter(|entry| now.since(entry.at) < MAX_FACT_AGE);
            let messages: Vec<Message> =
                recent.flat_map(|entry| messages_for(ids, &slice.published, entry, now)).collect();
            if !messages.is_empty() {
                self.app.store.outbox().queue_all(messages, now).await?;
            }
            Ok(Consumed::All)
        }
        .boxed()
    }
}

/// The messages that an entry requires.
fn messages_for(ids: &PublicIds, published: &Published, entry: &Entry, now: Timestamp) -> Vec<Message> {
    let facts = entry.facts.iter().filter_map(|fact| message_for(ids, published, fact, now));
    let plan_changed = entry.facts.iter().any(|fact| matches!(fact, Fact::PlanChanged { .. }));
    let relabelled = if plan_changed { published.state.orders_relabelled(entry.at) } else { BTreeSet::new() };
    let letters =
        relabelled.into_iter().filter_map(|order| relabelled_message(ids, published, order, entry.at, now));
    facts.chain(letters).collect()
}

/// The message about other labels of an order's seats since the plan changed at `at`.
fn relabelled_message(
    ids: &PublicIds,
    published: &Published,
    order: OrderNumber,
    at: Timestamp,
    now: Timestamp,
) -> Option<Message> {
    let message = order_message(ids, published, order, "seats_relabelled", now)?;
    let (id, at) = (ids.order(published.state.event(), order), at.as_millis());
    Some(Message {
        dedupe_key: format!("{}:{at}", message.dedupe_key),
        data: format!("{{\"order_id\":\"{id}\",\"changed_at\":{at}}}"),
        ..message
    })
}

/// The message that a fact requires.
fn message_for(ids: &PublicIds, published: &Published, fact: &Fact, now: Timestamp) -> Option<Message> {
    let sale = &published.state;
    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts call for no message")]
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
    // An order from the box office belongs to the seller's account. Messages about it go to the customer.
    let kind = match (kind, found.counter_payment) {
        (kind, None) => kind,
        ("order_cancelled", Some(_)) => "counter_cancelled",
        ("counter_sold", Some(_)) => "counter_sold",
        ("seats_relabelled", Some(_)) => "counter_seats_relabelled",
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
