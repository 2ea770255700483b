//! `GET /ticket-key`.

use crate::common::test_sale::{Stage, text};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use fairseat_app::tickets::token;

#[tokio::test]
async fn a_ticket_is_verified_with_the_public_key_alone() {
    let stage = Stage::set().await;
    let order = stage.bought(&["Floor A-1"]).await;
    let id = text(&order["tickets"][0]["ticket_id"]);
    let ticket = stage.buyer.get(&format!("/tickets/{id}")).await;
    let key = stage.server.anonymous().get("/ticket-key").await;
    assert_eq!(key.expect(200)["algorithm"], "Ed25519");
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text(&key.json["public_key"])).unwrap().try_into().unwrap();
    let key = VerifyingKey::from_bytes(&bytes).unwrap();
    let claims = token::verify(&text(&ticket.expect(200)["token"]), &key).unwrap();
    assert_eq!(claims.ticket.to_string(), id);
    assert_eq!(claims.event, stage.event.id);
}
