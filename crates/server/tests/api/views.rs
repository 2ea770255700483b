//! The views follow the journal in spite of a killed server, a dropped view, a runner that starts late, and a store that fails.

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{EventOnSale, TestServer, until};
use fairseat_app::consumers;
use fairseat_domain::Command;
use fairseat_domain::ids::SeatIndex;
use fairseat_journal::{Append, BatchId, DecisionTimes, Head, StreamId, StreamKind};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeMap;

impl TestShop {
    /// Buys a place in the field; returns the order's id.
    async fn buy_a_place(&self, event: &EventOnSale) -> String {
        let place = json!({"general_admission": [{"section": "Field", "quantity": 1}]});
        let reserved = self.buyer.post(&event.path("/reserve"), place).await;
        let bought = self
            .buyer
            .post("/orders", order_body(&string_of(&reserved.expect(201)["reservation_id"]), GOOD_CARD))
            .await;
        string_of(&bought.expect(201)["order_id"])
    }

    async fn orders_listed(&self) -> u64 {
        self.buyer.get(&format!("/users/{}/orders", self.buyer.id())).await.expect(200)["total"]
            .as_u64()
            .unwrap()
    }
}

impl TestServer {
    /// Commits this many batches, one after the other.
    async fn commit_batches(&self, event: &EventOnSale, count: usize) {
        for turn in 0..count {
            let seats = vec![SeatIndex(0)];
            let command = match turn % 2 {
                0 => Command::BlockSeats { seats, reason: "Camera".to_owned() },
                _ => Command::UnblockSeats { seats },
            };
            self.app.engine.submit_system(event.number, command).await.unwrap().answer.unwrap();
        }
    }

    /// The keys of all messages, in order of queueing.
    async fn messages(&self) -> Vec<String> {
        let pending = self.store().outbox().pending(0, 1_000).await.unwrap();
        pending.into_iter().map(|queued| queued.message.dedupe_key).collect()
    }
}

#[tokio::test]
async fn views_and_messages_missed_by_one_server_are_made_by_the_next() {
    let shop = TestShop::open_on(TestServer::start_without_workers().await).await;
    let kept = shop.buy_a_place(&shop.event).await;
    let given_back = shop.buy_a_place(&shop.event).await;
    shop.buyer.post(&format!("/orders/{given_back}/cancel"), json!({})).await.expect(200);
    assert_eq!(shop.server.store().views().rows(shop.event.number).await.unwrap(), None);
    assert_eq!(shop.orders_listed().await, 0);
    assert_eq!(shop.server.messages().await, [""; 0]);

    let shop = shop.restart().await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    shop.server.assert_views_equal_the_journal().await;
    assert_eq!(shop.orders_listed().await, 2);
    let mut expected = vec![format!("order_confirmed:{kept}")];
    let of_the_other = ["order_confirmed", "order_cancelled", "refund_completed"];
    expected.extend(of_the_other.map(|kind| format!("{kind}:{given_back}")));
    until("the messages of the missed facts are queued", async || shop.server.messages().await == expected)
        .await;

    shop.server.store().views().clear_all().await.unwrap();
    let shop = shop.restart().await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    assert_eq!(shop.server.messages().await, expected, "still once, though every fact was seen again");
}

#[tokio::test]
async fn views_deleted_during_sales_are_rebuilt() {
    let shop = TestShop::open().await;
    let busy = shop.server.event_with(&shop.organizer, |terms| terms.max_tickets_per_buyer = 100).await;
    let shop = TestShop { event: busy, ..shop };
    let quiet = shop.server.event(&shop.organizer).await;
    shop.buy_a_place(&quiet).await;
    shop.server.wait_for_consumers_of(&quiet).await;
    for _ in 0..5 {
        let views = shop.server.store().views();
        let (dropped, ..) =
            tokio::join!(views.clear_all(), shop.buy_a_place(&shop.event), shop.buy_a_place(&shop.event));
        dropped.unwrap();
        // The next fact of a sale rebuilds its dropped view, with everything before the fact.
        shop.buy_a_place(&shop.event).await;
        shop.server.wait_for_consumers_of(&shop.event).await;
    }
    assert_eq!(
        shop.server.store().views().checkpoint(quiet.number).await.unwrap(),
        0,
        "nothing happened in it"
    );
    let shop = shop.restart().await;
    shop.server.wait_for_consumers_of(&quiet).await;
    shop.server.assert_views_equal_the_journal().await;
    assert_eq!(shop.orders_listed().await, 16);
    assert_eq!(shop.server.messages().await.len(), 16, "a confirmation each");
}

/// More commits happen than the feed keeps while the runner does not run, so the runner never hears of the first sale.
#[tokio::test]
async fn a_runner_that_missed_commits_reads_them_from_the_journal() {
    const LOUD: usize = 32;
    /// The number of commits in each of the sales; together more than the feed keeps.
    const COMMITS: usize = 4_096 / LOUD + 1;
    let shop = TestShop::open_on(TestServer::start_without_workers().await).await;
    let mut loud = Vec::new();
    for _ in 0..LOUD {
        loud.push(shop.server.event(&shop.organizer).await);
    }
    let app = &shop.server.app;
    // The runner works only while it is polled here.
    let mut runner = Box::pin(consumers::runner(app).run());
    let mut follow_until_shown = async |event: &EventOnSale| {
        tokio::select! {
            () = &mut runner => panic!("it runs for as long as the engine does"),
            () = shop.server.wait_for_consumers_of(event) => {}
        }
    };
    follow_until_shown(loud.last().unwrap()).await;
    shop.buy_a_place(&shop.event).await;
    let commits = loud.iter().map(|event| shop.server.commit_batches(event, COMMITS));
    futures::future::join_all(commits).await;
    assert_eq!(shop.orders_listed().await, 0);
    follow_until_shown(&shop.event).await;
    assert_eq!(shop.orders_listed().await, 1);
    follow_until_shown(loud.last().unwrap()).await;
    shop.server.assert_views_equal_the_journal().await;
}

