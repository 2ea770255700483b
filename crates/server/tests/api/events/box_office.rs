//! `POST /events/{event_id}/box-office`.

use crate::common::box_office::{sale_of, sell};
use crate::common::browser::registered;
use crate::common::test_shop::{TestShop, string_of};
use fairseat_domain::time::Millis;
use fairseat_store::organizations::Role;
use serde_json::json;

#[tokio::test]
async fn cash_buys_tickets_at_once() {
    let shop = TestShop::open().await;
    let staff = shop.server.staff("steffi", &shop.organizer).await;
    let mut body = sale_of(&shop, &["Floor A-1", "Floor A-2"], "cash");
    body["name"] = json!("Walter Walk-In");
    body["email"] = json!("walter@example.test");
    body["note"] = json!("row for the choir");
    let sold = sell(&shop, &staff, body).await;
    let order = sold.expect(201);
    assert_eq!((&order["status"], &order["payment_status"]), (&json!("confirmed"), &json!("completed")));
    assert_eq!((&order["payment_method"], &order["channel"]), (&json!("cash"), &json!("box_office")));
    assert_eq!(order["total_amount"], json!(200.0));
    assert_eq!(order["customer"]["name"], "Walter Walk-In");
    assert_eq!(order["tickets"][0]["seat"], "Floor A-1");
    assert!(order["tickets"][1]["qr_code"].is_string());
    let ticket = format!("/tickets/{}.pdf", string_of(&order["tickets"][0]["ticket_id"]));
    staff.get(&ticket).await.expect(200);
    let seen = shop.organizer.get(&format!("/orders/{}", string_of(&order["order_id"]))).await;
    assert_eq!(seen.expect(200)["customer"], order["customer"]);
    assert_eq!(seen.json["buyer"]["user_id"], json!(staff.id()));
    shop.reserve(&shop.buyer, &["Floor A-1"]).await.refused(409, "seat_unavailable");
    let waiting = shop.server.store().outbox().pending(0, 10).await.unwrap();
    let kinds: Vec<&str> = waiting.iter().map(|queued| queued.message.kind.as_str()).collect();
    assert_eq!(kinds, ["counter_sold"], "the customer's; the seller needs no mail");
}

#[tokio::test]
async fn the_box_office_sells_best_available_seats_and_general_admission() {
    let shop = TestShop::open().await;
    let best = json!({"best_available": {"quantity": 3, "section": "Floor"}, "payment": "card_terminal"});
    assert_eq!(sell(&shop, &shop.organizer, best).await.expect(201)["total_amount"], json!(300.0));
    let places = json!({"general_admission": [{"section": "Standing", "quantity": 2}], "payment": "cash"});
    assert_eq!(sell(&shop, &shop.organizer, places).await.expect(201)["total_amount"], json!(40.0));
    let by_index = json!({"seat_indexes": [17], "payment": "cash"});
    assert_eq!(sell(&shop, &shop.organizer, by_index).await.expect(201)["tickets"][0]["seat"], "Floor C-6");
}

#[tokio::test]
async fn only_a_manager_gives_complimentary_tickets() {
    let shop = TestShop::open().await;
    let staff = shop.server.staff("steffi", &shop.organizer).await;
    let body = sale_of(&shop, &["Floor A-1"], "complimentary");
    sell(&shop, &staff, body.clone()).await.refused(403, "forbidden");
    let order = sell(&shop, &shop.organizer, body).await.expect(201).clone();
    assert_eq!((&order["total_amount"], &order["items"][0]["price"]), (&json!(0.0), &json!(0.0)));
    let cancel = format!("/orders/{}/cancel", string_of(&order["order_id"]));
    let cancelled = shop.organizer.post(&cancel, json!({})).await;
    assert_eq!(
        (&cancelled.expect(200)["status"], &cancelled.json["refunded_amount"]),
        (&json!("cancelled"), &json!(0.0))
    );
}

