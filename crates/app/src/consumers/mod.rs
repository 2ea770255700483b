//! Everything that is derived from a sale's facts: views, messages, the audit trail, the catalogue's rows, counters, and what is published to
//! the message bus.
//!
//! Each is a consumer of the sales' journals with its own cursor. The engine's [`Runner`] runs them and isolates their failures. It
//! delivers every batch at least once, and after a crash it delivers the last ones again. So each consumer must be idempotent:
//!
//! | consumer | cursor | when a batch is delivered twice |
//! | --- | --- | --- |
//! | `views` | in the transaction of its rows | the batch is refused, since the stored cursor is past it |
//! | `messages` | in the journal | the outbox already has the message's key |
//! | `audit` | in the journal | the trail already has the entry's key |
//! | `event_rows` | in the journal | the row already equals its sale |
//! | `counters` | in memory | does not happen: the counters start at zero with the process |
//! | `bus`, if there is a broker | in the journal | it is published twice, under the same ids |
//!
//! Consumers may run in any order, because none reads what another writes:
//! - A letter links to pages that read the sale itself, so it may be sent before the lists show its order.
//! - A list may show a change before the trail has its entry, or the other way round; both show it within moments. The trail is complete
//!   once `audit` is not behind, which the metrics show.
//! - Ticket holders must be told about new times even if the process dies in between. `event_rows` ensures that itself: it queues the
//!   message first, then updates the row.
//! - An order's answer may say that its confirmation is on its way as soon as the journal has the order: `messages` queues the letter from
//!   the journal, even if the process dies in between.

mod audit;
pub mod bus;
mod counters;
mod event_rows;
pub mod messages;
mod views;

use crate::app::App;
use fairseat_engine::{Consumer, Runner, RunnerOptions};
use fairseat_journal::ConsumerName;
use std::sync::Arc;
use std::time::Duration;

// Names are stored in the journal, so they never change.
const VIEWS: ConsumerName = ConsumerName("views");
const MESSAGES: ConsumerName = ConsumerName("messages");
const AUDIT: ConsumerName = ConsumerName("audit");
const EVENT_ROWS: ConsumerName = ConsumerName("event_rows");
const COUNTERS: ConsumerName = ConsumerName("counters");

/// The consumers with durable cursors that every server has, and the metrics' queue name for the sales that each is behind with.
const QUEUES: [(ConsumerName, &str); 4] = [
    (VIEWS, "views_behind"),
    (MESSAGES, "messages_behind"),
    (AUDIT, "audit_behind"),
    (EVENT_ROWS, "event_rows_behind"),
];

/// How often a node searches for facts that no node has consumed.
const SEARCH_EVERY: Duration = Duration::from_secs(5);

/// The consumers of this server with durable cursors, and the metrics' queue name for the sales that each is behind with.
pub fn queues(app: &App) -> impl Iterator<Item = (ConsumerName, &'static str)> + use<> {
    QUEUES.into_iter().chain(app.bus.is_some().then_some((bus::BUS, "bus_behind")))
}

/// The runner of all consumers of the sales.
#[must_use]
pub fn runner(app: &Arc<App>) -> Runner {
    let mut consumers: Vec<Arc<dyn Consumer>> = vec![
        Arc::new(views::Views::new(app.clone())),
        Arc::new(messages::Messages::new(app.clone())),
        Arc::new(audit::Audit::new(app.clone())),
        Arc::new(event_rows::EventRows::new(app.clone())),
        Arc::new(counters::Counters::new(app.clone())),
    ];
    if let Some(bus) = &app.bus {
        consumers.push(Arc::new(bus::BusFeed::new(app.clone(), bus.clone())));
    }
    let options = match app.is_alone {
        true => RunnerOptions::default(),
        // The journal lists what a node that died left unread. Its list and the rows are in one database.
        false => {
            RunnerOptions { search_every: SEARCH_EVERY, compares_at_start: false, ..RunnerOptions::default() }
        }
    };
    Runner::new(app.engine.clone(), consumers, options)
}
