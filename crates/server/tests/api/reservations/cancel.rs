//! `DELETE /reservations/{reservation_id}`.

use crate::common::test_shop::{GOOD_CARD, TestShop};
use serde_json::json;

#[tokio::test]
async fn a_cancelled_reservation_frees_its_seats_and_cannot_be_bought() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1", "Floor A-2"]).await;
    let path = format!("/reservations/{reservation}");
    let cancelled = shop.buyer.delete(&path).await;
    assert_eq!(cancelled.expect(200), &json!({"status": "cancelled", "seats_released": 2}));
    assert_eq!(shop.buyer.get(&path).await.expect(200)["status"], "cancelled");
    shop.buyer.delete(&path).await.refused(409, "reservation_cancelled");
    shop.pay(&reservation, GOOD_CARD).await.refused(409, "reservation_cancelled");
    shop.reserve(&shop.server.buyer("ned").await, &["Floor A-1"]).await.expect(201);
}
