//! `GET /users/me/reservations`.

use crate::common::test_sale::{GOOD, Stage, order, text};
use crate::common::until;
use serde_json::json;

#[tokio::test]
async fn active_reservations_are_listed_until_they_end() {
    let stage = Stage::set().await;
    let mine = async || stage.buyer.get("/users/me/reservations").await.expect(200)["reservations"].clone();
    assert_eq!(mine().await, json!([]));
    let first = stage.reserved(&["Floor A-1", "Floor A-2"]).await;
    let second = stage.reserved(&["Balcony A-1"]).await;
    until("both reservations are listed", async || mine().await.as_array().unwrap().len() == 2).await;
    let found = mine().await;
    assert_eq!(
        (text(&found[0]["reservation_id"]), text(&found[1]["reservation_id"])),
        (second.clone(), first.clone())
    );
    assert_eq!((&found[1]["status"], &found[1]["total_amount"]), (&json!("active"), &json!(200.0)));
    stage.buyer.delete(&format!("/reservations/{second}")).await.expect(200);
    stage.buyer.post("/orders", order(&first, GOOD)).await.expect(201);
    assert_eq!(mine().await, json!([]), "the sale itself is asked");
    assert_eq!(stage.organizer.get("/users/me/reservations").await.expect(200)["reservations"], json!([]));
}
