//! The consumers follow the journal, whatever comes in between: an end of the server, a view that is dropped, a runner that
//! is late, a store that fails.

use crate::buying::{Fixture, GOOD, order, text};
use crate::common::{EventOnSale, TestServer, until};
use fairseat_app::consumers;
use fairseat_app::verify::{Report, verify};
use fairseat_domain::Command;
use fairseat_domain::ids::SeatIndex;
use fairseat_engine::stream_of;
use fairseat_journal::{Append, BatchId, Position, SqliteJournal, StreamId, StreamKind};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Longer than the runner waits before it compares every view with its journal.
const A_WHILE: Duration = Duration::from_secs(61);

impl Fixture {
    /// Buys a place in the field; the order's id.
    async fn buys_a_place(&self, event: &EventOnSale) -> String {
        let place = json!({"general_admission": [{"section": "Field", "quantity": 1}]});
        let reserved = self.buyer.post(&event.path("/reserve"), place).await;
        let bought =
            self.buyer.post("/orders", order(&text(&reserved.expect(201)["reservation_id"]), GOOD)).await;
        text(&bought.expect(201)["order_id"])
    }

    async fn orders_listed(&self) -> u64 {
        self.buyer.get(&format!("/users/{}/orders", self.buyer.id())).await.expect(200)["total"]
            .as_u64()
            .unwrap()
    }
}

impl TestServer {
    /// Whether every consumer has taken in the newest version of this event's sale.
    pub(crate) async fn is_followed(&self, event: &EventOnSale) -> bool {
        let newest = self.app.engine.sale(event.number).await.unwrap().published().position;
        for (consumer, _) in consumers::QUEUES {
            if self.app.journal.cursor(consumer, stream_of(event.number)).await.unwrap() != newest {
                return false;
            }
        }
        self.store().views().checkpoint(event.number).await.unwrap() == newest.0
    }

    /// So many batches, each on its own.
    async fn makes_commits(&self, event: &EventOnSale, count: usize) {
        for turn in 0..count {
            let seats = vec![SeatIndex(0)];
            let command = match turn % 2 {
                0 => Command::BlockSeats { seats, reason: "Camera".to_owned() },
                _ => Command::UnblockSeats { seats },
            };
            self.app.engine.submit_system(event.number, command).await.unwrap().answer.unwrap();
        }
    }

    /// The keys of all messages, in the order they were queued.
    async fn messages(&self) -> Vec<String> {
        let pending = self.store().outbox().pending(0, 1_000).await.unwrap();
        pending.into_iter().map(|queued| queued.message.dedupe_key).collect()
    }

    /// What `fairseat verify` says.
    async fn proof(&self) -> Report {
        let journal = async || Ok(SqliteJournal::open_read_only(self.folder())?);
        verify(journal, self.store()).await.unwrap()
    }

    /// Waits until every view shows the newest version, and fails unless each is what a replay of the journal makes of it.
    pub(crate) async fn assert_views_are_right(&self) {
        loop {
            let report = self.proof().await;
            assert_eq!(report.violations, []);
            if report.events.iter().all(|event| event.views_at == event.batches) {
                return;
            }
        }
    }
}

#[tokio::test]
async fn what_one_server_did_not_come_to_the_next_one_does() {
    let fixture = Fixture::set_on(TestServer::start_idle().await).await;
    let kept = fixture.buys_a_place(&fixture.event).await;
    let given_back = fixture.buys_a_place(&fixture.event).await;
    fixture.buyer.post(&format!("/orders/{given_back}/cancel"), json!({})).await.expect(200);
    assert_eq!(fixture.server.store().views().rows(fixture.event.number).await.unwrap(), None);
    assert_eq!(fixture.orders_listed().await, 0);
    let confirmed = [format!("order_confirmed:{kept}"), format!("order_confirmed:{given_back}")];
    assert_eq!(fixture.server.messages().await, confirmed);

    let fixture = fixture.restart().await;
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    fixture.server.assert_views_are_right().await;
    assert_eq!(fixture.orders_listed().await, 2);
    let mut expected = confirmed.to_vec();
    expected.extend(["order_cancelled", "refund_completed"].map(|kind| format!("{kind}:{given_back}")));
    until(async || fixture.server.messages().await == expected).await;

    fixture.server.store().views().clear_all().await.unwrap();
    let fixture = fixture.restart().await;
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    assert_eq!(fixture.server.messages().await, expected, "still once, though every fact was seen again");
}

