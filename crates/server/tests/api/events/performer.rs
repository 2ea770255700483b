//! Who performs at an event, when its doors open, and what lists find by performer, venue and city.

use crate::common::TestServer;
use crate::common::catalogue::{event_at, make_event, with_changes};
use serde_json::json;

#[tokio::test]
async fn an_event_names_its_performer_and_when_doors_open() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let named = json!({"performer": "Taylor Swift", "doors_time": "2036-12-16T00:00:00Z"});
    let id = make_event(&olga, named).await;
    let path = format!("/events/{id}");
    let event = olga.get(&path).await.expect(200).clone();
    assert_eq!(
        (&event["performer"], &event["doors_time"]),
        (&json!("Taylor Swift"), &json!("2036-12-16T00:00:00.000Z"))
    );

    let moved = json!({"start_time": "2036-12-17T02:00:00Z", "end_time": "2036-12-17T04:00:00Z"});
    let moved = olga.patch(&path, moved).await.expect(200).clone();
    assert_eq!(moved["doors_time"], "2036-12-17T01:00:00.000Z", "as long before the start as before");
    let copy = olga.post(&format!("{path}/clone"), json!({"start_time": "2036-12-18T02:00:00Z"})).await;
    let copy = copy.expect(201);
    assert_eq!(
        (&copy["performer"], &copy["doors_time"]),
        (&json!("Taylor Swift"), &json!("2036-12-18T01:00:00.000Z"))
    );

    let late = olga.patch(&path, json!({"doors_time": "2036-12-17T02:00:01Z"})).await;
    assert_eq!(late.expect(422)["errors"][0]["field"], "doors_time");
    let unsaid = json!({"doors_time": "2036-12-17T02:00:00Z", "performer": ""});
    let unsaid = olga.patch(&path, unsaid).await.expect(200).clone();
    assert!(unsaid.get("doors_time").is_none() && unsaid.get("performer").is_none(), "{unsaid}");
}

#[tokio::test]
async fn events_are_found_by_venue_and_cities_are_listed() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let id = make_event(&olga, json!({"performer": "Taylor Swift"})).await;
    let venue = olga.get(&format!("/events/{id}")).await.expect(200)["venue"]["venue_id"].clone();
    let venue = venue.as_str().unwrap();
    olga.post("/events", with_changes(&event_at(venue), json!({"draft": true}))).await.expect(201);
    make_event(&olga, json!({})).await;
    server.wait_for_all_views().await;
    let visitor = server.anonymous();
    let there = visitor.get(&format!("/events?venue_id={venue}")).await.expect(200).clone();
    assert_eq!((&there["total"], &there["events"][0]["event_id"]), (&json!(1), &json!(id)));
    let nowhere = visitor.get("/events?venue_id=7e2d1a34-0f3c-4f4e-9e0b-6f1f2d0f9b11").await;
    assert_eq!(nowhere.expect(200)["total"], 0);
    let cities = visitor.get("/cities").await.expect(200).clone();
    assert_eq!(
        cities["cities"],
        json!([{"city": "New York", "state": "NY", "country": "US", "events": 2}]),
        "no drafts"
    );
    for refused in ["when=tomorrow", "sort=-bookable", "venue_id=x"] {
        let status = visitor.get(&format!("/events?{refused}")).await.status.as_u16();
        assert!([400, 422].contains(&status), "{refused}");
    }
}
