//! `GET /events/{event_id}/availability` and `GET /events/{event_id}/seatmap` of an event with 100,000 seats.

use crate::common::TestServer;
use serde_json::{Value, json};

const SECTIONS: usize = 50;

fn stadium() -> Value {
    let section = |number| json!({"name": format!("Block {number}"), "rows": 40, "seats_per_row": 50});
    json!({"sections": (0..SECTIONS).map(section).collect::<Vec<_>>()})
}

#[tokio::test]
async fn the_map_and_availability_of_100_000_seats_are_small() {
    let server = TestServer::start().await;
    let organizer = server.organizer("olga").await;
    let venue = json!({"name": "Stadium", "address": "1 Field", "city": "Boston", "state": "MA", "country": "US",
        "layout_type": "stadium", "seating_plan": stadium()});
    let venue = organizer.post("/venues", venue).await;
    assert_eq!(venue.expect(201)["capacity"], 100_000);
    let prices: Value = (0..SECTIONS).map(|number| (format!("Block {number}"), json!(30.00))).collect();
    let event = json!({"name": "Final", "venue_id": venue.json["venue_id"], "category": "sports",
        "start_time": "2099-05-01T20:00:00Z", "end_time": "2099-05-01T23:00:00Z", "on_sale_time": "2020-01-01T00:00:00Z",
        "price_tiers": prices});
    let event = organizer.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned();
    let path = |rest: &str| format!("/events/{event}{rest}");

    let map = server.anonymous().with_header("accept-encoding", "gzip").get(&path("/seatmap")).await;
    map.expect(200);
    assert_eq!(map.header("content-encoding"), Some("gzip"));
    assert!(map.bytes.len() < 60_000, "{} bytes", map.bytes.len());
    let status = server.anonymous().get(&path("/availability?format=binary")).await;
    status.expect(200);
    assert_eq!(status.bytes.len(), 20 + 100_000 / 4, "a header, and two bits for each seat");

    let before = server.anonymous().get(&path("/availability")).await.expect(200)["version"].clone();
    let buyer = server.buyer("bob").await;
    buyer.post(&path("/reserve"), json!({"seat_indexes": [99_999]})).await.expect(201);
    let since = server.anonymous().get(&path(&format!("/availability?since={before}"))).await;
    let changes = since.expect(200)["changes"].as_array().unwrap().clone();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((&changes[0]["index"], &changes[0]["status"]), (&json!(99_999), &json!("reserved")));
    assert!(since.json["full"].is_null());
}
