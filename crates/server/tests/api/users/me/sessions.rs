//! `GET /users/me/sessions` and `DELETE /users/me/sessions/{session_id}`.

use crate::common::test_shop::{TestShop, string_of};

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let shop = TestShop::open().await;
    let user = shop.server.store().users().by_id(shop.buyer.account.unwrap()).await.unwrap().unwrap();
    let phone = shop.server.signed_in(&user).await;
    let list = phone.get("/users/me/sessions").await.expect(200)["sessions"].clone();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let other = list.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/users/me/sessions/{}", string_of(&other["session_id"]));
    shop.organizer.delete(&path).await.refused(404, "not_found");
    phone.delete(&path).await.expect(204);
    shop.buyer.get("/users/me").await.refused(401, "unauthenticated");
    phone.delete(&path).await.refused(404, "not_found");
    assert_eq!(phone.get("/users/me/sessions").await.expect(200)["sessions"].as_array().unwrap().len(), 1);
}
