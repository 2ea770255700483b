//! What follows from a sale's facts: views, messages, the audit trail, the catalogue's rows, counters.
//!
//! Each is a consumer of the sales' journals with a cursor of its own. The engine's [`Runner`] runs them and keeps their
//! failures apart; it gives every batch at least once, and the last ones again after a crash. So each consumer says why
//! that is harmless:
//!
//! | consumer | cursor | a batch that comes again |
//! | --- | --- | --- |
//! | `views` | in the transaction of its rows | is refused, since the stored cursor is past it |
//! | `messages` | in the journal | gives a message whose key the outbox has already |
//! | `audit` | in the journal | gives a line whose key the trail has already |
//! | `event_rows` | in the journal | finds the row as its sale is |
//! | `counters` | in memory | does not come: counters begin anew with the process |
//!
//! Does their order matter? No consumer reads what another writes, so none waits for another:
//! - A letter links to pages that read the sale itself, so it may be sent before the lists show its order.
//! - A list may show a change before the trail has its line, and the other way round; both show it within moments. The trail
//!   is complete once `audit` is not behind, which the metrics show.
//! - Ticket holders must hear of new times even if the process dies in between. That order is inside of `event_rows`: the
//!   message is queued first, then the row shows the new times.
//! - An order answers that its confirmation is on its way once the journal has it: `messages` queues the letter from there, even
//!   if the process dies in between.

mod audit;
mod counters;
mod event_rows;
pub mod messages;
mod views;

use crate::app::App;
use fairseat_engine::{Consumer, Runner, RunnerOptions};
use fairseat_journal::ConsumerName;
use std::sync::Arc;

// Names are stored in the journal, so they never change.
const VIEWS: ConsumerName = ConsumerName("views");
const MESSAGES: ConsumerName = ConsumerName("messages");
const AUDIT: ConsumerName = ConsumerName("audit");
const EVENT_ROWS: ConsumerName = ConsumerName("event_rows");
const COUNTERS: ConsumerName = ConsumerName("counters");

/// The consumers with durable cursors, and what the metrics call the sales that each is behind with.
pub const QUEUES: [(ConsumerName, &str); 4] = [
    (VIEWS, "views_behind"),
    (MESSAGES, "messages_behind"),
    (AUDIT, "audit_behind"),
    (EVENT_ROWS, "event_rows_behind"),
];

/// The runner of all consumers of the sales.
#[must_use]
pub fn runner(app: &Arc<App>) -> Runner {
    let consumers: Vec<Arc<dyn Consumer>> = vec![
        Arc::new(views::Views::new(app.clone())),
        Arc::new(messages::Messages::new(app.clone())),
        Arc::new(audit::Audit::new(app.clone())),
        Arc::new(event_rows::EventRows::new(app.clone())),
        Arc::new(counters::Counters::new(app.clone())),
    ];
    Runner::new(app.engine.clone(), consumers, RunnerOptions::default())
}
