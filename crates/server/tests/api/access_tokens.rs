//! Access tokens: which of them the server accepts.

use crate::common::TestServer;
use crate::common::accounts::{sign_in, with_access_token};
use fairseat_app::access::{AccessTokens, SessionClaims};
use fairseat_app::keys::{Keys, rotate_token_keys};
use fairseat_domain::time::Millis;
use fairseat_store::SessionId;
use serde_json::json;

#[tokio::test]
async fn invalid_access_tokens_are_refused() {
    let server = TestServer::start().await;
    let answer = sign_in(&server).await;
    let good = answer["access_token"].as_str().unwrap();
    let account = server.store().users().by_email("ada@example.org").await.unwrap().unwrap().id;
    let session = server.store().sessions().list(account, server.app.now()).await.unwrap()[0].id;
    let grant = SessionClaims { account, session };
    let issue = |grant, age_s| {
        let then = server.app.now().minus(Millis::from_seconds(age_s));
        server.app.access.tokens.issue(grant, then).unwrap()
    };
    let foreign_dir = tempfile::tempdir().unwrap();
    let foreign = AccessTokens::new(&Keys::load_or_create(foreign_dir.path()).unwrap().tokens);
    assert_eq!(with_access_token(&server, &json!(issue(grant, 0))).get("/users/me").await.status, 200);
    for (token, why) in [
        (issue(grant, 901), "over"),
        (issue(SessionClaims { session: SessionId::random(), ..grant }, 0), "no such session"),
        (issue(SessionClaims { account: fairseat_domain::ids::AccountId(1), ..grant }, 0), "no such account"),
        (foreign.issue(grant, server.app.now()).unwrap(), "signed by another installation"),
        (format!("{good}x"), "changed"),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), "alg none"),
        ("é".to_owned(), "not ASCII"),
        ("x".repeat(5_000), "huge"),
        (String::new(), "empty"),
    ] {
        for path in ["/users/me", "/organizations"] {
            let refused = with_access_token(&server, &json!(token)).get(path).await;
            refused.refused(401, "unauthenticated");
            assert!(refused.header("www-authenticate").is_some(), "{why}");
        }
    }
    for header in ["Basic YTpi", "Bearer", good, "Token x"] {
        let refused = server.anonymous().with_header("authorization", header).get("/users/me").await;
        refused.refused(401, "unauthenticated");
    }
    let lower = server.anonymous().with_header("authorization", &format!("bearer {good}"));
    lower.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn access_tokens_stay_valid_after_the_keys_are_rotated() {
    let server = TestServer::start().await;
    let answer = sign_in(&server).await;
    let rotated = AccessTokens::new(&rotate_token_keys(server.folder()).unwrap());
    let token = answer["access_token"].as_str().unwrap();
    assert!(rotated.verify(token, server.app.now()).is_some());
}
