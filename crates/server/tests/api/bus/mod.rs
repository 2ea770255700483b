//! What happens in sales is published to a broker: real purchases, and librdkafka's mock cluster.

use crate::common::box_office::{sale_of, sell};
use crate::common::test_shop::{DECLINED_CARD, GOOD_CARD, TestShop, order_body};
use crate::common::{TestServer, until};
use fairseat_app::consumers;
use fairseat_journal::ConsumerName;
use fairseat_server::config::Settings;
use fairseat_test_broker::{BrokerError, BrokerProxy, ProxyOptions, TestBroker, messages};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

mod real_broker;

const TOPICS: [&str; 4] = ["test.events", "test.seats", "test.orders", "test.tickets"];

const PARTITIONS: i32 = 2;

fn broker() -> TestBroker {
    TestBroker::start(&TOPICS, PARTITIONS)
}

async fn shop(address: &str) -> TestShop {
    TestShop::open_on(TestServer::start_with(|settings| with_broker(settings, address)).await).await
}

fn with_broker(settings: &mut Settings, address: &str) {
    settings.bus.kafka_brokers = vec![address.to_owned()];
    settings.bus.kafka_topic_prefix = "test.".to_owned();
}

impl TestShop {
    /// Stops the server and starts it again with a broker.
    async fn restart_with_broker(self, address: &str) -> Self {
        let server = self.server.restart_with(|settings| with_broker(settings, address)).await;
        Self { server, ..self }
    }

    /// Waits until everything is published: on PostgreSQL the list of what is behind belongs to one node, so the cursors are compared.
    async fn wait_until_published(&self) {
        let journal = &self.server.app.journal;
        until("everything is published", async || {
            for (stream, head) in self.server.heads().await {
                if journal.cursor(ConsumerName("bus"), stream).await.unwrap() != head.position {
                    return false;
                }
            }
            true
        })
        .await;
    }

    /// The value of a metric.
    async fn metric(&self, line: &str) -> String {
        let metrics = self.server.anonymous().at([127, 0, 0, 1]).get("/metrics").await.bytes;
        let text = String::from_utf8(metrics).unwrap();
        let found =
            text.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' ').map(str::to_owned));
        found.unwrap_or_else(|| panic!("no {line} in {text}"))
    }
}

/// The messages about an event as a reader that drops repeats sees them, by topic.
fn read(broker: &TestBroker, shop: &TestShop) -> BTreeMap<&'static str, Vec<Value>> {
    read_at(&broker.address(), shop)
}

fn read_at(address: &str, shop: &TestShop) -> BTreeMap<&'static str, Vec<Value>> {
    let key = shop.event.id.to_string();
    let of_topic = |topic| {
        let mut seen = BTreeSet::new();
        let stored = messages(address, topic, PARTITIONS);
        let of_event = stored.into_iter().filter(|message| message.key == key);
        let messages = of_event.map(|message| serde_json::from_str::<Value>(&message.value).unwrap());
        (topic, messages.filter(|message| seen.insert(message["id"].to_string())).collect())
    };
    TOPICS.into_iter().map(of_topic).collect()
}

fn kinds(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(kind).collect()
}

fn kind(message: &Value) -> &str {
    message["type"].as_str().unwrap().strip_prefix("org.fairseat.").unwrap()
}

/// Asserts that the statuses of seats, in the order of their messages, lead to the sale's, and that every topic is in order.
async fn assert_complete(broker: &TestBroker, shop: &TestShop) {
    assert_complete_at(&broker.address(), shop).await;
}

async fn assert_complete_at(address: &str, shop: &TestShop) {
    let read = read_at(address, shop);
    for (topic, messages) in &read {
        let sequences: Vec<&str> =
            messages.iter().map(|message| message["sequence"].as_str().unwrap()).collect();
        assert!(sequences.is_sorted(), "{topic}: {sequences:?}");
    }
    let mut known = BTreeMap::new();
    for seat in read["test.seats"].iter().flat_map(|message| message["data"]["seats"].as_array().unwrap()) {
        known.insert(seat["seat_id"].to_string(), seat["status"].as_str().unwrap());
    }
    let sale = shop.server.app.engine.sale(shop.event.number).await.unwrap().published();
    let counts = sale.state.counts();
    let counted = |status| u32::try_from(known.values().filter(|found| **found == status).count()).unwrap();
    let counted = ["available", "reserved", "sold", "blocked"].map(counted);
    assert_eq!(counted, [counts.available, counts.reserved, counts.sold, counts.blocked]);
}

