//! `POST /auth/refresh`.

use crate::common::TestServer;
use crate::common::accounts::{login, refresh, sign_in, with_access_token};

#[tokio::test]
async fn a_refresh_token_that_is_used_again_ends_the_session() {
    let server = TestServer::start().await;
    let first = sign_in(&server).await;
    let second = refresh(&server, &first["refresh_token"]).await.expect(200).clone();
    let tab = refresh(&server, &first["refresh_token"]).await;
    tab.expect(200);
    let third = refresh(&server, &second["refresh_token"]).await.expect(200).clone();
    with_access_token(&server, &third["access_token"]).get("/users/me").await.expect(200);

    refresh(&server, &first["refresh_token"]).await.refused(401, "unauthenticated");
    for token in [&third["refresh_token"], &tab.json["refresh_token"], &second["refresh_token"]] {
        refresh(&server, token).await.refused(401, "unauthenticated");
    }
    for token in [&first, &second, &third].map(|tokens| &tokens["access_token"]) {
        with_access_token(&server, token).get("/users/me").await.refused(401, "unauthenticated");
    }
    login(&server, "ada@example.org", "lovelace").await.expect(200);
}
