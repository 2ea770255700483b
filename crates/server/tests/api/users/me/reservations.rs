//! `GET /users/me/reservations`.

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::until;
use serde_json::json;

#[tokio::test]
async fn active_reservations_are_listed_until_they_end() {
    let shop = TestShop::open().await;
    let mine = async || shop.buyer.get("/users/me/reservations").await.expect(200)["reservations"].clone();
    assert_eq!(mine().await, json!([]));
    let first = shop.reserved(&["Floor A-1", "Floor A-2"]).await;
    let second = shop.reserved(&["Balcony A-1"]).await;
    until("both reservations are listed", async || mine().await.as_array().unwrap().len() == 2).await;
    let found = mine().await;
    assert_eq!(
        (string_of(&found[0]["reservation_id"]), string_of(&found[1]["reservation_id"])),
        (second.clone(), first.clone())
    );
    assert_eq!((&found[1]["status"], &found[1]["total_amount"]), (&json!("active"), &json!(200.0)));
    shop.buyer.delete(&format!("/reservations/{second}")).await.expect(200);
    shop.buyer.post("/orders", order_body(&first, GOOD_CARD)).await.expect(201);
    assert_eq!(mine().await, json!([]), "the sale itself is asked");
    assert_eq!(shop.organizer.get("/users/me/reservations").await.expect(200)["reservations"], json!([]));
}
