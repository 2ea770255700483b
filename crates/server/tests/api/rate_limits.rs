//! Rate limits: every limit admits exactly its burst, then one more request per interval. The answer says how long to wait, and other
//! callers are not affected. The clock stands still, so that the counts are exact.

use crate::common::browser::PASSWORD;
use crate::common::catalogue::{buy, make_event};
use crate::common::{Actor, Answer, StoppedClock, TestServer};
use axum::http::Method;
use fairseat_edge::limits::RateLimiting;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

async fn limited() -> TestServer {
    TestServer::start_with(|settings| settings.limits = RateLimiting::On).await
}

/// Sends the burst and more, and asserts each answer. `status` is the answer to a request that is admitted.
async fn assert_exactly(burst: usize, interval_ms: u64, status: u16, ask: impl AsyncFn() -> Answer) {
    let clock = StoppedClock::stop();
    let interval = Duration::from_millis(interval_ms);
    let almost = Duration::from_millis(1);
    for number in 1..=burst {
        assert_eq!(ask().await.status, status, "request {number} of {burst}");
    }
    let refused = ask().await;
    refused.refused(429, "rate_limited");
    let wait = interval_ms.div_ceil(1_000).to_string();
    assert_eq!(refused.header("retry-after"), Some(wait.as_str()));
    clock.advance(interval - almost).await;
    ask().await.refused(429, "rate_limited");
    clock.advance(almost).await;
    assert_eq!(ask().await.status, status, "after {interval:?} one more is let through");
    ask().await.refused(429, "rate_limited");
}

fn reader(server: &TestServer) -> Actor {
    server.anonymous().at([198, 51, 100, 8])
}

fn elsewhere(actor: &Actor) -> Actor {
    actor.at([203, 0, 113, 2])
}

