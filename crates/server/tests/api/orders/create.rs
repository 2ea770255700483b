//! `POST /orders`: every outcome of a payment in the sandbox.

use crate::common::test_shop::{
    CARD_TO_APPROVE, CARD_WITHOUT_FUNDS, DECLINED_CARD, GOOD_CARD, TestShop, order_body, string_of,
};
use crate::common::{TestServer, until};
use fairseat_edge::limits::RateLimiting;
use rusqlite::Connection;
use serde_json::json;

#[tokio::test]
async fn a_good_card_buys_tickets() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1", "Floor A-2"]).await;
    let answer = shop.pay(&reservation, "4242 4242 4242 4242").await;
    let view = answer.expect(201);
    assert_eq!((&view["status"], &view["payment_status"]), (&json!("confirmed"), &json!("completed")));
    assert!(String::from_utf8_lossy(&answer.bytes).contains("\"total_amount\":200.00"), "{view}");
    assert_eq!(view["confirmation_email_sent"], json!(true));
    assert_eq!(view["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(view["items"][0]["status"], "confirmed");
    assert!(view["items"][0]["order_item_id"].is_string());
    assert_eq!(view["tickets"][0]["seat"], "Floor A-1");
    assert!(view["tickets"][1]["qr_code"].as_str().unwrap().starts_with("iVBORw0KGgo"), "a PNG");
    assert_eq!(view["event"]["name"], "Romeo and Juliet");
    until("the confirmation is in the outbox", async || {
        shop.server.store().outbox().count().await.unwrap() == 1
    })
    .await;
    let again = shop.pay(&reservation, GOOD_CARD).await;
    assert_eq!(again.refused(409, "already_ordered")["order_id"], view["order_id"]);

    let path = format!("/orders/{}", string_of(&view["order_id"]));
    let seen = shop.buyer.get(&path).await;
    assert_eq!(seen.expect(200)["tickets"], view["tickets"]);
    let reserved = shop.buyer.get(&format!("/reservations/{reservation}")).await;
    assert_eq!(reserved.expect(200)["status"], "converted_to_order");
    shop.buyer.delete(&format!("/reservations/{reservation}")).await.refused(409, "already_ordered");
}

#[tokio::test]
async fn a_declined_card_can_be_followed_by_another() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    for (card, reason) in [(DECLINED_CARD, "declined"), (CARD_WITHOUT_FUNDS, "insufficient_funds")] {
        let answer = shop.pay(&reservation, card).await;
        assert_eq!(answer.refused(402, "payment_declined")["reason"], reason);
    }
    let reserved = shop.buyer.get(&format!("/reservations/{reservation}")).await;
    assert_eq!(reserved.expect(200)["status"], "active");
    let pending = shop.buyer.get(&format!("/orders/{}", string_of(&reserved.json["order_id"]))).await;
    assert_eq!(
        (&pending.expect(200)["status"], &pending.json["payment_status"]),
        (&json!("pending"), &json!("failed"))
    );
    assert_eq!(pending.json["items"][0]["status"], "reserved");
    shop.pay(&reservation, GOOD_CARD).await.expect(201);
}

#[tokio::test]
async fn an_order_that_costs_nothing_needs_no_card() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Gift A-1"]).await;
    let answer = shop.buyer.post("/orders", json!({"reservation_id": reservation})).await;
    assert_eq!(answer.expect(201)["payment_status"], "completed");
    let cancelled =
        shop.buyer.post(&format!("/orders/{}/cancel", string_of(&answer.json["order_id"])), json!({})).await;
    assert_eq!(
        (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
        (&json!("cancelled"), &json!(0.0))
    );
}

