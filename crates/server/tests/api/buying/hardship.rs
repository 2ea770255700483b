//! Hostile bodies, buyers who vanish, a provider that is slow.

use super::{Fixture, GOOD, order, text};
use axum::http::Method;
use rusqlite::Connection;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn nothing_that_is_sent_breaks_the_server() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    let (seat, huge) = (fixture.event.seat("Floor A-2"), "9".repeat(400));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        "\u{feff}{}".to_owned(),
        "[".repeat(10_000),
        r#"{"a":"#.repeat(5_000),
        format!(r#"{{"seat_ids":["{seat}"],"seat_ids":["{seat}"]}}"#),
        format!(r#"{{"seat_indexes":[{huge}]}}"#),
        format!(r#"{{"seat_indexes":[1e{huge}]}}"#),
        format!(r#"{{"seat_ids":["{seat}"],"hold_duration":-{huge}}}"#),
        format!(r#"{{"best_available":{{"quantity":1,"max_price":{huge}}}}}"#),
        r#"{"best_available":{"quantity":1,"max_price":-1}}"#.to_owned(),
        r#"{"best_available":{"quantity":4294967295,"section":"\u0000"}}"#.to_owned(),
        r#"{"best_available":{"quantity":1,"section":"\ud800"}}"#.to_owned(),
        r#"{"general_admission":[{"section":"Standing","quantity":4294967295},{"section":"Field","quantity":4294967295}]}"#
            .to_owned(),
        format!(r#"{{"reservation_id":"{reservation}","payment_details":{{"card_number":"{huge}"}}}}"#),
        format!(r#"{{"reservation_id":"{reservation}","payment_method":"{huge}"}}"#),
        format!(r#"{{"reservation_id":"{reservation}","payment_details":{{"payment_token":"\u0000"}}}}"#),
        format!(r#"{{"add_seat_ids":["{seat}"],"remove_seat_ids":null}}"#),
        json!({"seat_ids": vec![Uuid::nil(); 1_500]}).to_string(),
        "x".repeat(70_000),
    ];
    let paths = [
        (Method::POST, fixture.event.path("/reserve")),
        (Method::POST, "/orders".to_owned()),
        (Method::PATCH, format!("/reservations/{reservation}")),
        (Method::POST, "/webhooks/sandbox".to_owned()),
    ];
    for (method, path) in &paths {
        for body in &bodies {
            for kind in [Some("application/json"), Some("text/plain"), None] {
                let bytes = body.clone().into_bytes();
                let answer = fixture.buyer.send_bytes(method.clone(), path, kind, bytes).await;
                let start: String = body.chars().take(80).collect();
                assert!(
                    answer.status.is_client_error() || answer.status.is_success(),
                    "{} to {path}: {start}",
                    answer.status
                );
            }
        }
        let answer = fixture
            .buyer
            .send_bytes(method.clone(), path, Some("application/json"), vec![0xff, 0xfe, 0])
            .await;
        assert!(answer.status.is_client_error(), "{path}");
    }
}

#[tokio::test]
async fn a_buyer_who_vanishes_has_bought_all_the_same() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    let engine = &fixture.server.app.engine;
    let sale = engine.sale(fixture.event.number).await.unwrap();
    {
        let mut request = std::pin::pin!(fixture.pay(&reservation, GOOD));
        while sale.published().state.orders().next().is_none() {
            let answered = futures::poll!(request.as_mut()).is_ready();
            assert!(!answered, "the buyer goes before the answer comes");
            tokio::task::yield_now().await;
        }
    }
    let mut versions = sale.watch();
    let confirmed = versions.wait_for(|version| version.state.tickets().next().is_some()).await;
    drop(confirmed.unwrap());
    let order =
        text(&fixture.buyer.get(&format!("/reservations/{reservation}")).await.expect(200)["order_id"]);
    assert_eq!(fixture.buyer.get(&format!("/orders/{order}")).await.expect(200)["status"], "confirmed");
}

/// The provider's books are locked by somebody else for longer than buyers are kept waiting.
#[tokio::test]
async fn a_slow_provider_leaves_the_order_pending_and_charges_once() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    let books = Connection::open(fixture.server.folder().join("sandbox.db")).unwrap();
    books.execute_batch("BEGIN IMMEDIATE").unwrap();
    let buyer = fixture.buyer.with_key("slow");
    let first = buyer.post("/orders", order(&reservation, GOOD));
    let impatient = async {
        let engine = &fixture.server.app.engine;
        let mut versions = engine.sale(fixture.event.number).await.unwrap().watch();
        drop(versions.wait_for(|version| version.state.payments().next().is_some()).await.unwrap());
        buyer.post("/orders", order(&reservation, GOOD)).await.refused(409, "idempotency_in_flight");
        fixture.pay(&reservation, GOOD).await.refused(409, "payment_in_progress");
    };
    let (first, ()) = tokio::join!(first, impatient);
    let pending = first.expect(202);
    assert_eq!((&pending["status"], &pending["next_action"]), (&json!("pending"), &json!(null)));
    books.execute_batch("COMMIT").unwrap();

    let sale = fixture.server.app.engine.sale(fixture.event.number).await.unwrap();
    let mut versions = sale.watch();
    drop(versions.wait_for(|version| version.state.tickets().next().is_some()).await.unwrap());
    let again = buyer.post("/orders", order(&reservation, GOOD)).await;
    assert_eq!(again.expect(201)["order_id"], pending["order_id"]);
    let charges: i64 = books.query_row("SELECT COUNT(*) FROM payments", [], |row| row.get(0)).unwrap();
    assert_eq!(charges, 1);
}
