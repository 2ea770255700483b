//! `POST /auth/guest`, and what guests may do.

use crate::common::test_shop::{CARD_TO_APPROVE, GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{Actor, TestServer};
use fairseat_edge::limits::RateLimiting;
use serde_json::{Value, json};

async fn guest(server: &TestServer) -> (Actor, Value) {
    let answer = server.anonymous().post("/auth/guest", Value::Null).await;
    let answer = answer.expect(201).clone();
    let actor = server.anonymous().with_token(answer["access_token"].as_str().unwrap());
    (actor, answer)
}

fn with_contact(mut order: Value, email: &str) -> Value {
    order["contact"] = json!({"email": email});
    order
}

async fn held(shop: &TestShop, who: &Actor, labels: &[&str]) -> String {
    string_of(&shop.reserve(who, labels).await.expect(201)["reservation_id"])
}

#[tokio::test]
async fn a_guest_holds_and_buys_with_a_contact_alone() {
    let shop = TestShop::open().await;
    let (guest, answer) = guest(&shop.server).await;
    assert_eq!((&answer["user"]["guest"], &answer["user"]["email"]), (&json!(true), &Value::Null));
    assert_eq!(*guest.get("/users/me").await.expect(200), answer["user"]);
    let reservation = held(&shop, &guest, &["Floor A-1"]).await;

    let order = order_body(&reservation, GOOD_CARD);
    assert_eq!(guest.post("/orders", order.clone()).await.invalid_fields(), ["contact"]);
    let odd = with_contact(order.clone(), "nowhere");
    assert_eq!(guest.post("/orders", odd).await.invalid_fields(), ["contact.email"]);
    let bought = guest.post("/orders", with_contact(order, "ada@example.org")).await;
    let bought = bought.expect(201);
    let path = format!("/orders/{}", bought["order_id"].as_str().unwrap());
    assert_eq!(guest.get(&path).await.expect(200)["contact"]["email"], "ada@example.org");
    shop.buyer.get(&path).await.refused(404, "not_found");
    let seen = shop.organizer.get(&path).await;
    assert_eq!(seen.expect(200)["buyer"]["email"], "ada@example.org", "the organizer sees who comes");
}

#[tokio::test]
async fn the_contact_of_a_declined_attempt_is_kept_for_the_next() {
    let shop = TestShop::open().await;
    let (guest, _) = guest(&shop.server).await;
    let reservation = held(&shop, &guest, &["Floor A-1"]).await;
    let declined = with_contact(order_body(&reservation, "4000000000000002"), "ada@example.org");
    guest.post("/orders", declined).await.refused(402, "payment_declined");
    let kept = guest.get(&format!("/reservations/{reservation}")).await;
    assert_eq!(kept.expect(200)["contact"]["email"], "ada@example.org");
    guest.post("/orders", order_body(&reservation, GOOD_CARD)).await.expect(201);
}

#[tokio::test]
async fn an_account_with_an_address_gives_no_contact() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let order = with_contact(order_body(&reservation, GOOD_CARD), "else@example.org");
    assert_eq!(shop.buyer.post("/orders", order).await.invalid_fields(), ["contact"]);
}

