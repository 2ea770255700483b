//! The letter to a guest: its link opens the order and its tickets, and nothing else.

use super::letters::{masked, one};
use super::{Smtp, TestMailer};
use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{Actor, until};
use serde_json::{Value, json};

/// A guest with an order, and the text of the letter about it.
struct Bought {
    shop: TestShop,
    guest: Actor,
    order: Value,
    letter: String,
    smtp: Smtp,
    post: TestMailer,
}

async fn bought(contact: Value) -> Bought {
    let shop = TestShop::open().await;
    let smtp = Smtp::start();
    let post = TestMailer::of(&shop.server, Some(&smtp));
    let nobody = shop.server.anonymous();
    let token = nobody.post("/auth/guest", Value::Null).await;
    let guest = nobody.with_token(token.expect(201)["access_token"].as_str().unwrap());
    let reservation =
        string_of(&shop.reserve(&guest, &["Floor A-1", "Floor A-2"]).await.expect(201)["reservation_id"]);
    let mut order = order_body(&reservation, GOOD_CARD);
    order["contact"] = contact;
    let order = guest.post("/orders", order).await.expect(201).clone();
    until("the letter is queued", async || shop.server.store().outbox().count().await.unwrap() == 1).await;
    post.send_after(1).await;
    let received = one(smtp.received());
    assert_eq!(received.to, "<ada@example.org>", "without words of somebody whom nobody knows");
    Bought { shop, guest, order, letter: received.text, smtp, post }
}

/// The path and query of the first link in the letter that begins with this path.
fn link(letter: &str, path: &str) -> String {
    let rest = letter.split(&format!("http://fairseat.test{path}")).nth(1).unwrap();
    format!("{path}{}", rest.split_whitespace().next().unwrap())
}

#[tokio::test]
async fn the_letter_of_a_guest_names_who_may_read_it() {
    let Bought { order, letter, .. } =
        bought(json!({"email": "ada@example.org", "name": "You won a prize"})).await;
    assert!(letter.contains("These links open your tickets without a password"), "{letter}");
    assert!(!letter.contains("You won"), "{letter}");
    assert!(masked(&letter, &[(&order["order_id"], "ORDER")]).contains("/orders/ORDER?key="), "{letter}");
}

#[tokio::test]
async fn the_link_opens_the_order_and_its_tickets_without_signing_in() {
    let Bought { shop, guest, order, letter, .. } = bought(json!({"email": "ada@example.org"})).await;
    let nobody = shop.server.anonymous();
    let (order_link, ticket_link) = (link(&letter, "/orders/"), link(&letter, "/tickets/"));
    let seen = nobody.get(&order_link).await;
    assert_eq!(seen.expect(200)["tickets"].as_array().unwrap().len(), 2);
    assert_eq!((&seen.json["buyer"], &seen.json["contact"]), (&Value::Null, &Value::Null));
    let ticket = nobody.get(&ticket_link).await;
    assert_eq!(ticket.expect(200)["status"], "valid");
    let (id, query) = ticket_link.split_once('?').unwrap();
    for form in ["pdf", "png", "ics"] {
        nobody.get(&format!("{id}.{form}?{query}")).await.expect(200);
    }
    for path in [&order_link, &ticket_link] {
        let page = nobody.page(path).await;
        page.expect(200);
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(page.contains(&format!("?{query}")) && !page.contains("/cancel"), "{page}");
    }

    let order_path = format!("/orders/{}", order["order_id"].as_str().unwrap());
    nobody.get(&order_path).await.refused(401, "unauthenticated");
    nobody.get(&format!("{order_path}?key=guessed")).await.refused(404, "not_found");
    nobody.post(&format!("{order_path}/cancel?{query}"), Value::Null).await.refused(401, "unauthenticated");
    let reservation = string_of(&shop.reserve(&guest, &["Floor A-3"]).await.expect(201)["reservation_id"]);
    nobody.get(&format!("/reservations/{reservation}?{query}")).await.refused(401, "unauthenticated");
    let next = string_of(
        &guest
            .post("/orders", {
                let mut body = order_body(&reservation, GOOD_CARD);
                body["contact"] = json!({"email": "ada@example.org"});
                body
            })
            .await
            .expect(201)["order_id"],
    );
    nobody.get(&format!("/orders/{next}?{query}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_account_is_made_from_the_link_by_whoever_reads_the_mail() {
    let Bought { shop, guest, order, letter, smtp, post } = bought(json!({"email": "ada@example.org"})).await;
    let nobody = shop.server.anonymous();
    let key = link(&letter, "/orders/").split_once("?key=").unwrap().1.to_owned();
    let registration = |email: &str, key: &str| {
        json!({
            "email": email, "username": "Ada",
            "order": {"order_id": order["order_id"], "key": key},
        })
    };
    let wrong = nobody.post("/auth/register", registration("ada@example.org", "guessed")).await;
    assert_eq!(wrong.invalid_fields(), ["order"]);
    let other = nobody.post("/auth/register", registration("eve@example.org", &key)).await;
    assert_eq!(other.invalid_fields(), ["email"], "only the owner of the mailbox");
    let mut chosen = registration("ada@example.org", &key);
    chosen["password"] = json!("a long password");
    assert_eq!(nobody.post("/auth/register", chosen).await.invalid_fields(), ["password"]);

    let made = nobody.post("/auth/register", registration("Ada@example.org", &key)).await;
    assert_eq!((&made.expect(201)["email_verified"], &made.json["guest"]), (&json!(false), &json!(false)));
    assert_eq!(made.json["user_id"], order["user_id"]);
    let login = json!({"email": "ada@example.org", "password": "a long password"});
    nobody.post("/auth/login", login.clone()).await.refused(401, "invalid_credentials");
    let again = nobody.post("/auth/register", registration("ada2@example.org", &key)).await;
    assert_eq!(again.invalid_fields(), ["order"]);

    post.send_after(1).await;
    let second = one(smtp.received());
    let token = second.text.split("reset-password?token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let password = json!({"token": token, "password": "a long password"});
    nobody.post("/auth/reset-password", password).await.expect(204);
    let ada = nobody.post("/auth/login", login).await;
    assert_eq!(ada.expect(200)["user"]["email_verified"], true);
    let ada = nobody.with_token(ada.json["access_token"].as_str().unwrap());
    ada.get(&format!("/orders/{}", order["order_id"].as_str().unwrap())).await.expect(200);
    guest.get("/users/me").await.refused(401, "unauthenticated");
}
