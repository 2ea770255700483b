//! `GET /events/{event_id}/seats/blocked`.

use crate::common::test_shop::TestShop;
use crate::common::until;
use serde_json::json;

#[tokio::test]
async fn blocked_seats_are_listed_with_their_reasons() {
    let shop = TestShop::open().await;
    let path = shop.event.path("/seats/blocked");
    let before = shop.organizer.get(&path).await.expect(200).clone();
    assert_eq!((&before["total"], &before["seats"][0]["kind"]), (&json!(2), &json!("unpriced")));
    let body = json!({"seat_ids": shop.event.seats(&["Floor A-1", "Floor A-2"]), "reason": "press"});
    shop.organizer.post(&shop.event.path("/seats/block"), body).await.expect(200);
    let staff = shop.server.staff("steffi", &shop.organizer).await;
    let after = staff.get(&path).await.expect(200).clone();
    assert_eq!(after["total"], 4);
    let seat = &after["seats"][0];
    assert_eq!(
        (&seat["label"], &seat["kind"], &seat["reason"]),
        (&json!("Floor A-1"), &json!("organizer"), &json!("press"))
    );
    shop.buyer.get(&path).await.refused(404, "not_found");

    let body = json!({"seat_indexes": [3], "reason": ""});
    shop.organizer.post(&shop.event.path("/seats/block"), body).await.expect(200);
    until("the trail names who blocked the seats", async || {
        reasons(&shop, &path).await == [("", "olga"), ("press", "olga")].map(owned)
    })
    .await;
}

/// Who blocked for which reason; the audit trail is a moment behind the sale.
async fn reasons(shop: &TestShop, path: &str) -> Vec<(String, String)> {
    let told = shop.organizer.get(path).await.expect(200).clone();
    let told = told["reasons"].as_array().expect("a list").iter();
    told.map(|one| owned((one["reason"].as_str().expect("text"), one["blocked_by"].as_str().expect("text"))))
        .collect()
}

fn owned((reason, by): (&str, &str)) -> (String, String) {
    (reason.to_owned(), by.to_owned())
}
