//! `GET /events/{event_id}`.

use crate::common::TestServer;
use crate::common::catalogue::{enter_venue, event_at, with_changes};
use serde_json::json;

#[tokio::test]
async fn the_status_of_an_event_follows_its_times() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = enter_venue(&organizer).await;
    for (times, expected) in [
        (json!({}), "on_sale"),
        (json!({"on_sale_time": "2036-01-01T00:00:00Z"}), "upcoming"),
        (json!({"sales_end_time": "2026-02-01T00:00:00Z"}), "sold_out"),
    ] {
        let created = organizer.post("/events", with_changes(&event_at(&venue), times)).await;
        let id = created.expect(201)["event_id"].as_str().unwrap();
        assert_eq!(created.json["status"], expected);
        let found = server.anonymous().get(&format!("/events?status={expected}")).await;
        assert_eq!(
            (&found.expect(200)["total"], found.json["events"][0]["event_id"].as_str()),
            (&json!(1), Some(id))
        );
    }
}