#[tokio::test]
async fn a_purchase_and_its_cancellation_are_published_in_order() {
    let broker = broker();
    let shop = shop(&broker.address()).await;
    let reservation = shop.reserved(&["Floor A-1", "Floor A-2"]).await;
    shop.pay(&reservation, DECLINED_CARD).await.refused(402, "payment_declined");
    let order = shop.pay(&reservation, GOOD_CARD).await.expect(201).clone();
    let order_id = order["order_id"].as_str().unwrap();
    shop.buyer.post(&format!("/orders/{order_id}/cancel"), json!({})).await.expect(200);
    let staff = shop.server.staff("sam", &shop.organizer).await;
    sell(&shop, &staff, sale_of(&shop, &["Floor B-1"], "cash")).await.expect(201);
    shop.wait_until_published().await;

    let read = read(&broker, &shop);
    assert_eq!(kinds(&read["test.events"]), ["event.opened"]);
    // Captures and refunds come when the provider has answered.
    let is_expected = |kind: &&str| !["order.captured", "refund.completed"].contains(kind);
    let orders: Vec<&str> = kinds(&read["test.orders"]).into_iter().filter(is_expected).collect();
    let expected = [
        "reservation.placed",
        "order.placed",
        "order.payment_failed",
        "order.placed",
        "order.confirmed",
        "order.cancelled",
        "order.confirmed",
    ];
    assert_eq!(orders, expected);
    assert_eq!(kinds(&read["test.tickets"]), ["tickets.issued", "tickets.voided", "tickets.issued"]);
    let confirmed =
        read["test.orders"].iter().find(|message| message["type"] == "org.fairseat.order.confirmed").unwrap();
    assert_eq!(confirmed["data"]["order_id"], order["order_id"]);
    assert_eq!(confirmed["data"]["number"], order["number"]);
    assert_eq!(confirmed["data"]["total_minor"], 20_000);
    assert_eq!(confirmed["data"]["currency"], "USD");
    assert_eq!(confirmed["data"]["user_id"], json!(shop.buyer.id()));
    assert_eq!(confirmed["source"], json!(format!("/api/v1/events/{}", shop.event.id)));
    let tickets: BTreeSet<String> =
        order["tickets"].as_array().unwrap().iter().map(|ticket| ticket["ticket_id"].to_string()).collect();
    let issued: BTreeSet<String> = confirmed["data"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["ticket_id"].to_string())
        .collect();
    assert_eq!(issued, tickets, "the API's ids");
    assert_complete(&broker, &shop).await;
    assert_eq!(shop.metric("fairseat_queue_length{queue=\"bus_behind\"}").await, "0");
    assert_ne!(shop.metric("fairseat_bus_published_total").await, "0");
    assert_eq!(shop.metric("fairseat_bus_away_seconds").await, "0");
}

#[tokio::test]
async fn a_broker_that_is_away_costs_nothing_but_lateness() {
    let broker = broker();
    broker.go_away();
    let shop = shop(&broker.address()).await;
    let ready = async || shop.server.anonymous().get("/readyz").await.bytes;
    until("its absence is noticed", async || ready().await == b"ready\nmessage broker: away\n").await;
    shop.bought(&["Floor A-1"]).await;
    broker.come_back();
    shop.wait_until_published().await;
    assert_eq!(ready().await, b"ready\n");
    assert_complete(&broker, &shop).await;

    broker.go_away();
    shop.bought(&["Floor A-2"]).await;
    until("its absence is noticed", async || shop.metric("fairseat_bus_away_seconds").await != "0").await;
    shop.bought(&["Floor A-3"]).await;
    let other = shop.server.event(&shop.organizer).await;
    assert!(
        !consumers::bus::flush(&shop.server.app, Duration::from_secs(60)).await,
        "it does not wait for an absent broker"
    );
    assert_eq!(shop.metric("fairseat_queue_length{queue=\"bus_behind\"}").await, "2");
    broker.come_back();
    assert!(shop.server.app.bus.is_some());
    shop.wait_until_published().await;
    assert_complete(&broker, &shop).await;
    let keys: BTreeSet<String> =
        broker.messages("test.events").into_iter().map(|message| message.key).collect();
    assert_eq!(keys, BTreeSet::from([shop.event.id.to_string(), other.id.to_string()]));
    assert!(consumers::bus::flush(&shop.server.app, Duration::from_secs(60)).await);
}

