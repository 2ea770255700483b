//! Who asks too often is told when to come back, and others are not.

use crate::common::{Answer, TestServer};
use fairseat_edge::limits::Limits;
use serde_json::json;

async fn limited() -> TestServer {
    TestServer::start_with(|settings| settings.limits = Limits::On).await
}

#[track_caller]
fn is_limited(answer: &Answer) {
    answer.refused(429, "rate_limited");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
}

#[tokio::test]
async fn guessing_passwords_slows_down_known_and_unknown_alike() {
    let server = limited().await;
    let ada = json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace"});
    server.anonymous().post("/auth/register", ada).await.expect(201);
    for email in ["ada@example.org", "nobody@example.org"] {
        let eve = server.anonymous().at([198, 51, 100, 7]);
        let guess = async || eve.post("/auth/login", json!({"email": email, "password": "a guess"})).await;
        for _ in 0..5 {
            guess().await.refused(401, "invalid_credentials");
        }
        is_limited(&guess().await);
    }
    let right = json!({"email": "ada@example.org", "password": "lovelace"});
    server.anonymous().at([203, 0, 113, 1]).post("/auth/login", right).await.expect(200);
}

#[tokio::test]
async fn each_class_has_its_bound_by_address() {
    let server = limited().await;
    for (path, body, bound) in [
        ("/auth/register", json!({"email": "", "username": "", "password": ""}), 100),
        ("/auth/login", json!({"email": "x", "password": "y"}), 100),
        ("/auth/forgot-password", json!({"email": "ada@example.org"}), 20),
    ] {
        let eve = server.anonymous().at([198, 51, 100, 8]);
        let mut answer = eve.post(path, body.clone()).await;
        let mut asked = 1;
        while answer.status != 429 {
            assert!(asked <= bound * 2, "{path}");
            answer = eve.post(path, body.clone()).await;
            asked += 1;
        }
        is_limited(&answer);
        let other = server.anonymous().at([203, 0, 113, 2]).post(path, body).await;
        assert_ne!(other.status, 429, "{path}");
    }
}

#[tokio::test]
async fn somebody_signed_in_is_counted_wherever_they_are() {
    let server = limited().await;
    let (ada, bob) = (server.buyer("ada").await, server.buyer("bob").await);
    let mut asked = 0_u8;
    while ada.at([198, 51, 100, asked % 200]).get("/users/me").await.status != 429 {
        asked = asked.checked_add(1).unwrap_or(100);
    }
    is_limited(&ada.at([203, 0, 113, 9]).get("/users/me").await);
    bob.get("/users/me").await.expect(200);
}
