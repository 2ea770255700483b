//! `GET /users/{user_id}/orders`.

use crate::common::test_shop::TestShop;
use serde_json::json;

#[tokio::test]
async fn buyers_list_their_own_orders() {
    let shop = TestShop::open().await;
    let first = shop.bought(&["Floor A-1"]).await;
    let second = shop.bought(&["Floor A-2", "Floor A-3"]).await;
    let path = format!("/users/{}/orders", shop.buyer.id());
    // The list is read from a view, which follows the journal.
    shop.server.wait_for_view_of(&shop.event).await;
    let list = shop.buyer.get(&path).await.expect(200).clone();
    assert_eq!(list["total"], 2);
    let ids: Vec<_> = list["orders"].as_array().unwrap().iter().map(|order| &order["order_id"]).collect();
    assert_eq!(ids, [&second["order_id"], &first["order_id"]]);
    assert_eq!(list["orders"][0]["event"]["name"], "Romeo and Juliet");
    assert_eq!((&list["orders"][0]["total_amount"], &list["limit"]), (&json!(200.0), &json!(20)));
    let page = shop.buyer.get(&format!("{path}?limit=1&offset=1")).await;
    assert_eq!(page.expect(200)["orders"][0]["order_id"], first["order_id"]);
    assert_eq!(shop.server.admin().await.get(&path).await.expect(200)["total"], json!(2));
    shop.organizer.get(&path).await.refused(404, "not_found");
    shop.server.buyer("ned").await.get(&path).await.refused(404, "not_found");
    shop.server.anonymous().get(&path).await.refused(401, "unauthenticated");
}
