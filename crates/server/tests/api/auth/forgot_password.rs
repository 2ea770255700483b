//! `POST /auth/forgot-password`.

use crate::common::TestServer;
use crate::common::accounts::{links_once_there_are, register};
use serde_json::json;

#[tokio::test]
async fn only_a_known_address_is_sent_a_link_and_the_answers_are_alike() {
    let server = TestServer::start().await;
    register(&server, "ada@example.org", "lovelace").await;
    let forgot = async |email: &str| {
        let body = json!({"email": email});
        server.anonymous().post("/auth/forgot-password", body).await
    };
    let (unknown, known) = (forgot("eve@example.org").await, forgot(" ADA@example.org ").await);
    assert_eq!((known.expect(202), &known.bytes), (&json!({"status": "accepted"}), &unknown.bytes));
    let links = links_once_there_are(&server, 2).await;
    let kinds: Vec<_> = links.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["verify_email", "reset_password"]);
    assert_eq!(forgot("ada").await.invalid_fields(), ["email"]);
}
