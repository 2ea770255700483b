//! `GET /events/{event_id}/orders` and `GET /organizations/{organization_id}/orders`.

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{Actor, until};
use serde_json::{Value, json};

async fn found(actor: &Actor, path: &str) -> Value {
    actor.get(path).await.expect(200).clone()
}

fn ids(list: &Value) -> Vec<String> {
    list["orders"].as_array().unwrap().iter().map(|order| string_of(&order["order_id"])).collect()
}

#[tokio::test]
async fn an_event_without_orders_has_an_empty_list() {
    let shop = TestShop::open().await;
    let list = found(&shop.organizer, &shop.event.path("/orders?q=anna&status=confirmed")).await;
    assert_eq!(list, json!({"orders": [], "total": 0, "limit": 20, "offset": 0}));
}

#[tokio::test]
async fn orders_are_found_by_buyer_and_status() {
    let shop = TestShop::open().await;
    let first = string_of(&shop.bought(&["Floor A-1"]).await["order_id"]);
    let ned = shop.server.buyer("ned_100%").await;
    let reserved = string_of(&shop.reserve(&ned, &["Floor A-2"]).await.expect(201)["reservation_id"]);
    let second =
        string_of(&ned.post("/orders", order_body(&reserved, GOOD_CARD)).await.expect(201)["order_id"]);
    let sale = json!({"seat_ids": shop.event.seats(&["Floor A-3"]), "payment": "cash", "name": "Walter", "email": "w@example.test"});
    let third = shop.organizer.post(&shop.event.path("/box-office"), sale).await.expect(201).clone();
    let third = string_of(&third["order_id"]);
    let all = shop.event.path("/orders");
    until("all three orders are listed", async || found(&shop.organizer, &all).await["total"] == 3).await;
    let search =
        async |query: &str| ids(&found(&shop.organizer, &shop.event.path(&format!("/orders?{query}"))).await);
    assert_eq!(search("").await, [third.clone(), second.clone(), first.clone()], "the newest first");
    assert_eq!(search("q=BERTA%40example").await, vec![first.clone()]);
    assert_eq!(search("q=d_100%25").await, vec![second.clone()], "wildcards are letters");
    assert_eq!(search("q=%25").await, vec![second.clone()]);
    assert_eq!(search("q=walter").await, vec![third.clone()]);
    assert!(search("q=olga").await.is_empty(), "the seller did not buy");
    assert_eq!(search(&format!("q={second}")).await, vec![second.clone()]);
    assert_eq!(search("limit=1&offset=1").await, vec![second.clone()]);
    assert!(search("status=refunded").await.is_empty());
    let number = string_of(&found(&shop.organizer, &format!("/orders/{second}")).await["number"]);
    let typed = format!("{}-{}", &number[..4].to_lowercase(), &number[4..]);
    for query in [format!("q={number}"), format!("q={typed}"), format!("q={number}&status=confirmed")] {
        assert_eq!(search(&query).await, vec![second.clone()], "{query}");
    }
    assert!(search(&format!("q={number}&status=refunded")).await.is_empty());
    assert!(search("q=22222222").await.is_empty(), "the form of a number, but no order's");
    let list = found(&shop.organizer, &shop.event.path("/orders?q=walter")).await;
    let order = &list["orders"][0];
    assert_eq!(order["customer"], json!({"name": "Walter", "email": "w@example.test"}));
    assert_eq!(
        (&order["channel"], &order["payment_method"], &order["tickets"]),
        (&json!("box_office"), &json!("cash"), &json!(1))
    );
    assert_eq!(order["buyer"]["username"], "olga");

    let path = format!("/organizations/{}/orders", shop.organizer.organization().0);
    assert_eq!(ids(&found(&shop.organizer, &path).await), [third, second.clone(), first]);
    assert_eq!(ids(&found(&shop.organizer, &format!("{path}?q={number}")).await), [second]);
    let admin = shop.server.admin().await;
    assert_eq!(found(&admin, &format!("{path}?q=berta")).await["total"], 1);
    admin.get(&format!("/organizations/{}/orders", uuid::Uuid::nil())).await.refused(404, "not_found");
}

