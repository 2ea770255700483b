//! `POST /orders/{order_id}/cancel`.

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use fairseat_domain::money::BasisPoints;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn only_the_buyer_and_managers_cancel_an_order() {
    let shop = TestShop::open().await;
    let view = shop.bought(&["Floor A-1", "Floor A-2"]).await;
    let order = format!("/orders/{}", string_of(&view["order_id"]));
    let cancel = format!("{order}/cancel");
    let foreign = shop.server.organizer("oscar").await;
    let staff = shop.server.staff("stan", &shop.organizer).await;
    for (actor, status, code) in [
        (shop.server.anonymous(), 401, "unauthenticated"),
        (shop.server.buyer("ned").await, 404, "not_found"),
        (foreign, 404, "not_found"),
        (staff, 403, "forbidden"),
    ] {
        actor.get(&order).await.refused(status, code);
        actor.post(&cancel, json!({})).await.refused(status, code);
    }
    shop.organizer.get(&order).await.expect(200);
    for _ in 0..2 {
        let answer = shop.buyer.post(&cancel, json!({})).await;
        let cancelled = answer.expect(200);
        assert_eq!(
            (&cancelled["status"], &cancelled["refunded_amount"]),
            (&json!("refunded"), &json!(200.0))
        );
        assert_eq!(cancelled["currency"], "USD");
    }
    let seen = shop.buyer.get(&order).await;
    assert_eq!(
        (&seen.expect(200)["status"], &seen.json["refund"]["status"]),
        (&json!("refunded"), &json!("completed"))
    );
    assert_eq!(
        (&seen.json["tickets"][0]["status"], &seen.json["tickets"][0]["qr_code"]),
        (&json!("void"), &json!(null))
    );
    shop.reserve(&shop.server.buyer("nora").await, &["Floor A-1"]).await.expect(201);
}

#[tokio::test]
async fn an_organizer_may_refund_against_the_refund_policy() {
    let shop = TestShop::open().await;
    let strict = shop.server.event_with(&shop.organizer, |terms| {
        terms.refund_policy.share = fairseat_domain::money::BasisPoints(0);
    });
    let shop = TestShop { event: strict.await, ..shop };
    let view = shop.bought(&["Floor A-1"]).await;
    let cancel = format!("/orders/{}/cancel", string_of(&view["order_id"]));
    shop.buyer.post(&cancel, json!({})).await.refused(409, "not_refundable");
    let answer = shop.organizer.post(&cancel, json!({})).await;
    assert_eq!(
        (&answer.expect(200)["status"], &answer.json["refunded_amount"]),
        (&json!("refunded"), &json!(100.0))
    );
}

async fn shop_with_half_refunds() -> TestShop {
    let mut shop = TestShop::open().await;
    shop.event = shop
        .server
        .event_with(&shop.organizer, |terms| {
            terms.refund_policy.share = BasisPoints(5_000);
        })
        .await;
    shop
}

async fn bought(shop: &TestShop, seat: &str) -> String {
    let reservation = shop.reserved(&[seat]).await;
    let bought = shop.buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await;
    format!("/orders/{}/cancel", string_of(&bought.expect(201)["order_id"]))
}

#[tokio::test]
async fn an_organizer_chooses_the_amount_of_a_refund() {
    let shop = shop_with_half_refunds().await;
    let finance = shop.server.member("fred", shop.organizer.organization(), Role::Finance).await;
    for (seat, wish, status, amount) in [
        ("Floor A-1", json!({"refund": "policy"}), "refunded", json!(50.0)),
        ("Floor A-2", json!({"refund": "full"}), "refunded", json!(100.0)),
        ("Floor A-3", json!({"refund": "none"}), "cancelled", json!(0.0)),
        ("Floor A-4", json!({}), "refunded", json!(100.0)),
        ("Floor A-5", Value::Null, "refunded", json!(100.0)),
    ] {
        let cancel = bought(&shop, seat).await;
        let cancelled = finance.post(&cancel, wish).await;
        assert_eq!(
            (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
            (&json!(status), &amount)
        );
    }
    let cancel = bought(&shop, "Floor B-1").await;
    let bare = finance.send(axum::http::Method::POST, &cancel, None).await;
    assert_eq!(bare.expect(200)["refunded_amount"], json!(100.0));
}

#[tokio::test]
async fn a_buyer_is_refunded_by_the_refund_policy() {
    let shop = shop_with_half_refunds().await;
    let cancel = bought(&shop, "Floor A-1").await;
    for wish in ["full", "none"] {
        shop.buyer.post(&cancel, json!({"refund": wish})).await.refused(403, "forbidden");
    }
    assert_eq!(shop.buyer.post(&cancel, json!({"refund": "half"})).await.invalid_fields(), ["refund"]);
    let order = cancel.trim_end_matches("/cancel");
    assert_eq!(shop.buyer.get(order).await.expect(200)["refundable_amount"], json!(50.0));
    let keyed = shop.buyer.with_key("back");
    let cancelled = keyed.post(&cancel, json!({"refund": "policy"})).await;
    assert_eq!(cancelled.expect(200)["refunded_amount"], json!(50.0));
    keyed.post(&cancel, json!({})).await.refused(422, "idempotency_mismatch");
    assert_eq!(
        keyed.post(&cancel, json!({"refund": "policy"})).await.header("idempotent-replayed"),
        Some("true")
    );
    assert_eq!(shop.buyer.get(order).await.expect(200)["refundable_amount"], Value::Null);
}