/// The store refuses only tickets. The orders, the sums and the checkpoint in the same transaction must wait as well.
#[tokio::test]
async fn rows_and_checkpoint_of_a_view_change_in_one_transaction() {
    let shop = TestShop::open().await;
    shop.buy_a_place(&shop.event).await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    let views = shop.server.store().views();
    let (_, before) = views.rows(shop.event.number).await.unwrap().unwrap();
    let store = Connection::open(shop.server.folder().join("store.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON ticket_views BEGIN SELECT RAISE(ABORT, 'no room'); END";
    store.execute_batch(full).unwrap();
    let tries = async || {
        let metrics = shop.server.anonymous().at([127, 0, 0, 1]).get("/metrics").await.bytes;
        let tries = r#"query_duration_seconds_count{query="views.apply"} "#;
        let line = String::from_utf8(metrics).unwrap();
        let count =
            line.lines().find_map(|line| line.split_once(tries)).map(|(_, count)| count.parse::<u64>());
        count.unwrap().unwrap()
    };
    shop.buy_a_place(&shop.event).await;
    let tried = tries().await;
    until("the failed change of the view is tried again", async || tries().await > tried).await;
    let (_, waiting) = views.rows(shop.event.number).await.unwrap().unwrap();
    assert_eq!((waiting.tickets, waiting.figures.sold), (before.tickets, before.figures.sold));
    assert_eq!(shop.server.verified().await.violations, [], "what is there is right as of its checkpoint");
    store.execute_batch("DROP TRIGGER full").unwrap();
    shop.buy_a_place(&shop.event).await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    shop.server.assert_views_equal_the_journal().await;
    assert_eq!((shop.orders_listed().await, shop.server.messages().await.len()), (3, 3));
}

/// The store refuses one event's tickets, and later its messages; nothing else is delayed.
#[tokio::test]
async fn a_failure_in_one_sale_delays_no_other_sale_and_no_other_consumer() {
    let shop = TestShop::open().await;
    let other = shop.server.event(&shop.organizer).await;
    let store = Connection::open(shop.server.folder().join("store.db")).unwrap();
    let number = shop.event.number.0;
    let refuse = |table: &str| {
        let sql = format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN NEW.event = {number} \
             BEGIN SELECT RAISE(ABORT, 'no room'); END"
        );
        store.execute_batch(&sql).unwrap();
    };
    let checkpoint = async || shop.server.store().views().checkpoint(shop.event.number).await.unwrap();
    let cancelled = async |order: &str| {
        shop.buyer.post(&format!("/orders/{order}/cancel"), json!({})).await.expect(200);
    };
    shop.server.wait_for_consumers_of(&shop.event).await;
    let before = checkpoint().await;

    refuse("ticket_views");
    let order = shop.buy_a_place(&shop.event).await;
    cancelled(&order).await;
    let message = format!("order_cancelled:{order}");
    until("the consumer did its work", async || shop.server.messages().await.contains(&message)).await;
    shop.buy_a_place(&other).await;
    shop.server.wait_for_consumers_of(&other).await;
    assert_eq!(checkpoint().await, before, "its rows wait");
    store.execute_batch("DROP TRIGGER refuse").unwrap();
    shop.server.wait_for_consumers_of(&shop.event).await;

    let order = shop.buy_a_place(&shop.event).await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    refuse("outbox");
    cancelled(&order).await;
    let newest = shop.server.app.engine.sale(shop.event.number).await.unwrap().published().position.0;
    until("the consumer did its work", async || checkpoint().await >= newest).await;
    shop.buy_a_place(&other).await;
    shop.server.wait_for_consumers_of(&other).await;
    let message = format!("order_cancelled:{order}");
    assert!(!shop.server.messages().await.contains(&message), "its message waits");
    store.execute_batch("DROP TRIGGER refuse").unwrap();
    until("the consumer did its work", async || shop.server.messages().await.contains(&message)).await;
    shop.server.assert_views_equal_the_journal().await;
}

/// The stream of a waiting room with the event's number, as a later release may create it.
#[tokio::test]
async fn streams_that_hold_no_sale_are_left_out_by_consumers_and_proof() {
    let shop = TestShop::open().await;
    let append = Append {
        stream: StreamId::new(StreamKind(1), shop.event.number.0),
        expected: Head::default(),
        batch: BatchId(1),
        payload: b"no sale".as_slice().into(),
        deadline: None,
        decided: DecisionTimes::default(),
    };
    shop.server.app.journal.append(append).await.unwrap();
    shop.buy_a_place(&shop.event).await;
    let shop = shop.restart().await;
    shop.server.wait_for_consumers_of(&shop.event).await;
    let proof = shop.server.verified().await;
    assert_eq!((proof.violations, proof.events.len()), (Vec::new(), 1));
    assert_eq!(shop.server.app.engine.quarantined(), BTreeMap::new());
}
