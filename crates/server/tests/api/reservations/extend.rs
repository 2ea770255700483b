//! `POST /reservations/{reservation_id}/extend` and `DELETE /reservations/{reservation_id}`.

use crate::common::test_sale::{GOOD, Stage, text};
use serde_json::json;

#[tokio::test]
async fn a_reservation_is_extended_once_and_cancelled_once() {
    let stage = Stage::set().await;
    let body = json!({"seat_ids": stage.event.seats(&["Floor A-1", "Floor A-2"]), "hold_duration": 120});
    let answer = stage.buyer.post(&stage.event.path("/reserve"), body).await;
    let path = format!("/reservations/{}", text(&answer.expect(201)["reservation_id"]));
    let extended = stage.buyer.send(axum::http::Method::POST, &format!("{path}/extend"), None).await;
    assert_ne!(extended.expect(200)["expires_at"], answer.json["expires_at"]);
    stage.buyer.post(&format!("{path}/extend"), json!({})).await.refused(409, "cannot_extend");
    let released = stage.buyer.delete(&path).await;
    assert_eq!(released.expect(200), &json!({"status": "cancelled", "seats_released": 2}));
    assert_eq!(stage.buyer.get(&path).await.expect(200)["status"], "cancelled");
    stage.buyer.delete(&path).await.refused(409, "reservation_cancelled");
    let id = path.trim_start_matches("/reservations/").to_owned();
    stage.pay(&id, GOOD).await.refused(409, "reservation_cancelled");
    stage.reserve(&stage.server.buyer("ned").await, &["Floor A-1"]).await.expect(201);
}
