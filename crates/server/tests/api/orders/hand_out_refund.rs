//! `POST /orders/{order_id}/refund/handed-out`.

use crate::common::box_office::{sale_of, sell};
use crate::common::test_shop::{TestShop, string_of};
use serde_json::json;

#[tokio::test]
async fn box_office_refunds_are_handed_out_at_the_box_office() {
    let shop = TestShop::open().await;
    let staff = shop.server.staff("steffi", &shop.organizer).await;
    let order = sell(&shop, &staff, sale_of(&shop, &["Floor A-1"], "cash")).await.expect(201).clone();
    let cancel = format!("/orders/{}/cancel", string_of(&order["order_id"]));
    staff.post(&cancel, json!({})).await.refused(409, "not_refundable");
    let cancelled = shop.organizer.post(&cancel, json!({})).await;
    assert_eq!(
        (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
        (&json!("refunded"), &json!(100.0))
    );

    let order =
        sell(&shop, &staff, sale_of(&shop, &["Floor A-2"], "card_terminal")).await.expect(201).clone();
    let hand_out = format!("/orders/{}/refund/handed-out", string_of(&order["order_id"]));
    shop.organizer.post(&hand_out, json!({})).await.refused(409, "conflict");
    let online = shop.bought(&["Floor A-3"]).await;
    let not_here = format!("/orders/{}/refund/handed-out", string_of(&online["order_id"]));
    shop.organizer.post(&not_here, json!({})).await.refused(409, "conflict");
    shop.organizer.post(&shop.event.path("/cancel"), json!({})).await.expect(200);
    let seen = format!("/orders/{}", string_of(&order["order_id"]));
    assert_eq!(shop.organizer.get(&seen).await.expect(200)["refund"]["status"], "pending");
    staff.post(&hand_out, json!({})).await.refused(403, "forbidden");
    for _ in 0..2 {
        let done = shop.organizer.post(&hand_out, json!({})).await;
        assert_eq!(
            (&done.expect(200)["status"], &done.json["refunded_amount"]),
            (&json!("refunded"), &json!(100.0))
        );
    }
    assert_eq!(shop.organizer.get(&seen).await.expect(200)["status"], "refunded");
    let figures = shop.organizer.get(&shop.event.path("/statistics")).await.expect(200).clone();
    assert_eq!(
        figures["box_office"],
        json!({
            "orders": 0, "tickets": 0, "cash": 0.0, "card_terminal": 0.0, "complimentary_tickets": 0, "in_hand": 0.0,
        })
    );
}
