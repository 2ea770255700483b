//! `GET`, `PATCH` and `DELETE /users/me`.

use crate::common::TestServer;
use crate::common::accounts::{refresh, register, registration, with_field};
use crate::common::browser::with_cookie_of;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

#[tokio::test]
async fn changing_an_account_changes_only_the_fields_that_were_sent() {
    let server = TestServer::start().await;
    server.anonymous().post("/auth/register", registration()).await.expect(201);
    let login = json!({"email": "ada@example.org", "password": "lovelace"});
    let signed_in = server.anonymous().post("/auth/login", login).await.expect(200).clone();
    let ada = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let before = ada.get("/users/me").await.expect(200).clone();
    assert_eq!(*ada.patch("/users/me", json!({})).await.expect(200), before);
    let renamed = ada.patch("/users/me", json!({"username": "Countess"})).await;
    assert_eq!(*renamed.expect(200), with_field(before, "username", Some(json!("Countess"))));
    let unlisted = ada.patch("/users/me", json!({"phone_number": null})).await;
    assert_eq!(unlisted.expect(200)["phone_number"], Value::Null);
    for (body, field) in [
        (json!({"is_admin": true}), "is_admin"),
        (json!({"username": "Eve", "user_name": "Eve"}), "user_name"),
    ] {
        assert_eq!(ada.patch("/users/me", body).await.invalid_fields(), [field]);
    }
    assert_eq!(*ada.get("/users/me").await.expect(200), *unlisted.expect(200), "nothing was changed");
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
    let kinds: Vec<_> = queued(&server).await;
    assert_eq!(kinds, ["verify_email", "email_changed", "verify_email"]);
}

/// The kinds of the queued messages, oldest first.
async fn queued(server: &TestServer) -> Vec<String> {
    let queued = server.store().outbox().pending(0, 100).await.unwrap();
    queued.into_iter().map(|queued| queued.message.kind).collect()
}

#[tokio::test]
async fn a_deleted_account_cannot_sign_in_and_its_address_is_free() {
    let server = TestServer::start().await;
    server.anonymous().post("/auth/register", registration()).await.expect(201);
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
    server.anonymous().post("/auth/register", registration()).await.expect(201);
}

#[tokio::test]
async fn the_last_owner_of_an_organization_cannot_delete_the_account() {
    let server = TestServer::start().await;
    server.anonymous().post("/auth/register", registration()).await.expect(201);
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
    let charles = server.store().users().by_email("charles@example.test").await.unwrap().unwrap();
    let owner = json!({"user_id": uuid::Uuid::from_u128(charles.id.0), "role": "owner"});
    ada.post(&format!("/organizations/{id}/members"), owner).await.expect(201);
    delete().await.expect(204);
}

#[tokio::test]
async fn changing_password_or_address_needs_the_current_password() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let body = json!({"email": "ada@example.org", "password": "lovelace"});
    let signed_in = server.anonymous().post("/auth/login", body).await.expect(200).clone();
    let ada = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let change = async |body: Value| ada.patch("/users/me", body).await;
    assert_eq!(change(json!({"new_password": "countess of"})).await.invalid_fields(), ["current_password"]);
    assert_eq!(change(json!({"email": "a@example.org"})).await.invalid_fields(), ["current_password"]);
    let wrong = json!({"new_password": "countess of", "current_password": "wrong"});
    change(wrong).await.refused(401, "invalid_credentials");
    let right = json!({"new_password": "countess of", "current_password": "lovelace"});
    change(right).await.expect(200);
    change(json!({})).await.expect(200);
}

/// Somebody with two browsers and two programs, of which the first program makes the change.
#[tokio::test]
async fn a_new_password_or_address_ends_all_other_sessions_at_once() {
    for change in [json!({"new_password": "countess of"}), json!({"email": "countess@example.org"})] {
        let server = TestServer::start().await;
        register(&server, "ada@example.org", "lovelace").await;
        let password = json!({"email": "ada@example.org", "password": "lovelace"});
        let program = async || {
            let tokens = server.anonymous().post("/auth/login", password.clone()).await.expect(200).clone();
            (server.anonymous().with_token(tokens["access_token"].as_str().unwrap()), tokens)
        };
        let browser = async || {
            let body = with_field(password.clone(), "session", Some(json!("cookie")));
            let answer = server.anonymous().post("/auth/login", body).await;
            answer.expect(204);
            with_cookie_of(&server.anonymous(), &answer)
        };
        let ((here, own_tokens), (there, tokens)) = (program().await, program().await);
        let others = [there, browser().await, browser().await];
        for actor in &others {
            // So that the server has cached each of them when the change comes.
            actor.get("/users/me").await.expect(200);
        }
        let change = with_field(change, "current_password", Some(json!("lovelace")));
        here.patch("/users/me", change).await.expect(200);
        for actor in &others {
            actor.get("/users/me").await.refused(401, "unauthenticated");
        }
        refresh(&server, &tokens["refresh_token"]).await.refused(401, "unauthenticated");
        here.get("/users/me").await.expect(200);
        refresh(&server, &own_tokens["refresh_token"]).await.expect(200);
    }
}
