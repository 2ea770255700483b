//! `PATCH /venues/{venue_id}` and `GET /venues/{venue_id}/seatmap.svg`.

use crate::common::TestServer;
use crate::common::catalogue::enter_venue;
use serde_json::json;

#[tokio::test]
async fn a_venue_is_changed_and_its_seat_map_is_public() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let path = format!("/venues/{}", enter_venue(&organizer).await);
    let changed = organizer.patch(&path, json!({"name": "The Garden", "timezone": "America/Chicago"})).await;
    assert_eq!(
        (&changed.expect(200)["name"], &changed.json["city"]),
        (&json!("The Garden"), &json!("New York"))
    );
    assert_eq!(organizer.patch(&path, json!({"timezone": "x"})).await.invalid_fields(), ["timezone"]);
    organizer.patch(&path, json!({"seating_plan": {}})).await.refused(422, "invalid");
    assert_eq!(organizer.get(&path).await.expect(200)["timezone"], "America/Chicago");
    let picture = server.anonymous().get(&format!("{path}/seatmap.svg")).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, Some("image/svg+xml")));
    let again = server.anonymous().with_header("if-none-match", picture.header("etag").unwrap());
    again.get(&format!("{path}/seatmap.svg")).await.expect(304);
}
