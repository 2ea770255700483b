//! `POST /auth/logout`.

use crate::common::TestServer;
use crate::common::accounts::{login, refresh, sign_in, with_access_token};
use serde_json::json;

#[tokio::test]
async fn signing_out_ends_one_session_and_no_other() {
    let server = TestServer::start().await;
    let here = sign_in(&server).await;
    let there = login(&server, "ada@example.org", "lovelace").await.expect(200).clone();
    with_access_token(&server, &here["access_token"]).get("/users/me").await.expect(200);
    let out = with_access_token(&server, &here["access_token"])
        .send("POST".parse().unwrap(), "/auth/logout", None)
        .await;
    out.expect(204);
    with_access_token(&server, &here["access_token"]).get("/users/me").await.refused(401, "unauthenticated");
    refresh(&server, &here["refresh_token"]).await.refused(401, "unauthenticated");
    with_access_token(&server, &there["access_token"]).get("/users/me").await.expect(200);

    let token = json!({"refresh_token": there["refresh_token"]});
    let expired = with_access_token(&server, &json!("an.old.token"));
    expired.post("/auth/logout", token.clone()).await.expect(204);
    refresh(&server, &there["refresh_token"]).await.refused(401, "unauthenticated");
    server.anonymous().post("/auth/logout", token).await.expect(204);
    server
        .anonymous()
        .send("POST".parse().unwrap(), "/auth/logout", None)
        .await
        .refused(401, "unauthenticated");
}
