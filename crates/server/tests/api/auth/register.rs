//! `POST /auth/register`.

use crate::common::TestServer;
use crate::common::accounts::{login, registration, with_field};
use serde_json::{Value, json};

#[tokio::test]
async fn registering_answers_with_the_account() {
    let server = TestServer::start().await;
    let answer = server.anonymous().post("/auth/register", registration()).await;
    let user = answer.expect(201);
    assert!(uuid::Uuid::try_parse(user["user_id"].as_str().unwrap()).is_ok());
    assert_eq!(user["email"], "ada@example.org");
    assert_eq!(user["username"], "Ada");
    assert_eq!(user["phone_number"], "+44 20 7946 0018");
    assert_eq!(user["email_verified"], false);
    assert_eq!(user["is_admin"], false);
    assert!(user.get("password").is_none());
    for taken in ["ada@example.org", "ADA@example.org", " ada@EXAMPLE.org "] {
        let again = server
            .anonymous()
            .post("/auth/register", with_field(registration(), "email", Some(json!(taken))))
            .await;
        again.refused(409, "email_taken");
    }
}

#[tokio::test]
async fn every_field_of_a_registration_is_checked() {
    let server = TestServer::start().await;
    for (field, value, expected) in [
        ("email", None, "email"),
        ("email", Some(json!("ada")), "email"),
        ("email", Some(json!("ada@example.org\r\nBcc: eve@example.org")), "email"),
        ("email", Some(json!(7)), "email"),
        ("username", None, "username"),
        ("username", Some(json!("")), "username"),
        ("username", Some(json!("A\u{0}da")), "username"),
        ("username", Some(json!("x".repeat(101))), "username"),
        ("password", None, "password"),
        ("password", Some(json!("1234567")), "password"),
        ("password", Some(json!("x".repeat(1_025))), "password"),
        ("password", Some(json!("PassWord123")), "password"),
        ("password", Some(json!("ADA@example.org")), "password"),
        ("password", Some(json!(12_345_678)), "password"),
        ("phone_number", Some(json!("call me")), "phone_number"),
        ("phone_number", Some(json!("1".repeat(60))), "phone_number"),
    ] {
        let answer =
            server.anonymous().post("/auth/register", with_field(registration(), field, value.clone())).await;
        assert_eq!(answer.invalid_fields(), [expected], "{value:?}");
    }
    let all = json!({"email": "", "username": "", "password": "", "phone_number": ""});
    let answer = server.anonymous().post("/auth/register", all).await;
    assert_eq!(answer.invalid_fields(), ["email", "username", "phone_number", "password"]);
    server
        .anonymous()
        .post("/auth/register", with_field(registration(), "phone_number", Some(Value::Null)))
        .await
        .expect(201);
}

#[tokio::test]
async fn simultaneous_registrations_of_one_address_make_one_account() {
    let server = TestServer::start().await;
    let register = async || server.anonymous().post("/auth/register", registration()).await.status.as_u16();
    let mut statuses = futures::future::join_all((0..8).map(|_| register())).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn registering_twice_with_a_key_makes_one_account() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous().with_key("0190d7a2");
    let ada = json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace"});
    let first = anonymous.post("/auth/register", ada.clone()).await;
    let again = anonymous.post("/auth/register", ada.clone()).await;
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    server.anonymous().post("/auth/register", ada).await.refused(409, "email_taken");
}

#[tokio::test]
async fn an_address_with_a_domain_in_any_script_is_shown_as_typed_and_is_one_account() {
    let server = TestServer::start().await;
    for (typed, others) in [
        ("ada@bücher.example", ["ADA@BÜCHER.example", "ada@xn--bcher-kva.example"]),
        ("anna@почта.рф", ["anna@ПОЧТА.РФ", "anna@xn--80a1acny.xn--p1ai"]),
        ("yuki@例え.テスト", ["yuki@例え。テスト", "yuki@xn--r8jz45g.xn--zckzah"]),
    ] {
        let with = |email: &str| with_field(registration(), "email", Some(json!(email)));
        let registered = server.anonymous().post("/auth/register", with(typed)).await;
        assert_eq!(registered.expect(201)["email"], typed);
        for other in others {
            server.anonymous().post("/auth/register", with(other)).await.refused(409, "email_taken");
            assert_eq!(login(&server, other, "lovelace").await.expect(200)["user"]["email"], typed);
        }
    }
}

#[tokio::test]
async fn an_address_that_is_refused_comes_with_a_hint() {
    let server = TestServer::start().await;
    let organizer = server.organizer("olga").await;
    let event = server.event(&organizer).await;
    let members = format!("/organizations/{}/members", organizer.organization().0);
    for (email, hint) in [
        ("ada", "must be an e-mail address such as ada@example.org"),
        ("анна@почта.рф", "letters a to z"),
        ("ada@exam ple.org", "must be an e-mail address such as"),
        ("ada@example..org", "must end with a domain"),
        ("ada@bü_cher.example", "must end with a domain"),
    ] {
        let registration = with_field(registration(), "email", Some(json!(email)));
        let sale = json!({"seat_indexes": [0], "payment": "cash", "email": email});
        for answer in [
            server.anonymous().post("/auth/register", registration).await,
            server.anonymous().post("/auth/forgot-password", json!({"email": email})).await,
            organizer.post(&members, json!({"email": email, "role": "staff"})).await,
            organizer.post(&event.path("/box-office"), sale).await,
        ] {
            assert_eq!(answer.invalid_fields(), ["email"]);
            let message = answer.json["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains(hint), "{email}: {message}");
        }
    }
}
