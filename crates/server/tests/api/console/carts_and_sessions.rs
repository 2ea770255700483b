//! What an account has open: reservations whose time runs, and sessions.

use crate::buying::{Fixture, GOOD, order, text};
use crate::common::until;
use serde_json::json;

#[tokio::test]
async fn a_cart_is_found_again_until_it_ends() {
    let fixture = Fixture::start().await;
    let mine = async || fixture.buyer.get("/users/me/reservations").await.expect(200)["reservations"].clone();
    assert_eq!(mine().await, json!([]));
    let first = fixture.reserved(&["Floor A-1", "Floor A-2"]).await;
    let second = fixture.reserved(&["Balcony A-1"]).await;
    until(async || mine().await.as_array().unwrap().len() == 2).await;
    let found = mine().await;
    assert_eq!(
        (text(&found[0]["reservation_id"]), text(&found[1]["reservation_id"])),
        (second.clone(), first.clone())
    );
    assert_eq!((&found[1]["status"], &found[1]["total_amount"]), (&json!("active"), &json!(200.0)));
    fixture.buyer.delete(&format!("/reservations/{second}")).await.expect(200);
    fixture.buyer.post("/orders", order(&first, GOOD)).await.expect(201);
    assert_eq!(mine().await, json!([]), "the sale itself is asked");
    assert_eq!(fixture.organizer.get("/users/me/reservations").await.expect(200)["reservations"], json!([]));
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let fixture = Fixture::start().await;
    let user = fixture.server.store().users().by_id(fixture.buyer.account.unwrap()).await.unwrap().unwrap();
    let phone = fixture.server.signed_in(&user).await;
    let list = phone.get("/users/me/sessions").await.expect(200)["sessions"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let other = list.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/users/me/sessions/{}", text(&other["session_id"]));
    fixture.organizer.delete(&path).await.refused(404, "not_found");
    phone.delete(&path).await.expect(204);
    fixture.buyer.get("/users/me").await.refused(401, "unauthenticated");
    phone.delete(&path).await.refused(404, "not_found");
    assert_eq!(phone.get("/users/me/sessions").await.expect(200)["sessions"].as_array().unwrap().len(), 1);
}