#[tokio::test]
async fn views_dropped_while_people_buy_are_made_anew() {
    let fixture = Fixture::start().await;
    let busy = fixture.server.event_with(&fixture.organizer, |terms| terms.max_tickets_per_buyer = 100).await;
    let fixture = Fixture { event: busy, ..fixture };
    let quiet = fixture.server.event(&fixture.organizer).await;
    fixture.buys_a_place(&quiet).await;
    until(async || fixture.server.is_followed(&quiet).await).await;
    for _ in 0..5 {
        let views = fixture.server.store().views();
        let (dropped, ..) = tokio::join!(
            views.clear_all(),
            fixture.buys_a_place(&fixture.event),
            fixture.buys_a_place(&fixture.event)
        );
        dropped.unwrap();
        // Nobody has to be there for it: what people buy shows up again with everything before it.
        fixture.buys_a_place(&fixture.event).await;
        until(async || fixture.server.is_followed(&fixture.event).await).await;
    }
    assert_eq!(
        fixture.server.store().views().checkpoint(quiet.number).await.unwrap(),
        0,
        "nothing happened in it"
    );
    tokio::time::pause();
    tokio::time::advance(A_WHILE).await;
    tokio::time::resume();
    until(async || fixture.server.is_followed(&quiet).await).await;
    fixture.server.assert_views_are_right().await;
    assert_eq!(fixture.orders_listed().await, 16);
    assert_eq!(fixture.server.messages().await.len(), 16, "a confirmation each");
}

/// More happens than the feed keeps while the runner does not run, so that it never hears of the first sale at all.
#[tokio::test]
async fn a_runner_that_was_late_reads_what_it_missed() {
    const LOUD: usize = 32;
    /// In each of them; together more than the feed keeps.
    const COMMITS: usize = 4_096 / LOUD + 1;
    let fixture = Fixture::set_on(TestServer::start_idle().await).await;
    let mut loud = Vec::new();
    for _ in 0..LOUD {
        loud.push(fixture.server.event(&fixture.organizer).await);
    }
    let app = &fixture.server.app;
    // It works only while it is polled here.
    let mut runner = Box::pin(consumers::runner(app).run());
    let mut follow_until_shown = async |event: &EventOnSale| {
        tokio::select! {
            () = &mut runner => panic!("it runs for as long as the engine does"),
            () = until(async || fixture.server.is_followed(event).await) => {}
        }
    };
    follow_until_shown(loud.last().unwrap()).await;
    fixture.buys_a_place(&fixture.event).await;
    let commits = loud.iter().map(|event| fixture.server.makes_commits(event, COMMITS));
    futures::future::join_all(commits).await;
    assert_eq!(fixture.orders_listed().await, 0);
    follow_until_shown(&fixture.event).await;
    assert_eq!(fixture.orders_listed().await, 1);
    follow_until_shown(loud.last().unwrap()).await;
    fixture.server.assert_views_are_right().await;
}

