//! The views: rows for lists and searches. One transaction writes a sale's rows and its cursor (I6).

use super::VIEWS;
use crate::app::App;
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::{ConsumeFuture, Consumed, Consumer, CursorStorage, OwnCursors, StreamSlice};
use fairseat_journal::{ConsumerName, Position, crash_point};
use fairseat_store::views::{ApplyError, rows_of, touched_rows};
use futures::FutureExt as _;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Views {
    app: Arc<App>,
}

impl Views {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

impl Consumer for Views {
    fn name(&self) -> ConsumerName {
        VIEWS
    }

    fn cursors(&self) -> CursorStorage<'_> {
        CursorStorage::Own(self)
    }

    /// The first slice builds all rows from the state, without entries.
    fn needs_entries(&self, from: Position) -> bool {
        from != Position::START
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move {
            let sale: &Sale = &slice.published.state;
            let rows = match slice.from {
                Position::START => rows_of(sale),
                _ => touched_rows(sale, slice.entries()),
            };
            crash_point!("views.before_apply");
            let (from, to) = (slice.from.0, slice.published.position.0);
            match self.app.store.views().apply(slice.number, from, to, rows).await {
                Ok(()) => Ok(Consumed::All),
                // The view was dropped meanwhile; it is rebuilt from the start.
                Err(ApplyError::Stale { .. }) => Ok(Consumed::CursorMoved),
                Err(ApplyError::Store(error)) => Err(error.into()),
            }
        }
        .boxed()
    }
}

impl OwnCursors for Views {
    fn get(&self, event: EventNumber) -> ConsumeFuture<'_, Position> {
        async move { Ok(Position(self.app.store.views().checkpoint(event).await?)) }.boxed()
    }

    fn page(&self, from: EventNumber, limit: usize) -> ConsumeFuture<'_, Vec<(EventNumber, Position)>> {
        async move {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            let stored = self.app.store.views().checkpoints(from, limit).await?;
            Ok(stored.into_iter().map(|(event, checkpoint)| (event, Position(checkpoint))).collect())
        }
        .boxed()
    }
}