#[tokio::test]
async fn a_broker_that_cannot_store_is_tried_again_until_it_can() {
    let broker = broker();
    let shop = shop(&broker.address()).await;
    shop.wait_until_published().await;
    broker.refuse(&[BrokerError::RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS; 20]);
    shop.bought(&["Floor A-1"]).await;
    shop.bought(&["Floor A-2"]).await;
    until("it fails", async || shop.metric("fairseat_bus_away_seconds").await != "0").await;
    assert_ne!(shop.metric("fairseat_bus_failed_total{reason=\"away\"}").await, "0");
    broker.accept();
    shop.wait_until_published().await;
    assert_complete(&broker, &shop).await;
}

/// The acknowledgement is lost, the process ends, and the next one publishes again what was stored already.
#[tokio::test]
async fn what_is_published_twice_has_the_same_ids() {
    let broker = broker();
    let proxy = BrokerProxy::start(&broker.address(), ProxyOptions::default()).await;
    let shop = shop(&proxy.address()).await;
    shop.wait_until_published().await;
    proxy.lose_acknowledgements(1_000);
    shop.bought(&["Floor A-1", "Floor A-2"]).await;
    until("acknowledgements are lost", async || proxy.lost_acknowledgements() >= 3).await;
    let shop = shop.restart_with_broker(&proxy.address()).await;
    shop.bought(&["Floor A-3"]).await;
    proxy.lose_acknowledgements(0);
    shop.wait_until_published().await;

    let stored = TOPICS.into_iter().flat_map(|topic| broker.messages(topic));
    let stored: Vec<Value> = stored.map(|message| serde_json::from_str(&message.value).unwrap()).collect();
    let mut by_id: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in &stored {
        by_id.entry(message["id"].to_string()).or_default().insert(message.to_string());
    }
    assert!(by_id.len() < stored.len(), "some are repeated");
    assert!(by_id.values().all(|contents| contents.len() == 1), "the same id, the same message: {by_id:?}");
    assert_complete(&broker, &shop).await;
}

/// A second runner over the same journal publishes as another node does, with a cursor of its own in memory.
#[tokio::test]
async fn two_publishers_of_one_sale_repeat_messages_and_never_reorder_them() {
    let broker = broker();
    let proxy = BrokerProxy::start(&broker.address(), ProxyOptions::default()).await;
    let shop = shop(&proxy.address()).await;
    let other = tokio::spawn(consumers::runner(&shop.server.app).run());
    for row in ["A", "B"] {
        for seat in 1..=4 {
            if seat % 2 == 0 {
                proxy.lose_acknowledgements(1);
            }
            let order = shop.bought(&[&format!("Floor {row}-{seat}")]).await;
            if seat % 3 == 0 {
                let path = format!("/orders/{}/cancel", order["order_id"].as_str().unwrap());
                shop.buyer.post(&path, json!({})).await.expect(200);
            }
        }
    }
    shop.wait_until_published().await;
    other.abort();
    assert_complete(&broker, &shop).await;
}

#[tokio::test]
async fn a_history_from_before_there_was_a_broker_is_published_from_its_beginning() {
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1"]).await;
    let broker = broker();
    let shop = shop.restart_with_broker(&broker.address()).await;
    shop.wait_until_published().await;
    assert_eq!(kinds(&read(&broker, &shop)["test.events"]), ["event.opened"]);
    assert_complete(&broker, &shop).await;
}

#[tokio::test]
async fn messages_hold_ids_and_no_personal_data() {
    let broker = broker();
    let shop = shop(&broker.address()).await;
    let guest = shop.server.guest().await;
    let reserved = shop.reserve(&guest, &["Floor C-1"]).await;
    let mut body = order_body(reserved.expect(201)["reservation_id"].as_str().unwrap(), GOOD_CARD);
    body["contact"] = json!({"email": "gina.secret@example.test", "name": "Gina Secret"});
    guest.post("/orders", body).await.expect(201);
    shop.bought(&["Floor C-2"]).await;
    shop.wait_until_published().await;
    for topic in TOPICS {
        for message in broker.messages(topic) {
            let text = message.value.to_lowercase();
            for private in ["secret", "gina", "example.test", "berta", GOOD_CARD, "credit_card"] {
                assert!(!text.contains(private), "{private} in {text}");
            }
        }
    }
}
