//! Lost passwords, confirmed addresses, and that no password or link is written where it does not belong.

use crate::common::TestServer;
use fairseat_app::access::secret_token::SecretToken;
use fairseat_edge::limits::Limits;
use serde_json::{Value, json};
use std::path::Path;

/// The secrets of the links queued so far, with what they are for, oldest first.
async fn links(server: &TestServer) -> Vec<(String, String)> {
    let queued = server.store().outbox().pending(0, 100).await.unwrap();
    let link = |queued: fairseat_store::outbox::QueuedMessage| {
        let data: Value = serde_json::from_str(&queued.message.data).unwrap();
        let number = data["link"].as_str().unwrap().parse().unwrap();
        (queued.message.kind, SecretToken::of_link(&server.app.keys.links, number).expose().to_owned())
    };
    queued.into_iter().map(link).collect()
}

/// Waits for what happens after an answer, without a clock: other tasks run until it has.
async fn links_once_there_are(server: &TestServer, count: usize) -> Vec<(String, String)> {
    loop {
        let links = links(server).await;
        if links.len() >= count {
            return links;
        }
        tokio::task::yield_now().await;
    }
}

async fn register(server: &TestServer, email: &str, password: &str) {
    let body = json!({"email": email, "username": "Ada", "password": password});
    server.anonymous().post("/auth/register", body).await.expect(201);
}

#[tokio::test]
async fn a_link_confirms_an_address_once() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let [(kind, token)] = links(&server).await.try_into().unwrap();
    assert_eq!(kind, "verify_email");
    let verify =
        async |token: &str| server.anonymous().post("/auth/verify-email", json!({"token": token})).await;
    assert_eq!(verify("made-up").await.invalid_fields(), ["token"]);
    let reset = json!({"token": token, "password": "another one"});
    let misused = server.anonymous().post("/auth/reset-password", reset).await;
    assert_eq!(misused.invalid_fields(), ["token"], "a link is for one thing");
    verify(&token).await.expect(204);
    assert_eq!(verify(&token).await.invalid_fields(), ["token"]);
    let body = json!({"email": "ada@example.org", "password": "lovelace"});
    let login = server.anonymous().post("/auth/login", body).await;
    assert_eq!(login.expect(200)["user"]["email_verified"], true);
}

#[tokio::test]
async fn another_message_confirms_as_well() {
    let server = TestServer::start_with(|settings| settings.limits = Limits::On).await;
    let ada = crate::pages::registered(&server, "ada").await;
    let resend = async || ada.post("/auth/verify-email/resend", json!({})).await;
    let asked = resend().await;
    assert_eq!(asked.expect(202), &json!({"status": "accepted"}));
    let page = crate::pages::text(&ada.page("/account").await);
    assert!(page.contains("Send the message again"), "{page}");
    let sent = ada.form("/account/verify", "").await;
    assert!(crate::pages::text(&sent).contains("Sent. Follow the link in the message."));

    resend().await.expect(202);
    resend().await.refused(429, "rate_limited");
    let links = links(&server).await;
    let [first, .., newest] = &*links else { panic!("{links:?}") };
    assert_eq!((links.len(), &*first.0, &*newest.0), (4, "verify_email", "verify_email"));
    server.anonymous().post("/auth/verify-email", json!({"token": newest.1})).await.expect(204);
    resend().await.refused(409, "conflict");
    let page = crate::pages::text(&ada.page("/account").await);
    assert!(!page.contains("Send the message again"), "{page}");
    server.anonymous().post("/auth/verify-email/resend", json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_ends_every_session() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let anonymous = server.anonymous();
    let login = async |password: &str| {
        let body = json!({"email": "ada@example.org", "password": password});
        anonymous.post("/auth/login", body).await
    };
    let before = login("lovelace").await.expect(200).clone();
    let forgot = async |email: &str| anonymous.post("/auth/forgot-password", json!({"email": email})).await;
    let (known, unknown) = (forgot("Ada@example.org").await, forgot("eve@example.org").await);
    assert_eq!(known.expect(202), unknown.expect(202));
    assert_eq!(known.json, json!({"status": "accepted"}));

    let links = links_once_there_are(&server, 2).await;
    let (kind, token) = &links[1];
    assert_eq!((kind.as_str(), links.len()), ("reset_password", 2), "nothing for the unknown address");
    let reset = async |password: &str| {
        anonymous.post("/auth/reset-password", json!({"token": token, "password": password})).await
    };
    assert_eq!(reset("short").await.invalid_fields(), ["password"]);
    reset("countess of").await.expect(204);
    assert_eq!(reset("once more!").await.invalid_fields(), ["token"], "used up");
    login("lovelace").await.refused(401, "invalid_credentials");
    login("countess of").await.expect(200);
    let access = before["access_token"].as_str().unwrap();
    anonymous.with_token(access).get("/users/me").await.refused(401, "unauthenticated");
    let refresh = json!({"refresh_token": before["refresh_token"]});
    anonymous.post("/auth/refresh", refresh).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn changing_it_needs_the_current_one() {
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
    change(json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_password_made_at_another_cost_is_hashed_anew() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let users = server.store().users();
    let hash = async || users.by_email("ada@example.org").await.unwrap().unwrap().password_hash;
    let today = hash().await;
    let old = fairseat_app::access::Passwords::new(fairseat_app::access::PasswordCost {
        memory_kib: 16,
        passes: 1,
    });
    let old = old.unwrap().hash(fairseat_app::access::Password::new("lovelace".to_owned())).await.unwrap();
    let ada = users.by_email("ada@example.org").await.unwrap().unwrap();
    users.rehash(ada.id, today, old.clone()).await.unwrap();
    let body = json!({"email": "ada@example.org", "password": "lovelace"});
    server.anonymous().post("/auth/login", body.clone()).await.expect(200);
    assert_ne!(hash().await, old);
    assert!(hash().await.0.contains("$m=8,"));
    server.anonymous().post("/auth/login", body).await.expect(200);
}

#[tokio::test]
async fn no_password_is_written_anywhere() {
    const PASSWORD: &str = "planted-Passw0rd-7f3a";
    let server = TestServer::start().await;
    let anonymous = server.anonymous().with_key("planted-key");
    let body = json!({"email": "ada@example.org", "username": "Ada", "password": PASSWORD});
    anonymous.post("/auth/register", body).await.expect(201);
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let signed_in = anonymous.post("/auth/login", body).await.expect(200).clone();
    let ada = server.anonymous().with_token(signed_in["access_token"].as_str().unwrap());
    let change = json!({"new_password": format!("{PASSWORD}!"), "current_password": PASSWORD});
    ada.patch("/users/me", change).await.expect(200);
    let refresh = signed_in["refresh_token"].as_str().unwrap();
    let (_, link) = links(&server).await.remove(0);
    let mut files = 0;
    visit(server.folder(), &mut |path, bytes| {
        files += 1;
        for secret in [PASSWORD, refresh, &link] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} holds a secret", path.display());
        }
    });
    assert!(files > 5, "{files} files were read");
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { visit(&path, look) } else { look(&path, &std::fs::read(&path).unwrap()) }
    }
}
