//! `GET /ticket-key`.

use crate::common::test_shop::{TestShop, string_of};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;
use fairseat_app::tickets::token;

#[tokio::test]
async fn a_ticket_is_verified_with_the_public_key_alone() {
    let shop = TestShop::open().await;
    let order = shop.bought(&["Floor A-1"]).await;
    let id = string_of(&order["tickets"][0]["ticket_id"]);
    let ticket = shop.buyer.get(&format!("/tickets/{id}")).await;
    let key = shop.server.anonymous().get("/ticket-key").await;
    assert_eq!(key.expect(200)["algorithm"], "Ed25519");
    let bytes: [u8; 32] =
        URL_SAFE_NO_PAD.decode(string_of(&key.json["public_key"])).unwrap().try_into().unwrap();
    let key = VerifyingKey::from_bytes(&bytes).unwrap();
    let claims = token::verify(&string_of(&ticket.expect(200)["token"]), &key).unwrap();
    assert_eq!(claims.ticket.to_string(), id);
    assert_eq!(claims.event, shop.event.id);
}