#[tokio::test]
async fn every_wrong_field_of_a_payment_is_named() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let details = |details: serde_json::Value| json!({"reservation_id": reservation, "payment_method": "credit_card", "payment_details": details});
    for (body, field) in [
        (json!({}), "reservation_id"),
        (json!({"reservation_id": reservation}), "payment_details"),
        (json!({"reservation_id": reservation, "payment_method": "4242 4242 4242 4242"}), "payment_method"),
        (json!({"reservation_id": "x"}), "reservation_id"),
        (details(json!({})), "payment_details"),
        (details(json!("4242424242424242")), "payment_details"),
        (details(json!({"card_number": 4_242_424_242_424_242_u64})), "payment_details.card_number"),
        (order_body(&reservation, "5555555555554444"), "payment_details.card_number"),
        (details(json!({"payment_token": "nobody"})), "payment_details.payment_token"),
    ] {
        let answer = shop.buyer.post("/orders", body).await;
        assert_eq!(answer.invalid_fields(), [field]);
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("5555555555554444"));
    }
    let ned = shop.server.buyer("ned").await;
    ned.post("/orders", order_body(&reservation, GOOD_CARD)).await.refused(404, "not_found");
    shop.pay(&uuid::Uuid::nil().to_string(), GOOD_CARD).await.refused(404, "not_found");
    shop.server
        .anonymous()
        .post("/orders", order_body(&reservation, GOOD_CARD))
        .await
        .refused(401, "unauthenticated");
    shop.buyer.post("/orders", details(json!({"payment_token": "tok_visa"}))).await.expect(201);
}

#[tokio::test]
async fn the_same_key_buys_once_even_after_a_restart() {
    let shop = TestShop::open().await;
    let (reservation, other) = (shop.reserved(&["Floor A-1"]).await, shop.reserved(&["Floor A-2"]).await);
    let buyer = shop.buyer.with_key("pay-1");
    let declined = buyer.post("/orders", order_body(&reservation, DECLINED_CARD)).await;
    declined.refused(402, "payment_declined");
    let first = buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await;
    first.expect(201);
    buyer.post("/orders", order_body(&other, GOOD_CARD)).await.refused(422, "idempotency_mismatch");
    let secure = shop.buyer.with_key("pay-2");
    let waiting = secure.post("/orders", order_body(&other, CARD_TO_APPROVE)).await;
    waiting.expect(202);

    let server = shop.server.restart().await;
    let again = buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await;
    assert_eq!(again.expect(201), &first.json);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let again = secure.post("/orders", order_body(&other, CARD_TO_APPROVE)).await;
    assert_eq!(again.expect(202), &waiting.json);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let url = string_of(&waiting.json["next_action"]["url"]).replace("http://fairseat.test", "");
    server.anonymous().post(&format!("{url}/approve"), json!({})).await.expect(200);
    let again = secure.post("/orders", order_body(&other, CARD_TO_APPROVE)).await;
    assert_eq!(again.expect(201)["order_id"], waiting.json["order_id"]);
}

#[tokio::test]
async fn an_order_of_1000_tickets_is_answered_whole() {
    let shop = TestShop::open().await;
    let crowd = shop.server.event_with(&shop.organizer, |terms| terms.max_tickets_per_buyer = 1_000).await;
    let places = json!({"general_admission": [{"section": "Field", "quantity": 1_000}]});
    let reserved = shop.buyer.post(&crowd.path("/reserve"), places).await;
    let order = shop.pay(&string_of(&reserved.expect(201)["reservation_id"]), GOOD_CARD).await;
    assert_eq!(order.expect(201)["tickets"].as_array().map(Vec::len), Some(1_000));
    assert!(order.bytes.len() < 3_000_000, "{} bytes", order.bytes.len());
}

#[tokio::test]
async fn an_order_is_paid_even_if_its_buyer_disconnects() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let engine = &shop.server.app.engine;
    let sale = engine.sale(shop.event.number).await.unwrap();
    // The request is dropped as soon as the order exists, before it is answered.
    tokio::select! {
        biased;
        () = until("the order exists", async || sale.published().state.orders().next().is_some()) => {}
        answer = shop.pay(&reservation, GOOD_CARD) => panic!("answered before the buyer hung up: {answer:?}"),
    }
    until("the tickets exist", async || sale.published().state.tickets().next().is_some()).await;
    let order =
        string_of(&shop.buyer.get(&format!("/reservations/{reservation}")).await.expect(200)["order_id"]);
    assert_eq!(shop.buyer.get(&format!("/orders/{order}")).await.expect(200)["status"], "confirmed");
}

