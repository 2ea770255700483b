//! `Idempotency-Key` on POSTs outside a sale.

use crate::common::TestServer;
use serde_json::json;

#[tokio::test]
async fn a_repeated_key_gets_the_same_answer_and_acts_once() {
    let server = TestServer::start().await;
    let ada = server.buyer("ada").await;
    let keyed = ada.with_key("one");
    let first = keyed.post("/organizations", json!({"name": "Engines"})).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    for _ in 0..3 {
        let again = keyed.post("/organizations", json!({"name": "Engines"})).await;
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    keyed.post("/organizations", json!({"name": "Other"})).await.refused(422, "idempotency_mismatch");
    assert_eq!(ada.get("/organizations").await.expect(200)["total"], 1);
    ada.with_key("two").post("/organizations", json!({"name": "Engines"})).await.expect(201);
    let bob = server.buyer("bob").await.with_key("one");
    let his = bob.post("/organizations", json!({"name": "Engines"})).await;
    assert_eq!(his.header("idempotent-replayed"), None, "a key is its caller's alone");
    assert_eq!(ada.get("/organizations").await.expect(200)["total"], 2);
}

#[tokio::test]
async fn a_key_may_be_used_again_after_a_refusal() {
    let server = TestServer::start().await;
    let ada = server.buyer("ada").await.with_key("one");
    assert_eq!(ada.post("/organizations", json!({"name": ""})).await.invalid_fields(), ["name"]);
    ada.post("/organizations", json!({"name": "Engines"})).await.expect(201);
}

#[tokio::test]
async fn simultaneous_requests_with_one_key_act_once() {
    let server = TestServer::start().await;
    let ada = server.buyer("ada").await;
    let keyed = ada.with_key("one");
    let found = || keyed.post("/organizations", json!({"name": "Engines"}));
    let answers = futures::future::join_all((0..16).map(|_| found())).await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert!(!done.is_empty(), "one of them is done");
    assert!(done.iter().all(|answer| answer.json == done[0].json), "the others are told the same");
    for answer in refused {
        answer.refused(409, "idempotency_in_flight");
    }
    assert_eq!(ada.get("/organizations").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn malformed_keys_are_refused() {
    let server = TestServer::start().await;
    let ada = server.buyer("ada").await;
    for key in ["", "two words", "é", &"k".repeat(256)] {
        let refused = ada.with_key(key).post("/organizations", json!({"name": "Engines"})).await;
        assert_eq!(refused.invalid_fields(), ["Idempotency-Key"], "{key:?}");
    }
    assert_eq!(ada.get("/organizations").await.expect(200)["total"], 0);
}
