//! `GET /metrics`.

use crate::common::test_shop::TestShop;
use crate::common::{TestServer, until};
use std::collections::BTreeMap;

/// The values of metrics, by name with labels.
async fn measured(shop: &TestShop) -> BTreeMap<String, f64> {
    let text =
        String::from_utf8(shop.server.anonymous().at([127, 0, 0, 1]).get("/metrics").await.bytes).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_sale_is_counted_in_the_metrics() {
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1", "Floor A-2"]).await;
    until("two tickets are counted", async || {
        measured(&shop).await.get("fairseat_tickets_sold_total") == Some(&2.0)
    })
    .await;
    until("no view is behind", async || {
        measured(&shop).await.get("fairseat_queue_length{queue=\"views_behind\"}") == Some(&0.0)
    })
    .await;
    until("the confirmation is queued", async || {
        measured(&shop).await.get("fairseat_queue_length{queue=\"outbox\"}") == Some(&1.0)
    })
    .await;
    let measured = measured(&shop).await;
    for (name, value) in [
        ("fairseat_events_on_sale", 1.0),
        ("fairseat_reservations_total", 1.0),
        ("fairseat_orders_confirmed_total", 1.0),
        ("fairseat_revenue_minor_units_total{currency=\"USD\"}", 20_000.0),
        ("fairseat_order_value_count{currency=\"USD\"}", 1.0),
        ("fairseat_queue_length{queue=\"mailboxes\"}", 0.0),
        ("fairseat_queue_length{queue=\"outbox\"}", 1.0),
        ("fairseat_provider_overdue", 0.0),
    ] {
        assert_eq!(measured.get(name), Some(&value), "{name}: {measured:#?}");
    }
    let has = |name: &str| measured.keys().any(|key| key.starts_with(name));
    assert!(
        has("fairseat_http_request_duration_seconds_bucket{")
            && has("fairseat_query_duration_seconds_bucket{")
    );
    assert!(has("fairseat_cache_misses_total{"), "{measured:#?}");
}

#[tokio::test]
async fn measurements_are_for_this_machine_and_for_whoever_has_the_token() {
    const TOKEN: &str = "planted-metrics-token";
    let server =
        TestServer::start_with(|settings| settings.metrics_token = Some(TOKEN.parse().unwrap())).await;
    let here = server.anonymous().at([127, 0, 0, 1]);
    here.get("/metrics").await.expect(200);
    server.anonymous().get("/metrics").await.refused(403, "forbidden");
    for proxy in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        // A proxy on this machine passes on what comes from elsewhere.
        here.with_header(proxy, "192.0.2.7").get("/metrics").await.refused(403, "forbidden");
    }
    server.anonymous().with_token(TOKEN).get("/metrics").await.expect(200);
    server.anonymous().with_token("planted-metrics-toke").get("/metrics").await.refused(403, "forbidden");
    let without = TestServer::start().await;
    without.anonymous().with_token("").get("/metrics").await.refused(403, "forbidden");
}