#[tokio::test]
async fn what_needs_an_address_is_refused_to_guests() {
    let server = TestServer::start().await;
    let (guest, _) = guest(&server).await;
    guest.patch("/users/me", json!({"username": "Eve"})).await.refused(403, "email_unverified");
    guest.post("/organizations", json!({"name": "Ours"})).await.refused(403, "email_unverified");
    guest.post("/auth/verify-email/resend", Value::Null).await.refused(403, "email_unverified");
    guest.send("DELETE".parse().unwrap(), "/users/me", Some(json!({}))).await.expect(204);
    guest.get("/users/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_guest_that_registers_keeps_everything() {
    let shop = TestShop::open().await;
    let (guest, answer) = guest(&shop.server).await;
    let first = held(&shop, &guest, &["Floor A-1"]).await;
    let order = with_contact(order_body(&first, GOOD_CARD), "ada@example.org");
    let order = string_of(&guest.post("/orders", order).await.expect(201)["order_id"]);
    let cart = held(&shop, &guest, &["Floor A-2"]).await;

    let body = json!({"email": "ada@example.org", "username": "Ada", "password": "a long password"});
    let registered = guest.post("/auth/register", body.clone()).await;
    let registered = registered.expect(201);
    assert_eq!(registered["user_id"], answer["user"]["user_id"]);
    let me = guest.get("/users/me").await;
    assert_eq!((&me.expect(200)["guest"], &me.json["email"]), (&json!(false), &json!("ada@example.org")));
    let signed_in = shop.server.anonymous().post("/auth/login", body_of_login(&body)).await;
    let ada = shop.server.anonymous().with_token(signed_in.expect(200)["access_token"].as_str().unwrap());
    ada.get(&format!("/orders/{order}")).await.expect(200);
    ada.get(&format!("/reservations/{cart}")).await.expect(200);
    ada.post("/orders", order_body(&cart, GOOD_CARD)).await.expect(201);

    let (other, _) = self::guest(&shop.server).await;
    other.post("/auth/register", body).await.refused(409, "email_taken");
}

fn body_of_login(registration: &Value) -> Value {
    json!({"email": registration["email"], "password": registration["password"]})
}

async fn account(server: &TestServer, email: &str) -> Value {
    let body = json!({"email": email, "username": "Ada", "password": "a long password"});
    server.anonymous().post("/auth/register", body.clone()).await.expect(201);
    body_of_login(&body)
}

#[tokio::test]
async fn signing_in_brings_the_cart_along_and_joins_it_with_the_account_s() {
    let shop = TestShop::open().await;
    let login = account(&shop.server, "ada@example.org").await;
    let nobody = shop.server.anonymous();
    let ada = nobody.post("/auth/login", login.clone()).await;
    let ada = nobody.with_token(ada.expect(200)["access_token"].as_str().unwrap());
    let own = held(&shop, &ada, &["Floor B-1"]).await;

    let (guest, tokens) = guest(&shop.server).await;
    let cart = held(&shop, &guest, &["Floor A-1", "Floor A-2"]).await;
    let mut with_guest = login.clone();
    with_guest["guest_token"] = tokens["access_token"].clone();
    let answer = nobody.post("/auth/login", with_guest.clone()).await;
    let carts = &answer.expect(200)["carts"];
    assert_eq!(carts[0]["from_reservation_id"], *cart);
    assert_eq!((&carts[0]["reservation_id"], &carts[0]["left_out"]), (&json!(own), &json!([])));
    let merged = ada.get(&format!("/reservations/{own}")).await;
    assert_eq!(
        merged.expect(200)["seat_ids"],
        json!(shop.event.seats(&["Floor B-1", "Floor A-1", "Floor A-2"]))
    );
    guest.get(&format!("/reservations/{cart}")).await.expect(200);
    assert_eq!(guest.json_of(&format!("/reservations/{cart}")).await["status"], "cancelled");
    let again = nobody.post("/auth/login", with_guest).await;
    assert_eq!(again.expect(200)["carts"], Value::Null, "nothing is left to bring");
}

#[tokio::test]
async fn a_merge_over_the_limit_keeps_the_earliest_seats_and_names_the_rest() {
    let shop = TestShop::open().await;
    let login = account(&shop.server, "ada@example.org").await;
    shop.organizer.patch(&shop.event.path(""), json!({"max_tickets_per_user": 2})).await.expect(200);
    let (guest, tokens) = guest(&shop.server).await;
    let cart = held(&shop, &guest, &["Floor A-1"]).await;
    let nobody = shop.server.anonymous();
    let ada = nobody.post("/auth/login", login.clone()).await;
    let ada = nobody.with_token(ada.expect(200)["access_token"].as_str().unwrap());
    let own = held(&shop, &ada, &["Floor B-1"]).await;
    guest
        .patch(&format!("/reservations/{cart}"), json!({"add_seat_ids": shop.event.seats(&["Floor A-2"])}))
        .await
        .expect(200);

    let mut body = login;
    body["guest_token"] = tokens["access_token"].clone();
    let answer = nobody.post("/auth/login", body).await;
    let brought = &answer.expect(200)["carts"][0];
    assert_eq!(brought["reservation_id"], *own);
    let kept = ada.json_of(&format!("/reservations/{own}")).await;
    assert_eq!(kept["seat_ids"], json!(shop.event.seats(&["Floor A-1", "Floor A-2"])), "the guest was first");
    assert_eq!(brought["left_out"][0]["label"], "Floor B-1");
    shop.reserve(&shop.buyer, &["Floor B-1"]).await.expect(201);
}

#[tokio::test]
async fn a_cart_that_is_being_paid_for_stays_with_the_guest() {
    let shop = TestShop::open().await;
    let login = account(&shop.server, "ada@example.org").await;
    let (guest, tokens) = guest(&shop.server).await;
    let cart = held(&shop, &guest, &["Floor A-1"]).await;
    let order = with_contact(order_body(&cart, CARD_TO_APPROVE), "ada@example.org");
    guest.post("/orders", order).await.expect(202);
    let mut body = login;
    body["guest_token"] = tokens["access_token"].clone();
    let answer = shop.server.anonymous().post("/auth/login", body).await;
    assert_eq!(answer.expect(200)["carts"], Value::Null);
    assert_eq!(guest.json_of(&format!("/reservations/{cart}")).await["status"], "active");
}

#[tokio::test]
async fn signing_in_works_with_a_guest_token_that_is_not_valid() {
    let shop = TestShop::open().await;
    let mut login = account(&shop.server, "ada@example.org").await;
    login["guest_token"] = json!("no token");
    shop.server.anonymous().post("/auth/login", login).await.expect(200);
}

#[tokio::test]
async fn guests_of_one_network_share_the_limit_of_new_accounts() {
    let server = TestServer::start_with(|settings| settings.limits = RateLimiting::On).await;
    let shop = TestShop::open_on(server).await;
    let limits = json!({"hold_limits": {"seats_of_new_accounts": 1}});
    shop.organizer.patch(&shop.event.path(""), limits).await.expect(200);
    let (first, _) = guest(&shop.server).await;
    let (second, _) = guest(&shop.server).await;
    held(&shop, &first, &["Floor A-1"]).await;
    shop.reserve(&second, &["Floor A-2"]).await.refused(403, "hold_limit");
}

#[tokio::test]
async fn one_address_makes_only_so_many_guests() {
    let server = TestServer::start_with(|settings| settings.limits = RateLimiting::On).await;
    let nobody = server.anonymous();
    // While this runs, one a second is allowed again.
    let mut made = 0;
    let refused = loop {
        let answer = nobody.post("/auth/guest", Value::Null).await;
        if answer.status != 201 || made > 1_000 {
            break answer;
        }
        made += 1;
    };
    refused.refused(429, "rate_limited");
    assert!(made >= 100, "{made}");
    nobody.at([192, 0, 2, 99]).post("/auth/guest", Value::Null).await.expect(201);
}
