//! Waiting for the views, which follow the journal by milliseconds, and comparing them with it.

use super::{EventOnSale, TestServer, until, within_patience};
use fairseat_app::consumers::queues;
use fairseat_domain::ids::EventNumber;
use fairseat_engine::stream_of;
use fairseat_journal::{Head, SqliteJournal, StreamId};
use fairseat_maintenance::verify::{Report, verify};

impl TestServer {
    /// The newest position of every sale.
    pub(crate) async fn heads(&self) -> Vec<(StreamId, Head)> {
        self.app.journal.streams(None, 1_000).await.unwrap()
    }

    /// Waits until the view of this event shows the newest version of its sale.
    pub(crate) async fn wait_for_view_of(&self, event: &EventOnSale) {
        let newest = async || self.app.engine.sale(event.number).await.unwrap().published().position;
        let shown = async || self.store().views().checkpoint(event.number).await.unwrap();
        until("the view shows the newest version of its sale", async || shown().await == newest().await.0)
            .await;
    }

    /// Waits until every consumer has processed the newest version of this sale.
    pub(crate) async fn wait_for_consumers_of(&self, event: &EventOnSale) {
        let is_processed = async || {
            let newest = self.app.engine.sale(event.number).await.unwrap().published().position;
            for (consumer, _) in queues(&self.app) {
                if self.app.journal.cursor(consumer, stream_of(event.number)).await.unwrap() != newest {
                    return false;
                }
            }
            self.store().views().checkpoint(event.number).await.unwrap() == newest.0
        };
        until("every consumer has processed the newest version of the sale", is_processed).await;
    }

    /// Waits until every sale has a view that shows its newest version.
    pub(crate) async fn wait_for_all_views(&self) {
        until("every view shows the newest version of its sale", async || self.is_every_view_new().await)
            .await;
    }

    /// Whether every sale has a view that shows its newest version.
    pub(crate) async fn is_every_view_new(&self) -> bool {
        let shown = self.store().views().checkpoints(EventNumber(0), 1_000).await.unwrap();
        let heads = self.heads().await.into_iter().map(|(stream, head)| (stream.0, head.position.0));
        shown.into_iter().map(|(event, checkpoint)| (event.0, checkpoint)).eq(heads)
    }

    /// The report of `fairseat verify`.
    pub(crate) async fn verified(&self) -> Report {
        let journal = async || Ok(SqliteJournal::open_read_only(self.folder())?);
        verify(journal, self.store()).await.unwrap()
    }

    /// Waits until every view shows the newest version, and fails unless each is equal to a replay of the journal.
    pub(crate) async fn assert_views_equal_the_journal(&self) {
        within_patience("every view shows the newest version of its sale", async {
            loop {
                let report = Box::pin(self.verified()).await;
                assert_eq!(report.violations, []);
                if report.events.iter().all(|event| event.views_at == event.batches) {
                    return;
                }
            }
        })
        .await;
    }
}
