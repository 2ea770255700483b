//! The same over a broker that is not librdkafka's, at the address `TEST_BROKER` and with the topics of the other tests: `./test.sh long` starts
//! one. Without the variable this test does nothing.

use super::{assert_complete_at, kinds, read_at, shop};
use serde_json::json;

#[tokio::test]
async fn purchases_are_published_to_a_real_broker() {
    let Ok(address) = std::env::var("TEST_BROKER") else { return };
    let shop = shop(&address).await;
    for labels in [&["Floor A-1", "Floor A-2"][..], &["Floor B-1"], &["Balcony A-1"]] {
        let order = shop.bought(labels).await;
        let path = format!("/orders/{}/cancel", order["order_id"].as_str().unwrap());
        shop.buyer.post(&path, json!({})).await.expect(200);
    }
    shop.wait_until_published().await;
    let read = read_at(&address, &shop);
    assert_eq!(kinds(&read["test.tickets"]), ["tickets.issued", "tickets.voided"].repeat(3));
    assert_complete_at(&address, &shop).await;
}
