//! `GET /events/{event_id}/cancellation`.

use crate::common::test_sale::Stage;
use serde_json::json;

#[tokio::test]
async fn cancelling_an_event_without_orders_would_refund_nothing() {
    let stage = Stage::set().await;
    let preview = stage.organizer.get(&stage.event.path("/cancellation")).await.expect(200).clone();
    assert_eq!(
        preview,
        json!({
            "event_id": stage.event.id, "orders": 0, "box_office_orders": 0, "tickets": 0, "people": 0,
            "refund_amount": 0.0, "box_office_refund_amount": 0.0, "currency": "USD",
            "reservations": 0, "reserved_seats": 0, "paying": 0,
        })
    );
}

#[tokio::test]
async fn the_preview_of_a_cancellation_is_what_the_cancellation_refunds() {
    let stage = Stage::set().await;
    stage.bought(&["Floor A-1", "Floor A-2"]).await;
    stage.bought(&["Balcony A-1"]).await;
    stage.reserved(&["Floor B-1", "Floor B-2"]).await;
    let sale = json!({"seat_ids": stage.event.seats(&["Floor C-1"]), "payment": "cash"});
    stage.organizer.post(&stage.event.path("/box-office"), sale).await.expect(201);
    let path = stage.event.path("/cancellation");
    let preview = stage.organizer.get(&path).await.expect(200).clone();
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
    let cancelled = stage.organizer.post(&stage.event.path("/cancel"), json!({})).await;
    assert_eq!(cancelled.expect(200)["orders"], preview["orders"]);
    let after = stage.organizer.get(&path).await.expect(200).clone();
    assert_eq!((&after["orders"], &after["reservations"]), (&json!(0), &json!(0)));
}
