//! Sales at the box office.

use crate::common::Actor;
use crate::common::test_shop::TestShop;
use serde_json::{Value, json};

pub(crate) fn sale_of(shop: &TestShop, labels: &[&str], payment: &str) -> Value {
    json!({"seat_ids": shop.event.seats(labels), "payment": payment})
}

pub(crate) async fn sell(shop: &TestShop, seller: &Actor, body: Value) -> crate::common::Answer {
    seller.post(&shop.event.path("/box-office"), body).await
}
