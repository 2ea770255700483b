//! `GET /users/me/export`.

use crate::common::TestServer;
use serde_json::json;

#[tokio::test]
async fn an_export_contains_personal_data_and_no_secrets() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let export = org.get("/users/me/export").await;
    let export = export.expect(200);
    assert_eq!(export["user"]["email"], "org@example.test");
    assert_eq!(export["user"]["organizations"][0]["role"], "owner");
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
    for list in ["orders", "reservations", "tickets"] {
        assert_eq!(export[list], json!([]), "{list}");
    }
    assert!(!export.to_string().contains("argon2"));
}
