//! `GET /orders/{order_id}/tickets.pdf`.

use crate::common::test_shop::{TestShop, string_of};
use serde_json::json;

#[tokio::test]
async fn all_tickets_of_an_order_are_one_document() {
    let shop = TestShop::open().await;
    let order = shop.bought(&["Floor A-1", "Floor A-2"]).await;
    let path = format!("/orders/{}", string_of(&order["order_id"]));
    let pdf = shop.buyer.get(&format!("{path}/tickets.pdf")).await;
    pdf.expect(200);
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert_eq!(String::from_utf8_lossy(&pdf.bytes).matches("/Type/Page/").count(), 2);
    let name = format!("filename=\"Romeo-and-Juliet-tickets-{}.pdf\"", string_of(&order["number"]));
    assert!(pdf.header("content-disposition").unwrap().contains(&name), "{name}");

    shop.buyer.post(&format!("{path}/cancel"), json!({})).await.expect(200);
    shop.buyer.get(&format!("{path}/tickets.pdf")).await.refused(404, "not_found");
}
