//! `PUT /venues/{venue_id}/seating-plan`.

use crate::common::TestServer;
use crate::common::catalogue::{enter_venue, event_at, with_changes};
use serde_json::{Value, json};

async fn seats_of(server: &TestServer, event: &Value) -> u64 {
    let path = format!("/events/{}/sections", event["event_id"].as_str().unwrap());
    let sections = server.anonymous().get(&path).await.expect(200).clone();
    sections["sections"].as_array().unwrap().iter().map(|section| section["seats"].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn a_new_plan_is_for_events_that_are_made_later() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = enter_venue(&organizer).await;
    let path = format!("/venues/{venue}");
    let before = organizer.post("/events", event_at(&venue)).await.expect(201).clone();
    let capacity = organizer.get(&path).await.expect(200)["capacity"].as_u64().unwrap();
    let picture = server.anonymous().get(&format!("{path}/seatmap.svg")).await;

    let plan = json!({"sections": [{"name": "Pit", "rows": 2, "seats_per_row": 3}]});
    let wrapped = json!({"seating_plan": plan});
    for body in [&plan, &wrapped] {
        let replaced = organizer.put(&format!("{path}/seating-plan"), body.clone()).await;
        assert_eq!(replaced.expect(200)["capacity"], 6);
    }
    assert_eq!(organizer.get(&path).await.expect(200)["capacity"], 6);
    let document = organizer.get(&format!("{path}/seating-plan")).await.expect(200).clone();
    assert_eq!(document["zones"][0]["name"], "Pit");
    let redrawn = server.anonymous().get(&format!("{path}/seatmap.svg")).await;
    assert_ne!(picture.header("etag"), redrawn.header("etag"));

    let after = with_changes(&event_at(&venue), json!({"price_tiers": {"Pit": 10}}));
    let after = organizer.post("/events", after).await.expect(201).clone();
    assert_eq!((seats_of(&server, &before).await, seats_of(&server, &after).await), (capacity, 6));
}

#[tokio::test]
async fn a_bad_plan_changes_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = enter_venue(&organizer).await;
    let path = format!("/venues/{venue}");
    let before = organizer.get(&path).await.expect(200).clone();
    for plan in [json!({"sections": []}), json!({"seating_plan": null}), json!([])] {
        organizer.put(&format!("{path}/seating-plan"), plan).await.refused(422, "invalid");
    }
    assert_eq!(organizer.get(&path).await.expect(200), &before);
}