#[tokio::test]
async fn the_box_office_sells_outside_of_sale_times_and_past_ticket_limits() {
    let shop = TestShop::open().await;
    let event = shop.server.event_with(&shop.organizer, |terms| {
        terms.on_sale_at = terms.sales_end_at.minus(Millis(1));
        terms.max_tickets_per_buyer = 1;
    });
    let event = event.await;
    let sale = |labels: &[&str]| json!({"seat_ids": event.seats(labels), "payment": "cash"});
    shop.organizer.post(&event.path("/box-office"), sale(&["Floor A-1", "Floor A-2"])).await.expect(201);
    shop.organizer.post(&event.path("/box-office"), sale(&["Floor A-3"])).await.expect(201);
    let draft = shop.server.event_with(&shop.organizer, |terms| terms.published = false).await;
    let sale = json!({"seat_ids": draft.seats(&["Floor A-1"]), "payment": "cash"});
    shop.organizer.post(&draft.path("/box-office"), sale).await.refused(409, "sale_not_open");
}

#[tokio::test]
async fn the_box_office_names_wrong_fields_and_sells_no_seat_twice() {
    let shop = TestShop::open().await;
    let keyed = shop.organizer.with_key("counter-1");
    let first = sell(&shop, &keyed, sale_of(&shop, &["Floor A-1"], "cash")).await.expect(201).clone();
    let again = sell(&shop, &keyed, sale_of(&shop, &["Floor A-1"], "cash")).await;
    assert_eq!(again.expect(201)["order_id"], first["order_id"]);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    sell(&shop, &keyed, sale_of(&shop, &["Floor A-2"], "cash")).await.refused(422, "idempotency_mismatch");
    sell(&shop, &shop.organizer, sale_of(&shop, &["Floor A-1"], "cash"))
        .await
        .refused(409, "seat_unavailable");
    for (body, field) in [
        (json!({"payment": "cash"}), "seat_ids"),
        (json!({"seat_indexes": [0], "payment": "cheque"}), "payment"),
        (json!({"seat_indexes": [2]}), "payment"),
        (json!({"seat_indexes": [2], "payment": "cash", "email": "nobody"}), "email"),
        (json!({"seat_indexes": [2], "payment": "cash", "note": "x".repeat(501)}), "note"),
        (json!({"seat_indexes": [2], "payment": "cash", "name": "a\u{0}b"}), "name"),
        (json!({"seat_indexes": [99_999], "payment": "cash"}), "seat_indexes[0]"),
        (json!({"seat_indexes": [], "payment": "cash"}), "seat_indexes"),
    ] {
        let answer = sell(&shop, &shop.organizer, body).await;
        assert_eq!(answer.invalid_fields(), [field]);
    }
    let stranger = shop.server.organizer("ingo").await;
    sell(&shop, &stranger, sale_of(&shop, &["Floor A-3"], "cash")).await.refused(404, "not_found");
    sell(&shop, &shop.buyer, sale_of(&shop, &["Floor A-3"], "cash")).await.refused(404, "not_found");
}

#[tokio::test]
async fn statistics_count_box_office_sales_by_payment() {
    let shop = TestShop::open().await;
    for (labels, payment) in [
        (["Floor A-1", "Floor A-2"], "cash"),
        (["Balcony A-1", "Balcony A-2"], "card_terminal"),
        (["Floor B-1", "Floor B-2"], "complimentary"),
    ] {
        sell(&shop, &shop.organizer, sale_of(&shop, &labels, payment)).await.expect(201);
    }
    shop.bought(&["Floor C-1"]).await;
    let figures = shop.organizer.get(&shop.event.path("/statistics")).await.expect(200).clone();
    assert_eq!(
        figures["box_office"],
        json!({
            "orders": 3, "tickets": 6, "cash": 200.0, "card_terminal": 100.0, "complimentary_tickets": 2, "in_hand": 300.0,
        })
    );
    assert_eq!(figures["money"]["gross"], json!(400.0));
}

#[tokio::test]
async fn a_seller_whose_own_address_is_not_confirmed_sends_no_letters() {
    let shop = TestShop::open().await;
    let organization = shop.organizer.organization();
    let fred = registered(&shop.server, "fred").await;
    let account = shop.server.store().users().by_email("fred@example.test").await.unwrap().unwrap();
    let organizations = shop.server.store().organizations();
    organizations.set_member(organization, account.id, Role::Manager, shop.server.app.now()).await.unwrap();
    let mut body = sale_of(&shop, &["Floor A-1"], "cash");
    body["email"] = json!("stranger@example.test");
    sell(&shop, &fred, body.clone()).await.refused(403, "email_unverified");
    body["email"] = json!("");
    assert_eq!(sell(&shop, &fred, body).await.expect(201).get("confirmation_email_sent"), None);
}
