//! `DELETE /venues/{venue_id}`.

use crate::common::TestServer;
use crate::common::catalogue::{enter_venue, event_at};

#[tokio::test]
async fn a_venue_without_events_is_deleted() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = enter_venue(&organizer).await;
    let path = format!("/venues/{venue}");
    let event = organizer.post("/events", event_at(&venue)).await.expect(201)["event_id"].clone();
    let refused = organizer.delete(&path).await;
    assert!(
        refused.refused(409, "has_events")["detail"].as_str().unwrap().starts_with("1 event takes place")
    );
    organizer.get(&path).await.expect(200);

    organizer.delete(&format!("/events/{}", event.as_str().unwrap())).await.expect(204);
    organizer.delete(&path).await.expect(204);
    for gone in [path.clone(), format!("{path}/seating-plan"), format!("{path}/seatmap.svg")] {
        organizer.get(&gone).await.refused(404, "not_found");
    }
    organizer.delete(&path).await.refused(404, "not_found");
    assert_eq!(organizer.get("/venues").await.expect(200)["total"], 0);
    organizer.post("/events", event_at(&venue)).await.refused(404, "not_found");
}