#[tokio::test]
async fn an_address_sends_2000_requests_at_once_and_200_a_second() {
    let server = limited().await;
    let reader = reader(&server);
    assert_exactly(2_000, 5, 200, async || reader.get("/events").await).await;
    elsewhere(&reader).get("/events").await.expect(200);
    for path in ["/healthz", "/readyz", "/metrics"] {
        reader.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn an_account_sends_300_requests_at_once_and_30_a_second_from_anywhere() {
    let server = limited().await;
    let (ada, bob) = (server.buyer("ada").await, server.buyer("bob").await);
    let asked = AtomicUsize::new(0);
    let ask = async || {
        let address = u8::try_from(asked.fetch_add(1, Ordering::Relaxed) % 200).unwrap();
        ada.at([198, 51, 100, address]).get("/users/me").await
    };
    assert_exactly(300, 34, 200, ask).await;
    bob.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn an_address_registers_100_accounts_at_once_and_one_a_second() {
    let server = limited().await;
    let reader = reader(&server);
    let body = json!({"email": "", "username": "", "password": ""});
    assert_exactly(100, 1_000, 422, async || reader.post("/auth/register", body.clone()).await).await;
    elsewhere(&reader).post("/auth/register", body).await.expect(422);
}

#[tokio::test]
async fn an_address_signs_in_100_times_at_once_and_twice_a_second() {
    let server = limited().await;
    let ada = json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace"});
    server.anonymous().post("/auth/register", ada).await.expect(201);
    let reader = reader(&server);
    let body = json!({"email": "ada@example.org", "password": "lovelace"});
    assert_exactly(100, 500, 200, async || reader.post("/auth/login", body.clone()).await).await;
    elsewhere(&reader).post("/auth/login", body).await.expect(200);
}

/// The three routes for links in messages share one limit.
#[tokio::test]
async fn an_address_asks_for_20_links_at_once_and_one_every_6_seconds() {
    for (path, body, status) in [
        ("/auth/forgot-password", json!({"email": "ada@example.org"}), 202),
        ("/auth/verify-email", json!({"token": "unknown"}), 422),
        ("/auth/reset-password", json!({"token": "unknown", "password": "another one"}), 422),
    ] {
        let server = limited().await;
        let reader = reader(&server);
        assert_exactly(20, 6_000, status, async || reader.post(path, body.clone()).await).await;
        let forgotten = json!({"email": "ada@example.org"});
        reader.post("/auth/forgot-password", forgotten).await.refused(429, "rate_limited");
        elsewhere(&reader).post(path, body).await.expect(status);
    }
}

#[tokio::test]
async fn an_account_is_sent_3_verification_messages_at_once_and_one_a_minute() {
    let server = limited().await;
    let ada = crate::common::browser::registered(&server, "ada").await;
    let resend = async || ada.post("/auth/verify-email/resend", json!({})).await;
    assert_exactly(3, 60_000, 202, resend).await;
}

#[tokio::test]
async fn an_account_sends_20_invitations_at_once_and_20_an_hour() {
    let server = limited().await;
    let organizer = server.organizer("ada").await;
    let members = format!("/organizations/{}/members", organizer.organization().0);
    let asked = AtomicUsize::new(0);
    let invite = async || {
        // A new address each time, so that no recipient reaches its own limit.
        let email = format!("guest{}@example.test", asked.fetch_add(1, Ordering::Relaxed));
        organizer.post(&members, json!({"email": email, "role": "staff"})).await
    };
    assert_exactly(20, 180_000, 201, invite).await;
}

/// As measured once: hundreds of letters to strangers in seconds, by changing one's own address again and again.
#[tokio::test]
async fn changing_ones_address_500_times_sends_10_letters() {
    let server = limited().await;
    let eve = crate::common::browser::registered(&server, "eve").await;
    let before = server.store().outbox().count().await.unwrap();
    let clock = StoppedClock::stop();
    let mut refused = 0;
    for number in 0..500_u32 {
        let [_, _, high, low] = number.to_be_bytes();
        let change = json!({"email": format!("stranger{number}@example.test"), "current_password": PASSWORD});
        // From many networks, so that only the account's own limit holds.
        let answer = eve.at([198, 51, high, low]).patch("/users/me", change).await;
        refused += u32::from(answer.status == 429);
        clock.advance(Duration::from_millis(40)).await;
    }
    let letters = server.store().outbox().count().await.unwrap() - before;
    assert_eq!(letters, 10, "confirmations and warnings together; {refused} changes were refused");
    assert!(refused >= 490, "{refused}");
}

#[tokio::test]
async fn a_recipient_gets_10_letters_at_once_from_all_senders_together() {
    let server = limited().await;
    let _clock = StoppedClock::stop();
    let mut sent = 0;
    for number in 0..12_u8 {
        let organizer = server.organizer(&format!("org{number}")).await.at([198, 51, 100, number]);
        let members = format!("/organizations/{}/members", organizer.organization().0);
        let invitation = json!({"email": "Victim@example.test", "role": "staff"});
        sent += u32::from(organizer.post(&members, invitation).await.status == 201);
    }
    assert_eq!(sent, 10);
    let queued = async || server.store().outbox().count().await.unwrap();
    let before = queued().await;
    let victim = json!({"email": "victim@example.test", "username": "v", "password": "lovelace"});
    server.anonymous().post("/auth/register", victim).await.expect(201);
    assert_eq!(queued().await, before, "registering works, without a further letter");
}

#[tokio::test]
async fn an_event_that_has_sold_tickets_moves_10_times_at_once_and_4_times_an_hour() {
    let server = limited().await;
    let organizer = server.organizer("olga").await;
    let event = make_event(&organizer, json!({})).await;
    let (moved, path) = (AtomicUsize::new(0), format!("/events/{event}"));
    let shift = async || {
        let minute = moved.fetch_add(1, Ordering::Relaxed) % 60;
        organizer.patch(&path, json!({"end_time": format!("2036-12-16T05:{minute:02}:00Z")})).await
    };
    for _ in 0..20 {
        shift().await.expect(200);
    }
    buy(&server.buyer("bob").await, &event, "Floor", 1).await;
    assert_exactly(10, 900_000, 200, shift).await;
    organizer.patch(&path, json!({"name": "Another name"})).await.expect(200);
}

#[tokio::test]
async fn a_customer_of_the_box_office_gets_10_letters_and_then_printed_tickets() {
    let server = limited().await;
    let organizer = server.organizer("olga").await;
    let event = server.event(&organizer).await;
    let _clock = StoppedClock::stop();
    let mut sent = Vec::new();
    for seat in 0..12 {
        let sale = json!({"seat_indexes": [seat], "payment": "cash", "email": "walter@example.test"});
        let sold = organizer.post(&event.path("/box-office"), sale).await;
        sent.push(sold.expect(201)["confirmation_email_sent"] == true);
    }
    assert_eq!(sent, [vec![true; 10], vec![false; 2]].concat());
}

#[tokio::test]
async fn one_address_registers_strangers_with_200_letters_at_once() {
    let server = limited().await;
    let clock = StoppedClock::stop();
    let eve = server.anonymous().at([198, 51, 100, 7]);
    for number in 0..300 {
        let stranger =
            json!({"email": format!("s{number}@example.test"), "username": "s", "password": "lovelace"});
        eve.post("/auth/register", stranger).await.expect(201);
        clock.advance(Duration::from_secs(1)).await;
    }
    let letters = server.store().outbox().count().await.unwrap();
    assert!((200..=251).contains(&letters), "200 at once and one every 6 seconds, not {letters}");
}

#[tokio::test]
async fn an_account_reserves_60_times_at_once_and_once_a_second() {
    let server = limited().await;
    let organizer = server.organizer("olga").await;
    let event = server.event(&organizer).await;
    let (ada, bob) = (server.buyer("ada").await, server.buyer("bob").await);
    let reserve = async |buyer: &Actor| buyer.post(&event.path("/reserve"), json!({})).await;
    assert_exactly(60, 1_000, 422, async || reserve(&ada).await).await;
    reserve(&elsewhere(&ada)).await.refused(429, "rate_limited");
    reserve(&bob).await.expect(422);
}

#[tokio::test]
async fn an_address_reserves_600_times_at_once_and_20_times_a_second() {
    let server = limited().await;
    let organizer = server.organizer("olga").await;
    let event = server.event(&organizer).await;
    let mut buyers = Vec::new();
    for number in 0..12 {
        buyers.push(server.buyer(&format!("buyer{number}")).await);
    }
    let asked = AtomicUsize::new(0);
    let ask = async || {
        // Spread over many buyers, so that no account reaches its own limit.
        let buyer = &buyers[asked.fetch_add(1, Ordering::Relaxed) % buyers.len()];
        buyer.post(&event.path("/reserve"), json!({})).await
    };
    assert_exactly(600, 50, 422, ask).await;
    elsewhere(&buyers[0]).post(&event.path("/reserve"), json!({})).await.expect(422);
}

#[tokio::test]
async fn an_account_pays_20_times_at_once_and_once_every_3_seconds() {
    let server = limited().await;
    let (ada, bob) = (server.buyer("ada").await, server.buyer("bob").await);
    let unknown = json!({"reservation_id": uuid::Uuid::nil()});
    let pay = async |buyer: &Actor| buyer.post("/orders", unknown.clone()).await;
    assert_exactly(20, 3_000, 404, async || pay(&ada).await).await;
    pay(&elsewhere(&ada)).await.refused(429, "rate_limited");
    pay(&bob).await.expect(404);
}

#[tokio::test]
async fn an_address_opens_300_live_feeds_at_once_and_5_a_second() {
    let server = limited().await;
    let organizer = server.organizer("olga").await;
    let event = server.event(&organizer).await;
    let reader = reader(&server);
    // Without WebSocket headers the request is refused, but still counted.
    let ask = async |who: &Actor| who.send(Method::GET, &event.path("/live"), None).await;
    assert_exactly(300, 200, 422, async || ask(&reader).await).await;
    ask(&elsewhere(&reader)).await.expect(422);
}

#[tokio::test]
async fn an_address_that_guesses_a_password_waits_after_5_failures() {
    let server = limited().await;
    let ada = json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace"});
    server.anonymous().post("/auth/register", ada).await.expect(201);
    let clock = StoppedClock::stop();
    for email in ["ada@example.org", "nobody@example.org"] {
        let eve = server.anonymous().at([198, 51, 100, 7]);
        let guess = async || eve.post("/auth/login", json!({"email": email, "password": "a guess"})).await;
        for _ in 0..5 {
            guess().await.refused(401, "invalid_credentials");
        }
        for wait in [1, 2, 4] {
            let refused = guess().await;
            refused.refused(429, "rate_limited");
            assert_eq!(refused.header("retry-after"), Some(wait.to_string().as_str()), "{email}");
            clock.advance(Duration::from_secs(wait)).await;
            guess().await.refused(401, "invalid_credentials");
        }
    }
    let right = json!({"email": "ada@example.org", "password": "lovelace"});
    server.anonymous().at([203, 0, 113, 1]).post("/auth/login", right).await.expect(200);
}
