//! `DELETE /events/{event_id}`.

use crate::common::TestServer;
use crate::common::catalogue::{buy, make_event};
use serde_json::json;

#[tokio::test]
async fn an_event_is_deleted_or_made_a_draft_only_while_nothing_is_sold() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let (sold, empty) = (make_event(&organizer, json!({})).await, make_event(&organizer, json!({})).await);
    let bob = server.buyer("bob").await;
    buy(&bob, &sold, "Floor", 1).await;
    organizer.delete(&format!("/events/{sold}")).await.refused(409, "has_orders");
    organizer.patch(&format!("/events/{sold}"), json!({"draft": true})).await.refused(409, "has_orders");
    let wish = json!({"best_available": {"quantity": 1}});
    let held = bob.post(&format!("/events/{empty}/reserve"), wish).await;
    organizer.delete(&format!("/events/{empty}")).await.expect(204);
    server.anonymous().get(&format!("/events/{empty}")).await.refused(404, "not_found");
    let reservation = held.expect(201)["reservation_id"].as_str().unwrap();
    let order = json!({"reservation_id": reservation, "payment_method": "credit_card",
        "payment_details": {"card_number": "4242424242424242", "expiry": "12/40", "cvv": "123"}});
    bob.post("/orders", order).await.refused(409, "reservation_cancelled");
}
