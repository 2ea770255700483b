//! Signing in, staying signed in, signing out; tokens that were made up, or are over.

use crate::common::{Actor, Answer, TestServer};
use fairseat_app::access::{AccessTokens, SessionClaims};
use fairseat_app::keys::{Keys, rotate_token_keys};
use fairseat_domain::time::Millis;
use fairseat_store::SessionId;
use serde_json::{Value, json};

/// Registers and signs in.
async fn sign_in(server: &TestServer) -> Value {
    let ada = json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace"});
    server.anonymous().post("/auth/register", ada).await.expect(201);
    login(server, "ada@example.org", "lovelace").await.expect(200).clone()
}

async fn login(server: &TestServer, email: &str, password: &str) -> Answer {
    server.anonymous().post("/auth/login", json!({"email": email, "password": password})).await
}

async fn refresh(server: &TestServer, token: &Value) -> Answer {
    server.anonymous().post("/auth/refresh", json!({"refresh_token": token})).await
}

fn with(server: &TestServer, access_token: &Value) -> Actor {
    server.anonymous().with_token(access_token.as_str().unwrap())
}

#[tokio::test]
async fn signing_in_answers_as_the_contract_says() {
    let server = TestServer::start().await;
    let answer = sign_in(&server).await;
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 900);
    assert_eq!(answer["user"]["email"], "ada@example.org");
    let me = with(&server, &answer["access_token"]).get("/users/me").await;
    assert_eq!(*me.expect(200), answer["user"]);
    let shouted = login(&server, " ADA@Example.org ", "lovelace").await;
    assert_eq!(shouted.expect(200)["user"], answer["user"]);
}

#[tokio::test]
async fn wrong_and_unknown_are_answered_alike() {
    let server = TestServer::start().await;
    sign_in(&server).await;
    let wrong = login(&server, "ada@example.org", "lovelacf").await;
    let unknown = login(&server, "eve@example.org", "lovelace").await;
    wrong.refused(401, "invalid_credentials");
    assert_eq!(wrong.json, unknown.json);
    let names = |answer: &Answer| answer.headers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
}

#[tokio::test]
async fn refreshing_goes_on_and_reuse_ends_the_session() {
    let server = TestServer::start().await;
    let first = sign_in(&server).await;
    let second = refresh(&server, &first["refresh_token"]).await.expect(200).clone();
    let tab = refresh(&server, &first["refresh_token"]).await;
    tab.expect(200);
    let third = refresh(&server, &second["refresh_token"]).await.expect(200).clone();
    with(&server, &third["access_token"]).get("/users/me").await.expect(200);

    refresh(&server, &first["refresh_token"]).await.refused(401, "unauthenticated");
    for token in [&third["refresh_token"], &tab.json["refresh_token"], &second["refresh_token"]] {
        refresh(&server, token).await.refused(401, "unauthenticated");
    }
    for token in [&first, &second, &third].map(|tokens| &tokens["access_token"]) {
        with(&server, token).get("/users/me").await.refused(401, "unauthenticated");
    }
    login(&server, "ada@example.org", "lovelace").await.expect(200);
}

#[tokio::test]
async fn signing_out_ends_one_session_at_once() {
    let server = TestServer::start().await;
    let here = sign_in(&server).await;
    let there = login(&server, "ada@example.org", "lovelace").await.expect(200).clone();
    with(&server, &here["access_token"]).get("/users/me").await.expect(200);
    let out = with(&server, &here["access_token"]).send("POST".parse().unwrap(), "/auth/logout", None).await;
    out.expect(204);
    with(&server, &here["access_token"]).get("/users/me").await.refused(401, "unauthenticated");
    refresh(&server, &here["refresh_token"]).await.refused(401, "unauthenticated");
    with(&server, &there["access_token"]).get("/users/me").await.expect(200);

    let token = json!({"refresh_token": there["refresh_token"]});
    let expired = with(&server, &json!("an.old.token"));
    expired.post("/auth/logout", token.clone()).await.expect(204);
    refresh(&server, &there["refresh_token"]).await.refused(401, "unauthenticated");
    server.anonymous().post("/auth/logout", token).await.expect(204);
    server
        .anonymous()
        .send("POST".parse().unwrap(), "/auth/logout", None)
        .await
        .refused(401, "unauthenticated");
}

#[tokio::test]
async fn tokens_that_are_not_good_are_refused_everywhere() {
    let server = TestServer::start().await;
    let answer = sign_in(&server).await;
    let good = answer["access_token"].as_str().unwrap();
    let account = server.store().users().by_email("ada@example.org").await.unwrap().unwrap().id;
    let session = server.store().sessions().list(account, server.app.now()).await.unwrap()[0].id;
    let grant = SessionClaims { account, session, auth_epoch: 0 };
    let issue = |grant, age_s| {
        let then = server.app.now().minus(Millis::from_seconds(age_s));
        server.app.access.tokens.issue(grant, then).unwrap()
    };
    let foreign_dir = tempfile::tempdir().unwrap();
    let foreign = AccessTokens::new(&Keys::load_or_create(foreign_dir.path()).unwrap().tokens);
    assert_eq!(with(&server, &json!(issue(grant, 0))).get("/users/me").await.status, 200);
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
            let refused = with(&server, &json!(token)).get(path).await;
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
async fn tokens_outlive_a_rotation_of_the_key() {
    let server = TestServer::start().await;
    let answer = sign_in(&server).await;
    let rotated = AccessTokens::new(&rotate_token_keys(server.folder()).unwrap());
    let token = answer["access_token"].as_str().unwrap();
    assert!(rotated.verify(token, server.app.now()).is_some());
}
