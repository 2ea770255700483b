//! `POST /reservations/{reservation_id}/extend`.

use crate::common::test_shop::{TestShop, string_of};
use serde_json::json;

#[tokio::test]
async fn a_reservation_is_extended_once() {
    let shop = TestShop::open().await;
    let body = json!({"seat_ids": shop.event.seats(&["Floor A-1", "Floor A-2"]), "hold_duration": 120});
    let answer = shop.buyer.post(&shop.event.path("/reserve"), body).await;
    let path = format!("/reservations/{}", string_of(&answer.expect(201)["reservation_id"]));
    let extended = shop.buyer.send(axum::http::Method::POST, &format!("{path}/extend"), None).await;
    // All times have the same format, so comparing the texts compares the times.
    let (before, after) = (answer.json["expires_at"].as_str(), extended.expect(200)["expires_at"].as_str());
    assert!(before < after, "{before:?} {after:?}");
    shop.buyer.post(&format!("{path}/extend"), json!({})).await.refused(409, "cannot_extend");
}
