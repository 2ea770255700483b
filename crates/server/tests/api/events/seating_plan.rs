//! `PUT /events/{event_id}/seating-plan`.

use crate::common::TestServer;
use crate::common::catalogue::{buy, make_event};
use serde_json::json;

#[tokio::test]
async fn a_new_seating_plan_keeps_sold_seats() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let bob = server.buyer("bob").await;
    // Row A has the wheelchair place, which is not sold by best available, so four seats together are in a row that the new plan drops.
    let order = buy(&bob, &event, "Floor", 4).await;
    let smaller = json!({"sections": [
        {"name": "Floor", "rows": 1, "seats_per_row": 5}, {"name": "Standing", "general_admission": 20},
    ]});
    let path = format!("/events/{event}/seating-plan");
    let changed = organizer.put(&path, json!({"seating_plan": smaller.clone()})).await;
    let answer = changed.expect(200);
    assert_eq!((&answer["kept"], &answer["added"], &answer["removed"]), (&json!(24), &json!(1), &json!(8)));
    let again = organizer.put(&path, smaller).await;
    assert_eq!(again.expect(200)["removed"], 0, "the bare plan is taken too, and changes nothing");
    let shown = server.anonymous().get(&format!("/events/{event}")).await;
    assert_eq!(shown.expect(200)["available_seats"], 25, "five seats in row A and twenty places");
    let kept = bob.get(&format!("/orders/{}", order["order_id"].as_str().unwrap())).await;
    assert_eq!(kept.expect(200)["tickets"], order["tickets"], "sold seats stay sold, in the plan or not");
    organizer.put(&path, json!({"sections": 3})).await.refused(422, "invalid");
}
