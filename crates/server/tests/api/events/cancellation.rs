//! `GET /events/{event_id}/cancellation`.

use crate::common::test_shop::TestShop;
use serde_json::json;

#[tokio::test]
async fn cancelling_an_event_without_orders_would_refund_nothing() {
    let shop = TestShop::open().await;
    let preview = shop.organizer.get(&shop.event.path("/cancellation")).await.expect(200).clone();
    assert_eq!(
        preview,
        json!({
            "event_id": shop.event.id, "orders": 0, "box_office_orders": 0, "tickets": 0, "people": 0,
            "refund_amount": 0.0, "box_office_refund_amount": 0.0, "currency": "USD",
            "reservations": 0, "reserved_seats": 0, "paying": 0,
        })
    );
}

#[tokio::test]
async fn the_preview_of_a_cancellation_is_what_the_cancellation_refunds() {
    let shop = TestShop::open().await;
    shop.bought(&["Floor A-1", "Floor A-2"]).await;
    shop.bought(&["Balcony A-1"]).await;
    shop.reserved(&["Floor B-1", "Floor B-2"]).await;
    let sale = json!({"seat_ids": shop.event.seats(&["Floor C-1"]), "payment": "cash"});
    shop.organizer.post(&shop.event.path("/box-office"), sale).await.expect(201);
    let path = shop.event.path("/cancellation");
    let preview = shop.organizer.get(&path).await.expect(200).clone();
    for (field, expected) in [
        ("orders", json!(3)),
        ("box_office_orders", json!(1)),
        ("tickets", json!(4)),
        ("people", json!(1)),
        ("refund_amount", json!(250.0)),
        ("box_office_refund_amount", json!(100.0)),
        ("reservations", json!(1)),
        ("reserved_seats", json!(2)),
    ] {
        assert_eq!(preview[field], expected, "{field}: {preview}");
    }
    let cancelled = shop.organizer.post(&shop.event.path("/cancel"), json!({})).await;
    assert_eq!(cancelled.expect(200)["orders"], preview["orders"]);
    let after = shop.organizer.get(&path).await.expect(200).clone();
    assert_eq!((&after["orders"], &after["reservations"]), (&json!(0), &json!(0)));
}
