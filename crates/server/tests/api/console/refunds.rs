//! How much goes back: all, by the policy, nothing; and who may say so.

use crate::buying::{Fixture, GOOD, order, text};
use fairseat_domain::money::BasisPoints;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

async fn fixture_with_half_back() -> Fixture {
    let mut fixture = Fixture::start().await;
    fixture.event = fixture
        .server
        .event_with(&fixture.organizer, |terms| {
            terms.refund_policy.share = BasisPoints(5_000);
        })
        .await;
    fixture
}

async fn bought(fixture: &Fixture, seat: &str) -> String {
    let reservation = fixture.reserved(&[seat]).await;
    let bought = fixture.buyer.post("/orders", order(&reservation, GOOD)).await;
    format!("/orders/{}/cancel", text(&bought.expect(201)["order_id"]))
}

#[tokio::test]
async fn an_organizer_says_how_much_goes_back() {
    let fixture = fixture_with_half_back().await;
    let finance = fixture.server.member("fred", fixture.organizer.organization(), Role::Finance).await;
    for (seat, wish, status, amount) in [
        ("Floor A-1", json!({"refund": "policy"}), "refunded", json!(50.0)),
        ("Floor A-2", json!({"refund": "full"}), "refunded", json!(100.0)),
        ("Floor A-3", json!({"refund": "none"}), "cancelled", json!(0.0)),
        ("Floor A-4", json!({}), "refunded", json!(100.0)),
        ("Floor A-5", Value::Null, "refunded", json!(100.0)),
    ] {
        let cancel = bought(&fixture, seat).await;
        let cancelled = finance.post(&cancel, wish).await;
        assert_eq!(
            (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
            (&json!(status), &amount)
        );
    }
    let cancel = bought(&fixture, "Floor B-1").await;
    let bare = finance.send(axum::http::Method::POST, &cancel, None).await;
    assert_eq!(bare.expect(200)["refunded_amount"], json!(100.0));
}

#[tokio::test]
async fn a_buyer_has_what_the_policy_says() {
    let fixture = fixture_with_half_back().await;
    let cancel = bought(&fixture, "Floor A-1").await;
    for wish in ["full", "none"] {
        fixture.buyer.post(&cancel, json!({"refund": wish})).await.refused(403, "forbidden");
    }
    assert_eq!(fixture.buyer.post(&cancel, json!({"refund": "half"})).await.invalid_fields(), ["refund"]);
    let order = cancel.trim_end_matches("/cancel");
    assert_eq!(fixture.buyer.get(order).await.expect(200)["refundable_amount"], json!(50.0));
    let keyed = fixture.buyer.with_key("back");
    let cancelled = keyed.post(&cancel, json!({"refund": "policy"})).await;
    assert_eq!(cancelled.expect(200)["refunded_amount"], json!(50.0));
    keyed.post(&cancel, json!({})).await.refused(422, "idempotency_mismatch");
    assert_eq!(
        keyed.post(&cancel, json!({"refund": "policy"})).await.header("idempotent-replayed"),
        Some("true")
    );
    assert_eq!(fixture.buyer.get(order).await.expect(200)["refundable_amount"], Value::Null);
}
