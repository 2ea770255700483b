//! `POST /orders/{order_id}/cancel`.

use crate::common::test_sale::{GOOD, Stage, order, text};
use fairseat_domain::money::BasisPoints;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn only_the_buyer_and_managers_cancel_an_order() {
    let stage = Stage::set().await;
    let view = stage.bought(&["Floor A-1", "Floor A-2"]).await;
    let order = format!("/orders/{}", text(&view["order_id"]));
    let cancel = format!("{order}/cancel");
    let foreign = stage.server.organizer("oscar").await;
    let staff = stage.server.staff("stan", &stage.organizer).await;
    for (actor, status, code) in [
        (stage.server.anonymous(), 401, "unauthenticated"),
        (stage.server.buyer("ned").await, 404, "not_found"),
        (foreign, 404, "not_found"),
        (staff, 403, "forbidden"),
    ] {
        actor.get(&order).await.refused(status, code);
        actor.post(&cancel, json!({})).await.refused(status, code);
    }
    stage.organizer.get(&order).await.expect(200);
    for _ in 0..2 {
        let answer = stage.buyer.post(&cancel, json!({})).await;
        let cancelled = answer.expect(200);
        assert_eq!(
            (&cancelled["status"], &cancelled["refunded_amount"]),
            (&json!("refunded"), &json!(200.0))
        );
        assert_eq!(cancelled["currency"], "USD");
    }
    let seen = stage.buyer.get(&order).await;
    assert_eq!(
        (&seen.expect(200)["status"], &seen.json["refund"]["status"]),
        (&json!("refunded"), &json!("completed"))
    );
    assert_eq!(
        (&seen.json["tickets"][0]["status"], &seen.json["tickets"][0]["qr_code"]),
        (&json!("void"), &json!(null))
    );
    stage.reserve(&stage.server.buyer("nora").await, &["Floor A-1"]).await.expect(201);
}

#[tokio::test]
async fn an_organizer_may_refund_against_the_refund_policy() {
    let stage = Stage::set().await;
    let strict = stage.server.event_with(&stage.organizer, |terms| {
        terms.refund_policy.share = fairseat_domain::money::BasisPoints(0);
    });
    let stage = Stage { event: strict.await, ..stage };
    let view = stage.bought(&["Floor A-1"]).await;
    let cancel = format!("/orders/{}/cancel", text(&view["order_id"]));
    stage.buyer.post(&cancel, json!({})).await.refused(409, "not_refundable");
    let answer = stage.organizer.post(&cancel, json!({})).await;
    assert_eq!(
        (&answer.expect(200)["status"], &answer.json["refunded_amount"]),
        (&json!("refunded"), &json!(100.0))
    );
}

async fn stage_with_half_back() -> Stage {
    let mut stage = Stage::set().await;
    stage.event = stage
        .server
        .event_with(&stage.organizer, |terms| {
            terms.refund_policy.share = BasisPoints(5_000);
        })
        .await;
    stage
}

async fn bought(stage: &Stage, seat: &str) -> String {
    let reservation = stage.reserved(&[seat]).await;
    let bought = stage.buyer.post("/orders", order(&reservation, GOOD)).await;
    format!("/orders/{}/cancel", text(&bought.expect(201)["order_id"]))
}

#[tokio::test]
async fn an_organizer_chooses_the_amount_of_a_refund() {
    let stage = stage_with_half_back().await;
    let finance = stage.server.member("fred", stage.organizer.organization(), Role::Finance).await;
    for (seat, wish, status, amount) in [
        ("Floor A-1", json!({"refund": "policy"}), "refunded", json!(50.0)),
        ("Floor A-2", json!({"refund": "full"}), "refunded", json!(100.0)),
        ("Floor A-3", json!({"refund": "none"}), "cancelled", json!(0.0)),
        ("Floor A-4", json!({}), "refunded", json!(100.0)),
        ("Floor A-5", Value::Null, "refunded", json!(100.0)),
    ] {
        let cancel = bought(&stage, seat).await;
        let cancelled = finance.post(&cancel, wish).await;
        assert_eq!(
            (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
            (&json!(status), &amount)
        );
    }
    let cancel = bought(&stage, "Floor B-1").await;
    let bare = finance.send(axum::http::Method::POST, &cancel, None).await;
    assert_eq!(bare.expect(200)["refunded_amount"], json!(100.0));
}

#[tokio::test]
async fn a_buyer_is_refunded_by_the_refund_policy() {
    let stage = stage_with_half_back().await;
    let cancel = bought(&stage, "Floor A-1").await;
    for wish in ["full", "none"] {
        stage.buyer.post(&cancel, json!({"refund": wish})).await.refused(403, "forbidden");
    }
    assert_eq!(stage.buyer.post(&cancel, json!({"refund": "half"})).await.invalid_fields(), ["refund"]);
    let order = cancel.trim_end_matches("/cancel");
    assert_eq!(stage.buyer.get(order).await.expect(200)["refundable_amount"], json!(50.0));
    let keyed = stage.buyer.with_key("back");
    let cancelled = keyed.post(&cancel, json!({"refund": "policy"})).await;
    assert_eq!(cancelled.expect(200)["refunded_amount"], json!(50.0));
    keyed.post(&cancel, json!({})).await.refused(422, "idempotency_mismatch");
    assert_eq!(
        keyed.post(&cancel, json!({"refund": "policy"})).await.header("idempotent-replayed"),
        Some("true")
    );
    assert_eq!(stage.buyer.get(order).await.expect(200)["refundable_amount"], Value::Null);
}
