//! Keeps the catalogue's rows of events equal to their sales. The request that changes a sale updates the row as well; this consumer
//! updates it when that process ended in between.

use super::EVENT_ROWS;
use crate::app::App;
use crate::catalogue::rows;
use fairseat_engine::{ConsumeFuture, Consumed, Consumer, StreamSlice};
use fairseat_journal::ConsumerName;
use futures::FutureExt as _;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct EventRows {
    app: Arc<App>,
}

impl EventRows {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

impl Consumer for EventRows {
    fn name(&self) -> ConsumerName {
        EVENT_ROWS
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            if slice.entries().flat_map(|entry| &entry.facts).any(rows::concerns) {
                let followed = rows::lock_and_update(&self.app, slice.number).await;
                followed.map_err(|failure| format!("the event's row cannot be updated: {failure}"))?;
            }
            Ok(Consumed::All)
        }
        .boxed()
    }
}
