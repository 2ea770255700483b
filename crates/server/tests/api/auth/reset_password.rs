//! `POST /auth/forgot-password` and `POST /auth/reset-password`.

use crate::common::TestServer;
use crate::common::accounts::{links_once_there_are, register};
use serde_json::json;

#[tokio::test]
async fn resetting_a_password_ends_every_session() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let anonymous = server.anonymous();
    let login = async |password: &str| {
        let body = json!({"email": "ada@example.org", "password": password});
        anonymous.post("/auth/login", body).await
    };
    let before = login("lovelace").await.expect(200).clone();
    let forgot = async |email: &str| anonymous.post("/auth/forgot-password", json!({"email": email})).await;
    let (known, unknown) = (forgot("Ada@example.org").await, forgot("eve@example.org").await);
    assert_eq!(known.expect(202), unknown.expect(202));
    assert_eq!(known.json, json!({"status": "accepted"}));

    let links = links_once_there_are(&server, 2).await;
    let (kind, token) = &links[1];
    assert_eq!((kind.as_str(), links.len()), ("reset_password", 2), "nothing for the unknown address");
    let reset = async |password: &str| {
        anonymous.post("/auth/reset-password", json!({"token": token, "password": password})).await
    };
    assert_eq!(reset("short").await.invalid_fields(), ["password"]);
    reset("countess of").await.expect(204);
    assert_eq!(reset("once more!").await.invalid_fields(), ["token"], "used up");
    login("lovelace").await.refused(401, "invalid_credentials");
    login("countess of").await.expect(200);
    let access = before["access_token"].as_str().unwrap();
    anonymous.with_token(access).get("/users/me").await.refused(401, "unauthenticated");
    let refresh = json!({"refresh_token": before["refresh_token"]});
    anonymous.post("/auth/refresh", refresh).await.refused(401, "unauthenticated");
}
