//! Making, changing, exporting and deleting an account.

use crate::common::TestServer;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

fn ada() -> Value {
    json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace", "phone_number": "+44 20 7946 0018"})
}

/// `body` with one field changed, or taken out.
fn but(mut body: Value, field: &str, value: Option<Value>) -> Value {
    let members = body.as_object_mut().unwrap();
    members.remove(field);
    members.extend(value.map(|value| (field.to_owned(), value)));
    body
}

#[tokio::test]
async fn registering_answers_with_the_account() {
    let server = TestServer::start().await;
    let answer = server.anonymous().post("/auth/register", ada()).await;
    let user = answer.expect(201);
    assert!(uuid::Uuid::try_parse(user["user_id"].as_str().unwrap()).is_ok());
    assert_eq!(user["email"], "ada@example.org");
    assert_eq!(user["username"], "Ada");
    assert_eq!(user["phone_number"], "+44 20 7946 0018");
    assert_eq!(user["email_verified"], false);
    assert_eq!(user["is_admin"], false);
    assert!(user.get("password").is_none());
    for taken in ["ada@example.org", "ADA@example.org", " ada@EXAMPLE.org "] {
        let again = server.anonymous().post("/auth/register", but(ada(), "email", Some(json!(taken)))).await;
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
        ("password", Some(json!(12_345_678)), "password"),
        ("phone_number", Some(json!("call me")), "phone_number"),
        ("phone_number", Some(json!("1".repeat(60))), "phone_number"),
    ] {
        let answer = server.anonymous().post("/auth/register", but(ada(), field, value.clone())).await;
        assert_eq!(answer.invalid_fields(), [expected], "{value:?}");
    }
    let all = json!({"email": "", "username": "", "password": "", "phone_number": ""});
    let answer = server.anonymous().post("/auth/register", all).await;
    assert_eq!(answer.invalid_fields(), ["email", "username", "phone_number", "password"]);
    server
        .anonymous()
        .post("/auth/register", but(ada(), "phone_number", Some(Value::Null)))
        .await
        .expect(201);
}

#[tokio::test]
async fn of_many_who_want_one_address_one_gets_it() {
    let server = TestServer::start().await;
    let register = async || server.anonymous().post("/auth/register", ada()).await.status.as_u16();
    let mut statuses = futures::future::join_all((0..8).map(|_| register())).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn a_profile_changes_where_it_is_asked_to() {
    let server = TestServer::start().await;
    server.anonymous().post("/auth/register", ada()).await.expect(201);
    let login = json!({"email": "ada@example.org", "password": "lovelace"});
    let signed_in = server.anonymous().post("/auth/login", login).await.expect(200).clone();
    let ada = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let before = ada.get("/users/me").await.expect(200).clone();
    assert_eq!(*ada.patch("/users/me", json!({})).await.expect(200), before);
    let renamed = ada.patch("/users/me", json!({"username": "Countess"})).await;
    assert_eq!(*renamed.expect(200), but(before, "username", Some(json!("Countess"))));
    let unlisted = ada.patch("/users/me", json!({"phone_number": null})).await;
    assert_eq!(unlisted.expect(200)["phone_number"], Value::Null);
    let elevated = ada.patch("/users/me", json!({"is_admin": true, "user_id": uuid::Uuid::nil()})).await;
    assert_eq!(elevated.expect(200)["is_admin"], false);
    for (body, field) in
        [(json!({"username": ""}), "username"), (json!({"phone_number": "x"}), "phone_number")]
    {
        assert_eq!(ada.patch("/users/me", body).await.invalid_fields(), [field]);
    }

    server.buyer("eve").await;
    let moved = |email: &str| json!({"email": email, "current_password": "lovelace"});
    ada.patch("/users/me", moved("EVE@example.test")).await.refused(409, "email_taken");
    let answer = ada.patch("/users/me", moved("countess@example.org")).await;
    assert_eq!(answer.expect(200)["email"], "countess@example.org");
    assert_eq!(server.store().outbox().count().await.unwrap(), 2, "the new address is to be confirmed");
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_address_free() {
    let server = TestServer::start().await;
    server.anonymous().post("/auth/register", ada()).await.expect(201);
    let login = json!({"email": "ada@example.org", "password": "lovelace"});
    let signed_in = server.anonymous().post("/auth/login", login.clone()).await.expect(200).clone();
    let ada_herself = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let delete = async |body| ada_herself.send("DELETE".parse().unwrap(), "/users/me", Some(body)).await;
    assert_eq!(delete(json!({})).await.invalid_fields(), ["password"]);
    delete(json!({"password": "wrong"})).await.refused(401, "invalid_credentials");
    delete(json!({"password": "lovelace"})).await.expect(204);
    ada_herself.get("/users/me").await.refused(401, "unauthenticated");
    let refresh = json!({"refresh_token": signed_in["refresh_token"]});
    server.anonymous().post("/auth/refresh", refresh).await.refused(401, "unauthenticated");
    server.anonymous().post("/auth/login", login).await.refused(401, "invalid_credentials");
    server.anonymous().post("/auth/register", ada()).await.expect(201);
}

#[tokio::test]
async fn the_last_owner_of_others_stays() {
    let server = TestServer::start().await;
    server.anonymous().post("/auth/register", ada()).await.expect(201);
    let login = json!({"email": "ada@example.org", "password": "lovelace"});
    let signed_in = server.anonymous().post("/auth/login", login).await.expect(200).clone();
    let ada = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let founded = ada.post("/organizations", json!({"name": "Engines"})).await.expect(201).clone();
    let id = uuid::Uuid::try_parse(founded["organization_id"].as_str().unwrap()).unwrap();
    server.member("charles", fairseat_store::OrganizationId(id), Role::Manager).await;
    let delete = async || {
        ada.send("DELETE".parse().unwrap(), "/users/me", Some(json!({"password": "lovelace"}))).await
    };
    assert_eq!(delete().await.refused(409, "conflict")["organizations"], json!([id]));
    let owner = json!({"email": "charles@example.test", "role": "owner"});
    ada.post(&format!("/organizations/{id}/members"), owner).await.expect(201);
    delete().await.expect(204);
}

#[tokio::test]
async fn an_export_has_what_is_held_and_no_secret() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let export = org.get("/users/me/export").await;
    let export = export.expect(200);
    assert_eq!(export["user"]["email"], "org@example.test");
    assert_eq!(export["user"]["organizations"][0]["role"], "owner");
    assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
    for list in ["orders", "reservations", "tickets"] {
        assert_eq!(export[list], json!([]), "{list}");
    }
    assert!(!export.to_string().contains("argon2"));
}
