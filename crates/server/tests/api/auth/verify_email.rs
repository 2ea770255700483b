//! `POST /auth/verify-email` and `POST /auth/verify-email/resend`.

use crate::common::TestServer;
use crate::common::accounts::{links, register};
use crate::common::browser::{html_of, registered};
use fairseat_edge::limits::RateLimiting;
use serde_json::json;

#[tokio::test]
async fn a_verification_link_works_once() {
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
async fn a_verification_message_can_be_sent_again() {
    let server = TestServer::start_with(|settings| settings.limits = RateLimiting::On).await;
    let ada = registered(&server, "ada").await;
    let resend = async || ada.post("/auth/verify-email/resend", json!({})).await;
    let asked = resend().await;
    assert_eq!(asked.expect(202), &json!({"status": "accepted"}));
    let page = html_of(&ada.page("/account").await);
    assert!(page.contains("Send the message again"), "{page}");
    let sent = ada.form("/account/verify", "").await;
    assert!(html_of(&sent).contains("Sent. Follow the link in the message."));

    resend().await.expect(202);
    resend().await.refused(429, "rate_limited");
    let links = links(&server).await;
    let [first, .., newest] = &*links else { panic!("{links:?}") };
    assert_eq!((links.len(), &*first.0, &*newest.0), (4, "verify_email", "verify_email"));
    server.anonymous().post("/auth/verify-email", json!({"token": newest.1})).await.expect(204);
    resend().await.refused(409, "conflict");
    let page = html_of(&ada.page("/account").await);
    assert!(!page.contains("Send the message again"), "{page}");
    server.anonymous().post("/auth/verify-email/resend", json!({})).await.refused(401, "unauthenticated");
}
