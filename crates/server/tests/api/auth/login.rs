//! `POST /auth/login`.

use crate::common::accounts::{login, register, sign_in, with_access_token};
use crate::common::{Answer, TestServer};
use serde_json::json;

#[tokio::test]
async fn signing_in_answers_with_tokens_and_the_account() {
    let server = TestServer::start().await;
    let answer = sign_in(&server).await;
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["expires_in"], 900);
    assert_eq!(answer["user"]["email"], "ada@example.org");
    let me = with_access_token(&server, &answer["access_token"]).get("/users/me").await;
    assert_eq!(*me.expect(200), answer["user"]);
    let shouted = login(&server, " ADA@Example.org ", "lovelace").await;
    assert_eq!(shouted.expect(200)["user"], answer["user"]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
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
async fn a_password_hashed_at_another_cost_is_rehashed_when_its_owner_signs_in() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let users = server.store().users();
    let hash = async || users.by_email("ada@example.org").await.unwrap().unwrap().password_hash;
    let today = hash().await;
    let old = fairseat_app::access::Passwords::new(fairseat_app::access::PasswordCost {
        memory_kib: 16,
        passes: 1,
    });
    let password = fairseat_app::access::Password::new("lovelace".to_owned());
    let old = old.unwrap().hash(password, [0, 0]).await.unwrap();
    let ada = users.by_email("ada@example.org").await.unwrap().unwrap();
    users.rehash(ada.id, today, old.clone()).await.unwrap();
    let body = json!({"email": "ada@example.org", "password": "lovelace"});
    server.anonymous().post("/auth/login", body.clone()).await.expect(200);
    assert_ne!(hash().await, old);
    assert!(hash().await.0.contains("$m=8,"));
    server.anonymous().post("/auth/login", body).await.expect(200);
}
