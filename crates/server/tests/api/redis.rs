//! Two nodes over one database that share a Redis: what one of them appended is on the other's live maps, and limits hold for both together. Redis is
//! killed in the middle and comes back.
//!
//! The nodes ask the database for news once in an hour, so that only the doorbell can deliver.

use crate::common::test_shop::TestShop;
use crate::common::{Actor, TestServer, until, within_patience};
use crate::events::live::listening;
use crate::events::live::viewer::Viewer;
use fairseat_edge::limits::RateLimiting;
use fairseat_server::config::Settings;
use fairseat_test_redis::{RedisProxy, RedisServer};
use serde_json::json;
use std::time::Duration;

/// Settings of a node that reaches Redis at this address. An answer may take long, because a machine that runs all tests at once is slow.
fn with_redis(url: &str) -> impl Fn(&mut Settings) {
    let url = url.parse().ok();
    move |settings| {
        settings.redis = url.clone();
        settings.redis_patience = Duration::from_secs(5);
        settings.read_every = Duration::from_secs(3_600);
    }
}

async fn ready(server: &TestServer) -> String {
    String::from_utf8(server.anonymous().get("/readyz").await.bytes.to_vec()).unwrap()
}

/// Waits until a node says that Redis is there, or that it is away.
async fn until_redis_is(server: &TestServer, there: bool) {
    let expected = if there { "ready\n" } else { "ready\nredis: away\n" };
    until(&format!("/readyz says {expected:?}"), async || ready(server).await == expected).await;
}

/// The value of a measurement.
async fn measured(server: &TestServer, name: &str) -> u64 {
    let metrics = server.anonymous().at([127, 0, 0, 1]).get("/metrics").await.bytes;
    let text = String::from_utf8(metrics.to_vec()).unwrap();
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

/// The seats that the next message of the feed says something about.
async fn news(viewer: &mut Viewer) -> usize {
    within_patience("the doorbell", viewer.json()).await["changes"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_live_map_on_another_node_is_current_by_the_doorbell_alone() {
    let mut redis = RedisServer::start(&[]).unwrap();
    let shop = TestShop::open_on(TestServer::start_node(with_redis(&redis.url())).await).await;
    let other = shop.server.start_beside(with_redis(&redis.url())).await;
    let (address, _serving) = listening(&other);
    let mut viewer = Viewer::open(address, &shop.event.path("/live")).await.unwrap();
    assert_eq!(viewer.json().await["available"], 1_035);
    shop.reserved(&["Floor A-1", "Floor A-2"]).await;
    assert_eq!(news(&mut viewer).await, 2);
    assert!(measured(&other, "fairseat_doorbell_heard_total").await > 0);
    assert_eq!(measured(&shop.server, "fairseat_doorbell_heard_total").await, 0, "nobody hears himself");

    redis.kill();
    for node in [&shop.server, &other] {
        until_redis_is(node, false).await;
        assert!(measured(node, "fairseat_redis_away_seconds").await > 0);
    }
    shop.reserved(&["Floor B-1"]).await;
    redis.restart().unwrap();
    for node in [&shop.server, &other] {
        until_redis_is(node, true).await;
    }
    assert_eq!(news(&mut viewer).await, 1, "what was missed is read when the doorbell is heard again");
    shop.reserved(&["Floor B-2"]).await;
    assert_eq!(news(&mut viewer).await, 1);
}

#[tokio::test]
async fn a_node_that_is_cut_off_from_redis_sells_on_and_catches_up() {
    let redis = RedisServer::start(&[]).unwrap();
    let proxy = RedisProxy::start(&redis.socket()).unwrap();
    let shop = TestShop::open_on(TestServer::start_node(with_redis(&redis.url())).await).await;
    let short = |settings: &mut Settings| {
        with_redis(&proxy.url())(settings);
        settings.redis_patience = Duration::from_millis(200);
    };
    let other = shop.server.start_beside(short).await;
    let (address, _serving) = listening(&other);
    let mut viewer = Viewer::open(address, &shop.event.path("/live")).await.unwrap();
    viewer.json().await;
    proxy.cut();
    until_redis_is(&other, false).await;
    assert_eq!(ready(&shop.server).await, "ready\n", "the other node still has it");
    shop.reserved(&["Floor A-1"]).await;
    let buyer = other.buyer("bob").await;
    let taken = json!({"seat_ids": shop.event.seats(&["Floor A-1"])});
    buyer.post(&shop.event.path("/reserve"), taken).await.refused(409, "seat_unavailable");
    assert_eq!(news(&mut viewer).await, 1, "a command reads what others appended");
    shop.reserved(&["Floor A-2"]).await;
    proxy.mend();
    until_redis_is(&other, true).await;
    assert_eq!(news(&mut viewer).await, 1);
}

/// Invitations: 20 at once, then one in three minutes.
async fn invite(organizer: &Actor, number: usize) -> u16 {
    let path = format!("/organizations/{}/members", organizer.organization().0);
    let body = json!({"email": format!("guest-{number}@example.test"), "role": "staff"});
    organizer.post(&path, body).await.status.as_u16()
}

#[tokio::test]
async fn a_limit_holds_for_both_nodes_together_and_for_each_alone_while_redis_is_away() {
    let mut redis = RedisServer::start(&[]).unwrap();
    let limited = |settings: &mut Settings| {
        with_redis(&redis.url())(settings);
        settings.limits = RateLimiting::On;
    };
    let one = TestServer::start_node(limited).await;
    let other = one.start_beside(limited).await;
    let (olga, oscar) = (one.organizer("olga").await, one.organizer("oscar").await);
    for number in 0..20 {
        let at = if number % 2 == 0 { olga.clone() } else { other.same_person(&olga) };
        assert_eq!(invite(&at, number).await, 201, "invitation {number}");
    }
    for at in [olga.clone(), other.same_person(&olga)] {
        assert_eq!(invite(&at, 20).await, 429);
    }

    for number in 0..10 {
        assert_eq!(invite(&oscar, number).await, 201);
    }
    redis.kill();
    for number in 10..20 {
        assert_eq!(invite(&oscar, number).await, 201, "the rest of the burst");
    }
    assert_eq!(invite(&oscar, 20).await, 429, "the node knows what it counted before");
    for node in [&one, &other] {
        until_redis_is(node, false).await;
    }
    let elsewhere = other.same_person(&oscar);
    assert_eq!(invite(&elsewhere, 20).await, 201, "each node counts alone");
    redis.restart().unwrap();
    for node in [&one, &other] {
        until_redis_is(node, true).await;
    }
    assert_eq!(invite(&oscar, 21).await, 429, "what the nodes counted alone is not forgotten");
    let names = redis.by_hand(&["KEYS", "*"]).unwrap();
    assert!(names.lines().all(|name| name.starts_with("fairseat:")), "{names}");
}

#[tokio::test]
async fn with_limits_off_nothing_is_counted_in_redis() {
    let redis = RedisServer::start(&[]).unwrap();
    let node = TestServer::start_node(with_redis(&redis.url())).await;
    let olga = node.organizer("olga").await;
    for number in 0..25 {
        assert_eq!(invite(&olga, number).await, 201);
    }
    let names = redis.by_hand(&["KEYS", "*"]).unwrap();
    assert!(names.lines().all(|name| name.is_empty() || name.ends_with(":check")), "{names}");
}
