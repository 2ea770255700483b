//! `PATCH /reservations/{reservation_id}`.

use crate::common::test_shop::TestShop;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn seats_are_added_to_a_reservation_and_removed() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1", "Floor A-2"]).await;
    let path = format!("/reservations/{reservation}");
    let seats = |labels: &[&str]| json!(shop.event.seats(labels));
    let change = json!({"add_seat_ids": seats(&["Balcony A-1"]), "remove_seat_ids": seats(&["Floor A-1"])});
    let answer = shop.buyer.patch(&path, change).await;
    let view = answer.expect(200);
    assert_eq!(view["seat_ids"], seats(&["Floor A-2", "Balcony A-1"]));
    assert_eq!(view["total_amount"], json!(150.0));
    for (body, fields) in [
        (json!({}), &["add_seat_ids"][..]),
        (json!({"remove_seat_ids": seats(&["Floor C-1"])}), &["remove_seat_ids[0]"][..]),
        (json!({"add_seat_ids": seats(&["Floor C-1", "Floor C-1"])}), &["add_seat_ids[1]"][..]),
        (
            json!({"add_seat_ids": [Uuid::nil()], "remove_seat_ids": [Uuid::nil()]}),
            &["add_seat_ids[0]", "remove_seat_ids[0]"][..],
        ),
        (json!({"remove_seat_ids": seats(&["Floor A-2", "Balcony A-1"])}), &["remove_seat_ids"][..]),
    ] {
        assert_eq!(shop.buyer.patch(&path, body.clone()).await.invalid_fields(), fields, "{body}");
    }
    let ned = shop.server.buyer("ned").await;
    shop.reserve(&ned, &["Floor C-1"]).await.expect(201);
    let answer = shop.buyer.patch(&path, json!({"add_seat_ids": seats(&["Floor C-1"])})).await;
    answer.refused(409, "seat_unavailable");
}
