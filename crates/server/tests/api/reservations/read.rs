//! A reservation that has expired.

use crate::common::test_sale::{GOOD, Stage};
use serde_json::json;

#[tokio::test]
async fn an_expired_reservation_is_refused_everywhere_and_its_seats_are_free() {
    let stage = Stage::set().await;
    let (event, reservation) = stage.server.event_of_yesterday(&stage.organizer, &stage.buyer).await;
    let path = format!("/reservations/{reservation}");
    assert_eq!(stage.buyer.get(&path).await.expect(200)["status"], "expired");
    stage.pay(&reservation.to_string(), GOOD).await.refused(410, "reservation_expired");
    stage.buyer.post(&format!("{path}/extend"), json!({})).await.refused(410, "reservation_expired");
    let change = json!({"add_seat_ids": event.seats(&["Floor A-2"])});
    stage.buyer.patch(&path, change).await.refused(410, "reservation_expired");
    stage.buyer.delete(&path).await.refused(410, "reservation_expired");
    let ned = stage.server.buyer("ned").await;
    ned.post(&event.path("/reserve"), json!({"seat_indexes": [0]})).await.expect(201);
}
