//! `GET /organizations`.

use crate::common::TestServer;
use serde_json::json;

#[tokio::test]
async fn lists_come_in_pages() {
    let server = TestServer::start().await;
    let (ada, admin) = (server.buyer("ada").await, server.admin().await);
    for name in ["One", "Two", "Three"] {
        ada.post("/organizations", json!({"name": name})).await.expect(201);
    }
    server.organizer("other").await;
    for (actor, total) in [(&ada, 3), (&admin, 4)] {
        let page = actor.get("/organizations?limit=2&offset=2").await.expect(200).clone();
        assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(total), &json!(2), &json!(2)));
        assert_eq!(page["organizations"].as_array().unwrap().len(), total - 2);
        assert_eq!(actor.get("/organizations?limit=101").await.invalid_fields(), ["limit"]);
    }
}
