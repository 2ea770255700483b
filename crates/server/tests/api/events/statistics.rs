//! `GET /events/{event_id}/statistics`.

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use serde_json::{Value, json};

async fn figures(shop: &TestShop) -> Value {
    let figures = shop.organizer.get(&shop.event.path("/statistics")).await.expect(200).clone();
    let parts = |name: &str, of: &str| -> u64 {
        figures[name].as_array().unwrap().iter().map(|part| part[of].as_u64().unwrap()).sum()
    };
    for kind in ["total", "available", "reserved", "sold", "blocked"] {
        assert_eq!(parts("sections", kind), figures["seats"][kind].as_u64().unwrap(), "{kind}");
    }
    assert_eq!(parts("price_tiers", "sold"), figures["seats"]["sold"].as_u64().unwrap());
    let money = |name: &str| (figures["money"][name].as_f64().unwrap() * 100.0).round() as i64;
    let left = money("gross") - money("refunded") - money("refunds_pending") - money("uncollected");
    assert_eq!(left, money("net"), "{figures}");
    figures
}

#[tokio::test]
async fn statistics_are_zero_before_anything_is_sold() {
    let shop = TestShop::open().await;
    let figures = figures(&shop).await;
    assert_eq!(
        figures["seats"],
        json!({"total": 1037, "available": 1035, "reserved": 0, "sold": 0, "blocked": 2})
    );
    assert_eq!(figures["reservations"], json!({"active": 0, "seats": 0, "amount": 0.0, "paying": 0}));
    assert_eq!(figures["sales"], json!({"bucket": "minute", "bucket_seconds": 60, "points": []}));
    assert_eq!(figures["price_tiers"][0]["name"], "Floor");
    assert_eq!(figures["sections"][4]["general_admission"], true);
}

#[tokio::test]
async fn statistics_count_sold_reserved_and_refunded_seats() {
    let shop = TestShop::open().await;
    let first = shop.bought(&["Floor A-1", "Floor A-2"]).await;
    shop.bought(&["Balcony A-1"]).await;
    shop.reserved(&["Floor B-1"]).await;
    let before = figures(&shop).await;
    assert_eq!(before["orders"], json!({"pending": 0, "confirmed": 2, "cancelled": 0, "unpaid": 0}));
    assert_eq!(before["tickets"], json!({"valid": 3, "suspended": 0, "void": 0}));
    assert_eq!(before["reservations"]["seats"], 1);
    assert_eq!(before["reservations"]["amount"], json!(100.0));
    assert!(before["reservations"]["next_expires_at"].is_string());
    assert_eq!(before["money"]["gross"], json!(250.0));
    assert_eq!(
        (&before["sections"][0]["revenue"], &before["sections"][0]["sold"]),
        (&json!(200.0), &json!(2))
    );
    let sold = |figures: &Value| -> u64 {
        figures["sales"]["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["tickets"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(sold(&before), 3);

    let path = format!("/orders/{}/cancel", string_of(&first["order_id"]));
    shop.organizer.post(&path, json!({})).await.expect(200);
    let after = figures(&shop).await;
    assert_eq!(after["orders"], json!({"pending": 0, "confirmed": 1, "cancelled": 1, "unpaid": 0}));
    assert_eq!(after["tickets"]["void"], 2);
    assert_eq!(after["money"]["net"], json!(50.0));
    assert_eq!(sold(&after), 3, "what was sold then stays sold then");
}

#[tokio::test]
async fn drafts_have_statistics_that_strangers_do_not_see() {
    let shop = TestShop::open().await;
    let draft = shop.server.event_with(&shop.organizer, |terms| terms.published = false).await;
    shop.organizer.get(&draft.path("/statistics")).await.expect(200);
    let path = shop.event.path("/statistics");
    shop.buyer.get(&path).await.refused(404, "not_found");
    shop.server.organizer("ingo").await.get(&path).await.refused(404, "not_found");
    shop.server.staff("steffi", &shop.organizer).await.get(&path).await.refused(403, "forbidden");
    let reservation = shop.reserved(&["Floor A-1"]).await;
    shop.buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await.expect(201);
    assert_eq!(figures(&shop).await["seats"]["sold"], 1);
}
