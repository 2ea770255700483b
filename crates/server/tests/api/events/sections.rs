//! `GET /events/{event_id}/sections`.

use crate::common::test_shop::TestShop;
use serde_json::{Value, json};

#[tokio::test]
async fn sections_have_their_prices_and_available_seats() {
    let shop = TestShop::open().await;
    shop.reserved(&["Floor A-1", "Balcony A-1"]).await;
    let answer = shop.server.anonymous().get(&shop.event.path("/sections")).await;
    let answer = answer.expect(200);
    assert_eq!((&answer["event_id"], &answer["currency"]), (&json!(shop.event.id), &json!("USD")));
    let figures = |section: &Value| {
        let (seats, available) = (section["seats"].as_u64().unwrap(), section["available"].as_u64().unwrap());
        let name = section["section"].as_str().unwrap().to_owned();
        let general = section["general_admission"].as_bool().unwrap();
        (name, general, seats, available, section["min_price"].as_f64(), section["max_price"].as_f64())
    };
    let found: Vec<_> = answer["sections"].as_array().unwrap().iter().map(figures).collect();
    let expected = [
        ("Floor", false, 18, 17, Some(100.0)),
        ("Balcony", false, 4, 3, Some(50.0)),
        ("Gift", false, 3, 3, Some(0.0)),
        ("Standing", true, 10, 10, Some(20.0)),
        ("Field", true, 1_000, 1_000, Some(1.0)),
        ("Hidden", false, 2, 0, None),
    ]
    .map(|(name, general, seats, available, price)| {
        (name.to_owned(), general, seats, available, price, price)
    });
    assert_eq!(found, expected);
}