/// The provider's database is locked for longer than a buyer's request waits.
#[tokio::test]
async fn a_slow_provider_leaves_the_order_pending_and_charges_once() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let books = Connection::open(shop.server.folder().join("sandbox.db")).unwrap();
    books.execute_batch("BEGIN IMMEDIATE").unwrap();
    let buyer = shop.buyer.with_key("slow");
    let first = buyer.post("/orders", order_body(&reservation, GOOD_CARD));
    let impatient = async {
        let engine = &shop.server.app.engine;
        let sale = engine.sale(shop.event.number).await.unwrap();
        until("the payment exists", async || sale.published().state.payments().next().is_some()).await;
        buyer
            .post("/orders", order_body(&reservation, GOOD_CARD))
            .await
            .refused(409, "idempotency_in_flight");
        shop.pay(&reservation, GOOD_CARD).await.refused(409, "payment_in_progress");
    };
    let (first, ()) = tokio::join!(first, impatient);
    let pending = first.expect(202);
    assert_eq!((&pending["status"], &pending["next_action"]), (&json!("pending"), &json!(null)));
    books.execute_batch("COMMIT").unwrap();

    let sale = shop.server.app.engine.sale(shop.event.number).await.unwrap();
    until("the tickets exist", async || sale.published().state.tickets().next().is_some()).await;
    let again = buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await;
    assert_eq!(again.expect(201)["order_id"], pending["order_id"]);
    let charges: i64 = books.query_row("SELECT COUNT(*) FROM payments", [], |row| row.get(0)).unwrap();
    assert_eq!(charges, 1);
}

#[tokio::test]
async fn a_minimal_answer_has_no_qr_codes() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let minimal = shop.buyer.with_header("prefer", "return=minimal");
    let bought = minimal.post("/orders", order_body(&reservation, GOOD_CARD)).await.expect(201).clone();
    let path = format!("/orders/{}", string_of(&bought["order_id"]));
    let seen = minimal.get(&path).await.expect(200).clone();
    for view in [&bought, &seen] {
        assert_eq!((&view["status"], &view["tickets"][0]["status"]), (&json!("confirmed"), &json!("valid")));
        assert_eq!(view["tickets"][0].get("qr_code"), None);
    }
    assert!(shop.buyer.get(&path).await.expect(200)["tickets"][0]["qr_code"].is_string());
}

/// The published test numbers stand for many people's cards; a personal token is one card.
#[tokio::test]
async fn one_card_pays_for_so_many_tickets_whoever_uses_it() {
    let server = TestServer::start_with(|settings| settings.limits = RateLimiting::On).await;
    let shop = TestShop::open_on(server).await;
    let change = json!({"hold_limits": {"tickets_per_instrument": 2}});
    let changed = shop.organizer.patch(&shop.event.path(""), change).await;
    assert_eq!(changed.expect(200)["hold_limits"]["tickets_per_instrument"], 2);
    let paid_with = |reservation: &str, owner: &str| {
        let token = format!("pm_card_visa_of_{owner}");
        json!({"reservation_id": reservation, "payment_details": {"payment_token": token}})
    };
    let mut orders = Vec::new();
    for (seat, owner, status) in [
        ("Floor A-1", "ada", 201),
        ("Floor A-2", "ada", 201),
        ("Floor A-3", "ada", 403),
        ("Floor A-3", "bob", 201),
    ] {
        let reservation = shop.reserved(&[seat]).await;
        let answer = shop.buyer.post("/orders", paid_with(&reservation, owner)).await;
        if status == 403 {
            let refused = answer.refused(403, "ticket_limit");
            assert_eq!((&refused["max"], &refused["have"]), (&json!(2), &json!(2)), "{seat} {owner}");
            let kept = shop.buyer.get(&format!("/reservations/{reservation}")).await;
            assert_eq!(kept.expect(200)["status"], "active");
            assert_eq!(kept.json["order_id"], json!(null), "no order began");
            shop.buyer.delete(&format!("/reservations/{reservation}")).await;
        } else {
            orders.push(string_of(&answer.expect(201)["order_id"]));
        }
    }
    let figures = shop.organizer.get(&shop.event.path("/statistics")).await;
    let holds = &figures.expect(200)["holds"];
    assert_eq!((&holds["limit_by_instrument"], &holds["refused_by_instrument"]), (&json!(2), &json!(1)));
    assert_eq!(holds["refused"], 0);

    let cancelled = shop.organizer.post(&format!("/orders/{}/cancel", orders[0]), json!({})).await;
    cancelled.expect(200);
    let reservation = shop.reserved(&["Floor A-4"]).await;
    shop.buyer.post("/orders", paid_with(&reservation, "ada")).await.expect(201);
}
