//! `POST /auth/undo-email-change`: an owner takes an account back whose address was changed.

use crate::common::accounts::{links_once_there_are, login, register};
use crate::common::{Actor, TestServer};
use fairseat_app::access::secret_token::SecretToken;
use serde_json::{Value, json};

/// Ada's account, whose address is confirmed, and a session of hers.
async fn confirmed(server: &TestServer) -> Actor {
    register(server, "ada@example.org", "lovelace").await;
    let (_, token) = links_once_there_are(server, 1).await.remove(0);
    server.anonymous().post("/auth/verify-email", json!({"token": token})).await.expect(204);
    signed_in(server, "ada@example.org", "lovelace").await
}

async fn signed_in(server: &TestServer, email: &str, password: &str) -> Actor {
    let session = login(server, email, password).await.expect(200).clone();
    server.anonymous().with_token(session["access_token"].as_str().unwrap())
}

/// The secrets of the links that undo a change, in the letters to former addresses, oldest first.
async fn undo_links(server: &TestServer) -> Vec<String> {
    let queued = server.store().outbox().pending(0, 100).await.unwrap();
    let secret = |queued: fairseat_store::outbox::QueuedMessage| {
        let data: Value = serde_json::from_str(&queued.message.data).unwrap();
        let link = data["undo"][0].as_str()?.parse().unwrap();
        Some(SecretToken::of_link(&server.app.keys.links, link).expose().to_owned())
    };
    queued.into_iter().filter_map(secret).collect()
}

async fn undo(server: &TestServer, token: &str, password: &str) -> crate::common::Answer {
    let body = json!({"token": token, "password": password});
    server.anonymous().post("/auth/undo-email-change", body).await
}

#[tokio::test]
async fn the_owner_of_the_former_address_gets_the_account_back_whatever_happened_meanwhile() {
    let server = TestServer::start().await;
    let thief = confirmed(&server).await;
    let change = async |body: Value| thief.patch("/users/me", body).await.expect(200).clone();
    change(json!({"email": "eve@example.org", "current_password": "lovelace"})).await;
    let [undo_of_ada] = undo_links(&server).await.try_into().unwrap();
    // The thief makes the account look like their own: a confirmed address, another password, another address.
    let links = links_once_there_are(&server, 2).await;
    let confirm = json!({"token": links.last().unwrap().1});
    server.anonymous().post("/auth/verify-email", confirm).await.expect(204);
    change(json!({"new_password": "mine for ever", "current_password": "lovelace"})).await;
    change(json!({"email": "eve2@example.org", "current_password": "mine for ever"})).await;
    let undo_of_eve = undo_links(&server).await.pop().unwrap();
    assert_ne!(undo_of_ada, undo_of_eve);

    assert_eq!(undo(&server, &undo_of_ada, "short").await.invalid_fields(), ["password"]);
    undo(&server, &undo_of_ada, "countess of").await.expect(204);
    thief.get("/users/me").await.refused(401, "unauthenticated");
    login(&server, "eve2@example.org", "mine for ever").await.refused(401, "invalid_credentials");
    let ada = signed_in(&server, "ada@example.org", "countess of").await;
    let account = ada.get("/users/me").await.expect(200).clone();
    assert_eq!((&account["email"], &account["email_verified"]), (&json!("ada@example.org"), &json!(true)));
    for used in [&undo_of_ada, &undo_of_eve] {
        assert_eq!(
            undo(&server, used, "once more!").await.invalid_fields(),
            ["token"],
            "no replay, no way back"
        );
    }
    login(&server, "ada@example.org", "countess of").await.expect(200);
}

#[tokio::test]
async fn whoever_changed_the_address_cannot_delete_the_account_meanwhile() {
    let server = TestServer::start().await;
    let thief = confirmed(&server).await;
    let change = json!({"email": "eve@example.org", "current_password": "lovelace"});
    thief.patch("/users/me", change).await.expect(200);
    let refused = thief.delete_with("/users/me", json!({"password": "lovelace"})).await;
    assert!(refused.refused(409, "conflict")["deletable_from"].is_string());
    let [undo_of_ada] = undo_links(&server).await.try_into().unwrap();
    undo(&server, &undo_of_ada, "countess of").await.expect(204);
    let ada = signed_in(&server, "ada@example.org", "countess of").await;
    ada.delete_with("/users/me", json!({"password": "countess of"})).await.expect(204);
}

#[tokio::test]
async fn nobody_else_gets_an_address_that_can_still_be_restored() {
    let server = TestServer::start().await;
    let ada = confirmed(&server).await;
    let moved = |email: &str| json!({"email": email, "current_password": "lovelace"});
    ada.patch("/users/me", moved("countess@example.org")).await.expect(200);
    let body = json!({"email": "Ada@example.org", "username": "Eve", "password": "a long password"});
    server.anonymous().post("/auth/register", body).await.refused(409, "email_taken");
    register(&server, "eve@example.org", "lovelace").await;
    let eve = signed_in(&server, "eve@example.org", "lovelace").await;
    eve.patch("/users/me", moved("ada@example.org")).await.refused(409, "email_taken");
    ada.patch("/users/me", moved("ada@example.org")).await.expect(200);
}

#[tokio::test]
async fn an_address_that_was_never_confirmed_is_not_kept() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let ada = signed_in(&server, "ada@example.org", "lovelace").await;
    let moved = json!({"email": "countess@example.org", "current_password": "lovelace"});
    ada.patch("/users/me", moved).await.expect(200);
    assert_eq!(undo_links(&server).await, [""; 0]);
    register(&server, "ada@example.org", "lovelace").await;
}
