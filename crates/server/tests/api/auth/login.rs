//! `POST /auth/login`.

use crate::common::accounts::{links_once_there_are, login, register, sign_in, with_access_token};
use crate::common::browser::{PASSWORD, location, registered};
use crate::common::{Actor, Answer, TestServer};
use fairseat_edge::limits::RateLimiting;
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

/// A server with limits, on which strangers at four addresses have tried five passwords each for this address.
async fn under_attack(server: &TestServer, email: &str) {
    for stranger in 1..=4 {
        let stranger = server.anonymous().at([198, 51, 100, stranger]);
        for _ in 0..5 {
            let guess = json!({"email": email, "password": "a wrong guess"});
            stranger.post("/auth/login", guess).await.refused(401, "invalid_credentials");
        }
    }
}

async fn limited() -> TestServer {
    TestServer::start_with(|settings| settings.limits = RateLimiting::On).await
}

#[tokio::test]
async fn the_owners_device_gets_in_from_a_new_address_while_strangers_guess() {
    let server = limited().await;
    register(&server, "ada@example.org", "lovelace").await;
    let sign_in = async |from: u8, password: &str, device: &serde_json::Value| {
        let body = json!({"email": "ada@example.org", "password": password, "device_token": device});
        server.anonymous().at([203, 0, 113, from]).post("/auth/login", body).await
    };
    let device = sign_in(1, "lovelace", &json!(null)).await.expect(200)["device_token"].clone();
    under_attack(&server, "ada@example.org").await;
    sign_in(2, "lovelace", &json!(null)).await.refused(429, "rate_limited");
    for made_up in ["", "x", "00000000000000000000000000000000", &device.as_str().unwrap().replace('a', "b")]
    {
        sign_in(2, "lovelace", &json!(made_up)).await.refused(429, "rate_limited");
    }
    let again = sign_in(2, "lovelace", &device).await.expect(200)["device_token"].clone();
    assert_eq!(again, device, "the device is known already");
    // The token is worth five guesses, for the account that it names alone.
    for _ in 0..5 {
        sign_in(3, "a wrong guess", &device).await.refused(401, "invalid_credentials");
    }
    sign_in(4, "a wrong guess", &device).await.refused(429, "rate_limited");
    register(&server, "bob@example.org", "lovelace").await;
    under_attack(&server, "bob@example.org").await;
    let bob = json!({"email": "bob@example.org", "password": "lovelace", "device_token": device});
    server.anonymous().at([203, 0, 113, 5]).post("/auth/login", bob).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn a_link_by_mail_gets_the_owner_in_from_a_new_address_while_strangers_guess() {
    let server = limited().await;
    register(&server, "ada@example.org", "lovelace").await;
    under_attack(&server, "ada@example.org").await;
    let owner = server.anonymous().at([203, 0, 113, 1]);
    let login = async |who: &Actor, password: &str| {
        who.post("/auth/login", json!({"email": "ada@example.org", "password": password})).await
    };
    login(&owner, "lovelace").await.refused(429, "rate_limited");
    owner.post("/auth/forgot-password", json!({"email": "ada@example.org"})).await.expect(202);
    let (_, token) = links_once_there_are(&server, 2).await.remove(1);
    owner.post("/auth/reset-password", json!({"token": token, "password": "countess of"})).await.expect(204);
    login(&server.anonymous().at([203, 0, 113, 2]), "countess of").await.refused(429, "rate_limited");
    login(&owner, "countess of").await.expect(200);
}

#[tokio::test]
async fn a_browser_keeps_its_device_when_its_owner_signs_out() {
    let server = limited().await;
    let bob = registered(&server, "bob").await;
    bob.form("/sign-out", "").await.expect(303);
    under_attack(&server, "bob@example.test").await;
    let fields = format!("email=bob%40example.test&password={}", PASSWORD.replace(' ', "+"));
    let elsewhere = server.anonymous().at([203, 0, 113, 1]);
    let refused = elsewhere.form("/sign-in", &fields).await;
    assert_eq!(refused.status, 429);
    assert!(String::from_utf8(refused.bytes).unwrap().contains("Choose a new password by e-mail"));
    let first = elsewhere
        .form("/register", &fields.replace("bob", "eve").replace("email=", "username=eve&email="))
        .await;
    let device = first.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let device =
        device.filter_map(|line| line.split(';').next()).find(|pair| pair.starts_with("__Host-device="));
    let known = elsewhere.with_header("cookie", device.unwrap());
    assert_eq!(known.form("/sign-in", &fields).await.status, 429, "it is the device of somebody else");
    let signed_out = server.anonymous().with_header("cookie", device.unwrap());
    assert_eq!(location(&signed_out.form("/sign-in", &fields.replace("bob", "eve")).await), "/orders");
}
