//! Orders: paying in every way the sandbox knows, looking at them, cancelling them.

use super::{DECLINED, Fixture, GOOD, POOR, SECURE, order, text};
use serde_json::json;

#[tokio::test]
async fn a_good_card_buys_tickets() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1", "Floor A-2"]).await;
    let answer = fixture.pay(&reservation, "4242 4242 4242 4242").await;
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
    assert_eq!(fixture.server.store().outbox().count().await.unwrap(), 1);
    let again = fixture.pay(&reservation, GOOD).await;
    assert_eq!(again.refused(409, "already_ordered")["order_id"], view["order_id"]);

    let path = format!("/orders/{}", text(&view["order_id"]));
    let seen = fixture.buyer.get(&path).await;
    assert_eq!(seen.expect(200)["tickets"], view["tickets"]);
    let reserved = fixture.buyer.get(&format!("/reservations/{reservation}")).await;
    assert_eq!(reserved.expect(200)["status"], "converted_to_order");
    fixture.buyer.delete(&format!("/reservations/{reservation}")).await.refused(409, "already_ordered");
}

#[tokio::test]
async fn a_minimal_answer_has_no_qr_codes() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    let minimal = fixture.buyer.with_header("prefer", "return=minimal");
    let bought = minimal.post("/orders", order(&reservation, GOOD)).await.expect(201).clone();
    let path = format!("/orders/{}", text(&bought["order_id"]));
    let seen = minimal.get(&path).await.expect(200).clone();
    for view in [&bought, &seen] {
        assert_eq!((&view["status"], &view["tickets"][0]["status"]), (&json!("confirmed"), &json!("valid")));
        assert_eq!(view["tickets"][0].get("qr_code"), None);
    }
    assert!(fixture.buyer.get(&path).await.expect(200)["tickets"][0]["qr_code"].is_string());
}

#[tokio::test]
async fn a_declined_card_can_be_followed_by_another() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    for (card, reason) in [(DECLINED, "declined"), (POOR, "insufficient_funds")] {
        let answer = fixture.pay(&reservation, card).await;
        assert_eq!(answer.refused(402, "payment_declined")["reason"], reason);
    }
    let reserved = fixture.buyer.get(&format!("/reservations/{reservation}")).await;
    assert_eq!(reserved.expect(200)["status"], "active");
    let pending = fixture.buyer.get(&format!("/orders/{}", text(&reserved.json["order_id"]))).await;
    assert_eq!(
        (&pending.expect(200)["status"], &pending.json["payment_status"]),
        (&json!("pending"), &json!("failed"))
    );
    assert_eq!(pending.json["items"][0]["status"], "reserved");
    fixture.pay(&reservation, GOOD).await.expect(201);
}

#[tokio::test]
async fn a_gift_needs_no_card() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Gift A-1"]).await;
    let answer = fixture.buyer.post("/orders", json!({"reservation_id": reservation})).await;
    assert_eq!(answer.expect(201)["payment_status"], "completed");
    let cancelled =
        fixture.buyer.post(&format!("/orders/{}/cancel", text(&answer.json["order_id"])), json!({})).await;
    assert_eq!(
        (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
        (&json!("cancelled"), &json!(0.0))
    );
}

#[tokio::test]
async fn what_cannot_be_paid_with_is_named() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    let details = |details: serde_json::Value| json!({"reservation_id": reservation, "payment_method": "credit_card", "payment_details": details});
    for (body, field) in [
        (json!({}), "reservation_id"),
        (json!({"reservation_id": reservation}), "payment_details"),
        (json!({"reservation_id": reservation, "payment_method": "4242 4242 4242 4242"}), "payment_method"),
        (json!({"reservation_id": "x"}), "reservation_id"),
        (details(json!({})), "payment_details"),
        (details(json!("4242424242424242")), "payment_details"),
        (details(json!({"card_number": 4_242_424_242_424_242_u64})), "payment_details.card_number"),
        (order(&reservation, "5555555555554444"), "payment_details.card_number"),
        (details(json!({"payment_token": "nobody"})), "payment_details.payment_token"),
    ] {
        let answer = fixture.buyer.post("/orders", body).await;
        assert_eq!(answer.invalid_fields(), [field]);
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("5555555555554444"));
    }
    let ned = fixture.server.buyer("ned").await;
    ned.post("/orders", order(&reservation, GOOD)).await.refused(404, "not_found");
    fixture.pay(&uuid::Uuid::nil().to_string(), GOOD).await.refused(404, "not_found");
    fixture
        .server
        .anonymous()
        .post("/orders", order(&reservation, GOOD))
        .await
        .refused(401, "unauthenticated");
    fixture.buyer.post("/orders", details(json!({"payment_token": "tok_visa"}))).await.expect(201);
}

