//! `POST /events/{event_id}/seats/block` and `POST /events/{event_id}/seats/unblock`.

use crate::common::TestServer;
use crate::common::catalogue::{buy, make_event, seats, statuses};
use serde_json::json;

#[tokio::test]
async fn blocked_seats_cannot_be_sold_until_they_are_unblocked() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    buy(&server.buyer("bob").await, &event, "Floor", 1).await;
    let before = statuses(&seats(&server, &event).await);
    let taken = before.iter().position(|status| status == "sold").unwrap();
    let free = before.iter().position(|status| status == "available").unwrap();
    let (block, unblock) = (format!("/events/{event}/seats/block"), format!("/events/{event}/seats/unblock"));
    let refused = organizer.post(&block, json!({"seat_indexes": [free, taken]})).await;
    assert_eq!(refused.refused(409, "seat_unavailable")["seats"].as_array().unwrap().len(), 1);
    assert_eq!(statuses(&seats(&server, &event).await), before, "all or none");
    let blocked = organizer.post(&block, json!({"seat_indexes": [free], "reason": "press"})).await;
    assert_eq!(blocked.expect(200), &json!({"blocked": 1}));
    assert_eq!(statuses(&seats(&server, &event).await)[free], "blocked");
    let back = organizer.post(&unblock, json!({"seat_indexes": [free]})).await;
    assert_eq!(back.expect(200), &json!({"unblocked": 1}));
    assert_eq!(organizer.post(&unblock, json!({"seat_indexes": [free]})).await.expect(200)["unblocked"], 0);
    assert_eq!(statuses(&seats(&server, &event).await), before);
    for wrong in [
        json!({}),
        json!({"seat_indexes": []}),
        json!({"seat_indexes": [99_999]}),
        json!({"seat_ids": [event]}),
    ] {
        organizer.post(&block, wrong).await.refused(422, "invalid");
    }
}
