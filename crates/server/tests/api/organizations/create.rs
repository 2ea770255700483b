//! `POST /organizations`.

use crate::common::TestServer;
use serde_json::json;

#[tokio::test]
async fn the_founder_owns_a_new_organization() {
    let server = TestServer::start().await;
    let ada = server.buyer("ada").await;
    assert_eq!(ada.get("/organizations").await.expect(200)["total"], 0);
    let founded =
        ada.post("/organizations", json!({"name": " Analytical Engines "})).await.expect(201).clone();
    assert_eq!((&founded["name"], &founded["role"]), (&json!("Analytical Engines"), &json!("owner")));
    let list = ada.get("/organizations").await;
    assert_eq!(list.expect(200)["organizations"], json!([founded]));
    let path = format!("/organizations/{}/members", founded["organization_id"].as_str().unwrap());
    let members = ada.get(&path).await.expect(200).clone();
    assert_eq!(members["members"][0]["email"], "ada@example.test");
    assert_eq!(members["total"], 1);
    for (body, field) in
        [(json!({}), "name"), (json!({"name": " "}), "name"), (json!({"name": "x".repeat(201)}), "name")]
    {
        assert_eq!(ada.post("/organizations", body).await.invalid_fields(), [field]);
    }
}