/// The store takes everything but tickets: the orders, the sums and the checkpoint beside them must wait as well.
#[tokio::test]
async fn rows_and_checkpoint_move_together_or_not_at_all() {
    let fixture = Fixture::start().await;
    fixture.buys_a_place(&fixture.event).await;
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    let views = fixture.server.store().views();
    let (_, before) = views.rows(fixture.event.number).await.unwrap().unwrap();
    let store = Connection::open(fixture.server.folder().join("store.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON ticket_views BEGIN SELECT RAISE(ABORT, 'no room'); END";
    store.execute_batch(full).unwrap();
    let tries = async || {
        let metrics = fixture.server.anonymous().get("/metrics").await.bytes;
        let tries = r#"query_duration_seconds_count{query="views.apply"} "#;
        let line = String::from_utf8(metrics).unwrap();
        let count =
            line.lines().find_map(|line| line.split_once(tries)).map(|(_, count)| count.parse::<u64>());
        count.unwrap().unwrap()
    };
    fixture.buys_a_place(&fixture.event).await;
    let tried = tries().await;
    until(async || tries().await > tried).await;
    let (_, waiting) = views.rows(fixture.event.number).await.unwrap().unwrap();
    assert_eq!((waiting.tickets, waiting.counters.sold), (before.tickets, before.counters.sold));
    assert_eq!(fixture.server.proof().await.violations, [], "what is there is right as of its checkpoint");
    store.execute_batch("DROP TRIGGER full").unwrap();
    fixture.buys_a_place(&fixture.event).await;
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    fixture.server.assert_views_are_right().await;
    assert_eq!((fixture.orders_listed().await, fixture.server.messages().await.len()), (3, 3));
}

/// The store refuses one event's tickets, and later its messages: nothing else waits for that.
#[tokio::test]
async fn what_fails_for_one_sale_delays_no_other_sale_and_no_other_consumer() {
    let fixture = Fixture::start().await;
    let other = fixture.server.event(&fixture.organizer).await;
    let store = Connection::open(fixture.server.folder().join("store.db")).unwrap();
    let number = fixture.event.number.0;
    let refuse = |table: &str| {
        let sql = format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN NEW.event = {number} \
             BEGIN SELECT RAISE(ABORT, 'no room'); END"
        );
        store.execute_batch(&sql).unwrap();
    };
    let checkpoint = async || fixture.server.store().views().checkpoint(fixture.event.number).await.unwrap();
    let cancelled = async |order: &str| {
        fixture.buyer.post(&format!("/orders/{order}/cancel"), json!({})).await.expect(200);
    };
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    let before = checkpoint().await;

    refuse("ticket_views");
    let order = fixture.buys_a_place(&fixture.event).await;
    cancelled(&order).await;
    let message = format!("order_cancelled:{order}");
    until(async || fixture.server.messages().await.contains(&message)).await;
    fixture.buys_a_place(&other).await;
    until(async || fixture.server.is_followed(&other).await).await;
    assert_eq!(checkpoint().await, before, "its rows wait");
    store.execute_batch("DROP TRIGGER refuse").unwrap();
    until(async || fixture.server.is_followed(&fixture.event).await).await;

    let order = fixture.buys_a_place(&fixture.event).await;
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    refuse("outbox");
    cancelled(&order).await;
    let newest = fixture.server.app.engine.sale(fixture.event.number).await.unwrap().published().position.0;
    until(async || checkpoint().await >= newest).await;
    fixture.buys_a_place(&other).await;
    until(async || fixture.server.is_followed(&other).await).await;
    let message = format!("order_cancelled:{order}");
    assert!(!fixture.server.messages().await.contains(&message), "its message waits");
    store.execute_batch("DROP TRIGGER refuse").unwrap();
    until(async || fixture.server.messages().await.contains(&message)).await;
    fixture.server.assert_views_are_right().await;
}

/// A waiting room with the number of the event, as a later release may have one.
#[tokio::test]
async fn streams_that_hold_no_sale_are_left_out_by_consumers_and_proof() {
    let fixture = Fixture::start().await;
    let append = Append {
        stream: StreamId::new(StreamKind(1), fixture.event.number.0),
        expected: Position::START,
        batch: BatchId(1),
        payload: b"no sale".as_slice().into(),
        deadline: None,
    };
    fixture.server.app.journal.append(append).await.unwrap();
    fixture.buys_a_place(&fixture.event).await;
    let fixture = fixture.restart().await;
    until(async || fixture.server.is_followed(&fixture.event).await).await;
    let proof = fixture.server.proof().await;
    assert_eq!((proof.violations, proof.events.len()), (Vec::new(), 1));
    assert_eq!(fixture.server.app.engine.quarantined(), BTreeMap::new());
}
