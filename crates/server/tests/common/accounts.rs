//! Accounts created over HTTP with a password, and the links in their messages.

use crate::common::{Actor, Answer, TestServer, until};
use fairseat_app::access::secret_token::SecretToken;
use serde_json::{Value, json};

/// The body of a valid registration.
pub(crate) fn registration() -> Value {
    json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace", "phone_number": "+44 20 7946 0018"})
}

/// `body` with one field changed or removed.
pub(crate) fn with_field(mut body: Value, field: &str, value: Option<Value>) -> Value {
    let members = body.as_object_mut().unwrap();
    members.remove(field);
    members.extend(value.map(|value| (field.to_owned(), value)));
    body
}

/// Registers and signs in.
pub(crate) async fn sign_in(server: &TestServer) -> Value {
    let ada = json!({"email": "ada@example.org", "username": "Ada", "password": "lovelace"});
    server.anonymous().post("/auth/register", ada).await.expect(201);
    login(server, "ada@example.org", "lovelace").await.expect(200).clone()
}

pub(crate) async fn login(server: &TestServer, email: &str, password: &str) -> Answer {
    server.anonymous().post("/auth/login", json!({"email": email, "password": password})).await
}

pub(crate) async fn refresh(server: &TestServer, token: &Value) -> Answer {
    server.anonymous().post("/auth/refresh", json!({"refresh_token": token})).await
}

pub(crate) fn with_access_token(server: &TestServer, access_token: &Value) -> Actor {
    server.anonymous().with_token(access_token.as_str().unwrap())
}

/// The kinds and tokens of the links in queued messages, oldest first.
pub(crate) async fn links(server: &TestServer) -> Vec<(String, String)> {
    let queued = server.store().outbox().pending(0, 100).await.unwrap();
    let link = |queued: fairseat_store::outbox::QueuedMessage| {
        let data: Value = serde_json::from_str(&queued.message.data).unwrap();
        let number = data["link"].as_str()?.parse().unwrap();
        Some((queued.message.kind, SecretToken::of_link(&server.app.keys.links, number).expose().to_owned()))
    };
    queued.into_iter().filter_map(link).collect()
}

/// As [`links`], once there are `count` of them; some are queued after the answer.
pub(crate) async fn links_once_there_are(server: &TestServer, count: usize) -> Vec<(String, String)> {
    until("the links are queued", async || links(server).await.len() >= count).await;
    links(server).await
}

/// The token in the link of an invitation, which the API named in its answer to the inviter.
pub(crate) fn invitation_token(server: &TestServer, invitation: &Value) -> String {
    let id = invitation["invitation_id"].as_str().unwrap().parse().unwrap();
    SecretToken::of_link(&server.app.keys.links, id).expose().to_owned()
}

pub(crate) async fn register(server: &TestServer, email: &str, password: &str) {
    let body = json!({"email": email, "username": "Ada", "password": password});
    server.anonymous().post("/auth/register", body).await.expect(201);
}
