//! A reservation that has expired.

use crate::common::test_shop::{GOOD_CARD, TestShop};
use serde_json::json;

#[tokio::test]
async fn an_expired_reservation_is_refused_everywhere_and_its_seats_are_free() {
    let shop = TestShop::open().await;
    let (event, reservation) = shop.server.event_with_expired_reservation(&shop.organizer, &shop.buyer).await;
    let path = format!("/reservations/{reservation}");
    assert_eq!(shop.buyer.get(&path).await.expect(200)["status"], "expired");
    shop.pay(&reservation.to_string(), GOOD_CARD).await.refused(410, "reservation_expired");
    shop.buyer.post(&format!("{path}/extend"), json!({})).await.refused(410, "reservation_expired");
    let change = json!({"add_seat_ids": event.seats(&["Floor A-2"])});
    shop.buyer.patch(&path, change).await.refused(410, "reservation_expired");
    shop.buyer.delete(&path).await.refused(410, "reservation_expired");
    let ned = shop.server.buyer("ned").await;
    ned.post(&event.path("/reserve"), json!({"seat_indexes": [0]})).await.expect(201);
}