#[tokio::test]
async fn a_buyer_approves_or_declines_with_the_bank() {
    let fixture = Fixture::start().await;
    for (seat, verdict, status, payment_status) in
        [("Floor A-1", "approve", "confirmed", "completed"), ("Floor A-2", "decline", "pending", "failed")]
    {
        let reservation = fixture.reserved(&[seat]).await;
        let answer = fixture.pay(&reservation, SECURE).await;
        let pending = answer.expect(202).clone();
        assert_eq!(
            (&pending["status"], &pending["next_action"]["type"]),
            (&json!("pending"), &json!("redirect"))
        );
        let order = format!("/orders/{}", text(&pending["order_id"]));
        let seen = fixture.buyer.get(&order).await;
        assert_eq!(seen.expect(200)["next_action"], pending["next_action"]);
        assert_eq!(seen.json["payment_status"], "pending");
        fixture.pay(&reservation, GOOD).await.refused(409, "payment_in_progress");
        fixture
            .buyer
            .delete(&format!("/reservations/{reservation}"))
            .await
            .refused(409, "payment_in_progress");
        fixture.buyer.post(&format!("{order}/cancel"), json!({})).await.refused(409, "payment_in_progress");

        let url = text(&pending["next_action"]["url"]).replace("http://fairseat.test", "");
        let page = fixture.server.anonymous().get(&url).await;
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let answered = fixture.server.anonymous().post(&format!("{url}/{verdict}"), json!({})).await;
        assert_eq!(answered.expect(200)["order_status"], status, "{verdict}");
        let seen = fixture.buyer.get(&order).await;
        assert_eq!(
            (&seen.expect(200)["status"], &seen.json["payment_status"]),
            (&json!(status), &json!(payment_status))
        );
        let api = format!("/api/v1{url}/approve");
        fixture.server.anonymous().post(&api, json!({})).await.refused(409, "conflict");
    }
    let nobodys = format!("/sandbox/payments/{}", uuid::Uuid::nil());
    fixture.server.anonymous().get(&nobodys).await.expect(404);
    fixture.server.anonymous().post(&format!("{nobodys}/approve"), json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_same_key_buys_once_even_after_a_restart() {
    let fixture = Fixture::start().await;
    let (reservation, other) =
        (fixture.reserved(&["Floor A-1"]).await, fixture.reserved(&["Floor A-2"]).await);
    let buyer = fixture.buyer.with_key("pay-1");
    let declined = buyer.post("/orders", order(&reservation, DECLINED)).await;
    declined.refused(402, "payment_declined");
    let first = buyer.post("/orders", order(&reservation, GOOD)).await;
    first.expect(201);
    buyer.post("/orders", order(&other, GOOD)).await.refused(422, "idempotency_mismatch");
    let secure = fixture.buyer.with_key("pay-2");
    let waiting = secure.post("/orders", order(&other, SECURE)).await;
    waiting.expect(202);

    let server = fixture.server.restart().await;
    let again = buyer.post("/orders", order(&reservation, GOOD)).await;
    assert_eq!(again.expect(201), &first.json);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let again = secure.post("/orders", order(&other, SECURE)).await;
    assert_eq!(again.expect(202), &waiting.json);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let url = text(&waiting.json["next_action"]["url"]).replace("http://fairseat.test", "");
    server.anonymous().post(&format!("{url}/approve"), json!({})).await.expect(200);
    let again = secure.post("/orders", order(&other, SECURE)).await;
    assert_eq!(again.expect(201)["order_id"], waiting.json["order_id"]);
}

#[tokio::test]
async fn an_order_is_cancelled_by_who_may() {
    let fixture = Fixture::start().await;
    let view = fixture.bought(&["Floor A-1", "Floor A-2"]).await;
    let order = format!("/orders/{}", text(&view["order_id"]));
    let cancel = format!("{order}/cancel");
    let foreign = fixture.server.organizer("oscar").await;
    let staff = fixture.server.staff("stan", &fixture.organizer).await;
    for (actor, status, code) in [
        (fixture.server.anonymous(), 401, "unauthenticated"),
        (fixture.server.buyer("ned").await, 404, "not_found"),
        (foreign, 404, "not_found"),
        (staff, 403, "forbidden"),
    ] {
        actor.get(&order).await.refused(status, code);
        actor.post(&cancel, json!({})).await.refused(status, code);
    }
    fixture.organizer.get(&order).await.expect(200);
    for _ in 0..2 {
        let answer = fixture.buyer.post(&cancel, json!({})).await;
        let cancelled = answer.expect(200);
        assert_eq!(
            (&cancelled["status"], &cancelled["refunded_amount"]),
            (&json!("refunded"), &json!(200.0))
        );
        assert_eq!(cancelled["currency"], "USD");
    }
    let seen = fixture.buyer.get(&order).await;
    assert_eq!(
        (&seen.expect(200)["status"], &seen.json["refund"]["status"]),
        (&json!("refunded"), &json!("completed"))
    );
    assert_eq!(
        (&seen.json["tickets"][0]["status"], &seen.json["tickets"][0]["qr_code"]),
        (&json!("void"), &json!(null))
    );
    fixture.reserve(&fixture.server.buyer("nora").await, &["Floor A-1"]).await.expect(201);
}

#[tokio::test]
async fn where_the_policy_ends_the_organizer_may_still_refund() {
    let fixture = Fixture::start().await;
    let strict = fixture.server.event_with(&fixture.organizer, |terms| {
        terms.refund_policy.share = fairseat_domain::money::BasisPoints(0);
    });
    let fixture = Fixture { event: strict.await, ..fixture };
    let view = fixture.bought(&["Floor A-1"]).await;
    let cancel = format!("/orders/{}/cancel", text(&view["order_id"]));
    fixture.buyer.post(&cancel, json!({})).await.refused(409, "not_refundable");
    let answer = fixture.organizer.post(&cancel, json!({})).await;
    assert_eq!(
        (&answer.expect(200)["status"], &answer.json["refunded_amount"]),
        (&json!("refunded"), &json!(100.0))
    );
}

#[tokio::test]
async fn what_is_on_a_card_is_in_no_file() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1"]).await;
    fixture.pay(&reservation, POOR).await.refused(402, "payment_declined");
    fixture.pay(&reservation, GOOD).await.expect(201);
    fixture.server.app.engine.stop().await;
    let mut files = 0;
    let mut folders = vec![fixture.server.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for secret in [GOOD, POOR, "\"987\"", "12/30"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} in {}", path.display());
            }
            files += 1;
        }
    }
    assert!(files > 3, "{files} files were searched");
}

