//! `POST /events/{event_id}/cancel`.

use crate::common::TestServer;
use crate::common::catalogue::{buy, make_event};
use serde_json::json;

#[tokio::test]
async fn cancelling_an_event_refunds_every_order() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({"refund_policy": {"percent": 0}})).await;
    let (bob, eve) = (server.buyer("bob").await, server.buyer("eve").await);
    let orders =
        [(&bob, buy(&bob, &event, "Floor", 2).await), (&eve, buy(&eve, &event, "Standing", 1).await)];
    let path = format!("/events/{event}/cancel");
    for _ in 0..2 {
        let cancelled = organizer.post(&path, json!({})).await;
        assert_eq!(cancelled.expect(200), &json!({"event_id": event, "status": "cancelled", "orders": 2}));
    }
    for (buyer, order) in orders {
        // Cancelling the order waits for the refund that is in progress.
        let id = order["order_id"].as_str().unwrap();
        let refunded = buyer.post(&format!("/orders/{id}/cancel"), json!({})).await;
        assert_eq!(refunded.expect(200)["status"], "refunded");
        assert_eq!(refunded.json["refunded_amount"], order["total_amount"]);
    }
    assert_eq!(server.anonymous().get(&format!("/events/{event}")).await.expect(200)["status"], "cancelled");
    let wish = json!({"best_available": {"quantity": 1}});
    bob.post(&format!("/events/{event}/reserve"), wish).await.refused(409, "sale_closed");
}