#[tokio::test]
async fn orders_are_found_in_any_script_case_accent_and_apostrophe() {
    let shop = TestShop::open().await;
    let sold = [
        ("Floor A-1", "Анна Ёлкина", "anna@почта.рф", ""),
        ("Floor A-2", "Jürgen Müller", "jm@example.test", "Tür 3"),
        ("Floor A-3", "Ana García-Straße", "ana.garcia@example.test", ""),
        ("Floor A-4", "Conor O'Brien", "conor@example.test", ""),
        ("Floor A-5", "Siân O’Neil", "sian@example.test", "friends–of"),
        ("Floor A-6", "Γιώργος ΠΑΠΑΣ", "", ""),
    ];
    for (seat, name, email, note) in sold {
        let sale = json!({"seat_ids": shop.event.seats(&[seat]), "payment": "cash", "name": name, "email": email,
            "note": note});
        shop.organizer.post(&shop.event.path("/box-office"), sale).await.expect(201);
    }
    let paths =
        [shop.event.path("/orders"), format!("/organizations/{}/orders", shop.organizer.organization().0)];
    until("all orders are listed", async || found(&shop.organizer, &paths[1]).await["total"] == 6).await;
    for (asked, expected) in [
        ("анна", "Анна Ёлкина"),
        ("ЕЛКИНА", "Анна Ёлкина"),
        ("почта.рф", "Анна Ёлкина"),
        ("MÜLLER", "Jürgen Müller"),
        ("muller jurgen", "Jürgen Müller"),
        ("TUR", "Jürgen Müller"),
        ("garcia", "Ana García-Straße"),
        ("STRASSE", "Ana García-Straße"),
        ("ana.garcia@", "Ana García-Straße"),
        ("O’Brien", "Conor O'Brien"),
        ("o'brien", "Conor O'Brien"),
        ("OBrien", "Conor O'Brien"),
        ("o'neil", "Siân O’Neil"),
        ("oʼneil", "Siân O’Neil"),
        ("friends-of", "Siân O’Neil"),
        ("παπασ", "Γιώργος ΠΑΠΑΣ"),
        ("γιωργος", "Γιώργος ΠΑΠΑΣ"),
        ("olga", ""),
        ("'", ""),
    ] {
        let query: String = form_urlencoded::byte_serialize(asked.as_bytes()).collect();
        for path in &paths {
            let list = found(&shop.organizer, &format!("{path}?q={query}")).await;
            let names =
                list["orders"].as_array().unwrap().iter().map(|order| string_of(&order["customer"]["name"]));
            assert_eq!(names.collect::<Vec<_>>().join(", "), expected, "{asked}");
        }
    }
    shop.bought(&["Balcony A-1"]).await;
    shop.buyer.patch("/users/me", json!({"username": "Zoë Ødegård"})).await.expect(200);
    let renamed = shop.event.path("/orders?q=odegard%20ZOE");
    until("the renamed buyer is found", async || found(&shop.organizer, &renamed).await["total"] == 1).await;
}

#[tokio::test]
async fn only_members_with_the_right_role_list_orders_and_wrong_queries_are_named() {
    let shop = TestShop::open().await;
    let path = shop.event.path("/orders");
    let other = shop.server.organizer("ingo").await;
    let organization = format!("/organizations/{}/orders", shop.organizer.organization().0);
    for path in [&path, &organization] {
        other.get(path).await.refused(404, "not_found");
        shop.buyer.get(path).await.refused(404, "not_found");
    }
    shop.server.staff("steffi", &shop.organizer).await.get(&path).await.refused(403, "forbidden");
    for (query, field) in
        [("status=lost", "status"), ("limit=101", "limit"), (&*format!("q={}", "x".repeat(201)), "q")]
    {
        let answer = shop.organizer.get(&format!("{path}?{query}")).await;
        assert_eq!(answer.invalid_fields(), [field]);
    }
}
