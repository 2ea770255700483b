//! The sandbox's page where a buyer approves or declines a payment.

use crate::common::test_shop::{CARD_TO_APPROVE, GOOD_CARD, TestShop, string_of};
use serde_json::json;

#[tokio::test]
async fn a_buyer_approves_or_declines_a_payment_on_its_page() {
    let shop = TestShop::open().await;
    for (seat, verdict, status, payment_status) in
        [("Floor A-1", "approve", "confirmed", "completed"), ("Floor A-2", "decline", "pending", "failed")]
    {
        let reservation = shop.reserved(&[seat]).await;
        let answer = shop.pay(&reservation, CARD_TO_APPROVE).await;
        let pending = answer.expect(202).clone();
        assert_eq!(
            (&pending["status"], &pending["next_action"]["type"]),
            (&json!("pending"), &json!("redirect"))
        );
        let order = format!("/orders/{}", string_of(&pending["order_id"]));
        let seen = shop.buyer.get(&order).await;
        assert_eq!(seen.expect(200)["next_action"], pending["next_action"]);
        assert_eq!(seen.json["payment_status"], "pending");
        shop.pay(&reservation, GOOD_CARD).await.refused(409, "payment_in_progress");
        shop.buyer.delete(&format!("/reservations/{reservation}")).await.refused(409, "payment_in_progress");
        shop.buyer.post(&format!("{order}/cancel"), json!({})).await.refused(409, "payment_in_progress");

        let url = string_of(&pending["next_action"]["url"]).replace("http://fairseat.test", "");
        let page = shop.server.anonymous().get(&url).await;
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let answered = shop.server.anonymous().post(&format!("{url}/{verdict}"), json!({})).await;
        assert_eq!(answered.expect(200)["order_status"], status, "{verdict}");
        let seen = shop.buyer.get(&order).await;
        assert_eq!(
            (&seen.expect(200)["status"], &seen.json["payment_status"]),
            (&json!(status), &json!(payment_status))
        );
        let api = format!("/api/v1{url}/approve");
        shop.server.anonymous().post(&api, json!({})).await.refused(409, "conflict");
    }
    let nobodys = format!("/sandbox/payments/{}", uuid::Uuid::nil());
    shop.server.anonymous().get(&nobodys).await.expect(404);
    shop.server.anonymous().post(&format!("{nobodys}/approve"), json!({})).await.refused(404, "not_found");
}
