//! Replacing the plan of a venue, and deleting a venue.

use super::{at_work, venue};
use crate::common::TestServer;
use crate::common::browser::{html_of, location};
use serde_json::json;

#[tokio::test]
async fn a_venue_is_deleted_after_a_question() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let page = format!("/console/venues/{venue}");
    let delete = format!("{page}/delete");
    assert!(html_of(&fred.page(&page).await).contains(&delete));
    assert!(html_of(&fred.page(&delete).await).contains("Delete this venue?"));
    let event = json!({"name": "Play", "venue_id": venue, "start_time": "2100-01-01T20:00:00Z",
        "end_time": "2100-01-01T23:00:00Z", "category": "theater", "on_sale_time": "2099-01-01T00:00:00Z",
        "price_tiers": {"A": 10}});
    let event = fred.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned();
    let refused = fred.form(&delete, "").await;
    refused.expect(409);
    assert!(html_of(&refused).contains("1 event takes place at this venue."));
    fred.delete(&format!("/events/{event}")).await.expect(204);
    let list = format!("/console/venues?organization={organization}");
    assert_eq!(location(&fred.form(&delete, "").await), list);
    assert_eq!(location(&fred.form(&delete, "").await), "/console/venues", "a second time");
}

#[tokio::test]
async fn a_plan_is_replaced_on_a_page_of_its_own() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let page = html_of(&fred.page(&format!("/console/venues/{venue}/plan")).await);
    let address = format!("data-address=\"/api/v1/venues/{venue}/seating-plan\"");
    assert!(page.contains("data-method=\"PUT\"") && page.contains(&address), "{page}");
}