#[tokio::test]
async fn somebodys_orders_are_listed_for_them() {
    let fixture = Fixture::start().await;
    let first = fixture.bought(&["Floor A-1"]).await;
    let second = fixture.bought(&["Floor A-2", "Floor A-3"]).await;
    let path = format!("/users/{}/orders", fixture.buyer.id());
    let list = loop {
        // The views follow the journal; how far behind they are is no promise.
        let answer = fixture.buyer.get(&path).await;
        if answer.expect(200)["total"] == json!(2) {
            break answer.json;
        }
        tokio::task::yield_now().await;
    };
    let ids: Vec<_> = list["orders"].as_array().unwrap().iter().map(|order| &order["order_id"]).collect();
    assert_eq!(ids, [&second["order_id"], &first["order_id"]]);
    assert_eq!(list["orders"][0]["event"]["name"], "Romeo and Juliet");
    assert_eq!((&list["orders"][0]["total_amount"], &list["limit"]), (&json!(200.0), &json!(20)));
    let page = fixture.buyer.get(&format!("{path}?limit=1&offset=1")).await;
    assert_eq!(page.expect(200)["orders"][0]["order_id"], first["order_id"]);
    assert_eq!(fixture.server.admin().await.get(&path).await.expect(200)["total"], json!(2));
    fixture.organizer.get(&path).await.refused(404, "not_found");
    fixture.server.buyer("ned").await.get(&path).await.refused(404, "not_found");
    fixture.server.anonymous().get(&path).await.refused(401, "unauthenticated");
}
