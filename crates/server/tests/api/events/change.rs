//! `PATCH /events/{event_id}`.

use crate::common::TestServer;
use crate::common::catalogue::{buy, make_event};
use serde_json::json;

#[tokio::test]
async fn changed_texts_terms_and_prices_are_effective_at_once() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let buyer = server.buyer("bob").await;
    let order = buy(&buyer, &event, "Floor", 2).await;
    let changes = json!({
        "name": "Moved", "start_time": "2036-12-17T01:00:00Z", "end_time": "2036-12-17T04:00:00Z",
        "price_tiers": {"Floor": 310.00}, "max_tickets_per_user": 3, "fees": {"per_ticket": 1.5},
    });
    let changed = organizer.patch(&format!("/events/{event}"), changes).await;
    let shown = changed.expect(200);
    assert_eq!(shown["name"], "Moved");
    assert_eq!(shown["sales_end_time"], "2036-12-17T01:00:00.000Z", "moves with the start");
    assert_eq!(shown["available_seats"], 10, "twelve less two sold; standing has no price any more");
    assert_eq!(server.anonymous().get(&format!("/events/{event}")).await.expect(200), shown);
    let kept = buyer.get(&format!("/orders/{}", order["order_id"].as_str().unwrap())).await;
    assert_eq!(kept.expect(200)["total_amount"], 600.0, "bought at the old price");
    let wish = json!({"best_available": {"quantity": 1, "section": "Floor"}});
    let next = buyer.post(&format!("/events/{event}/reserve"), wish.clone()).await;
    assert_eq!(next.expect(201)["total_amount"], 311.5);
    buyer.post(&format!("/events/{event}/reserve"), wish).await.refused(403, "ticket_limit");
    let mail = server.store().outbox().pending(0, 100).await.unwrap();
    let moved: Vec<_> = mail.iter().filter(|mail| mail.message.kind == "event_rescheduled").collect();
    assert_eq!(moved.len(), 1, "one holder, one message");
    assert_eq!(Some(moved[0].message.recipient), buyer.account);
}

#[tokio::test]
async fn a_moved_event_shows_its_first_announced_start() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({"draft": true})).await;
    let first = organizer.get(&format!("/events/{event}")).await.expect(200)["start_time"].clone();
    let second = json!("2036-12-17T01:00:00.000Z");
    for (changes, expected, why) in [
        (
            json!({"start_time": second, "end_time": "2036-12-17T04:00:00Z"}),
            None,
            "a draft was never announced",
        ),
        (json!({"draft": false}), None, "nor does it move by being published"),
        (json!({"start_time": first}), Some(&second), "moved"),
        (json!({"start_time": "2036-12-17T00:00:00Z"}), Some(&second), "moved again: as first announced"),
        (json!({"name": "Another"}), Some(&second), "still moved"),
        (json!({"start_time": second}), None, "moved back"),
    ] {
        let changed = organizer.patch(&format!("/events/{event}"), changes).await;
        assert_eq!(changed.expect(200).get("previous_start_time"), expected, "{why}");
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_change_is_named_and_nothing_changes() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let path = format!("/events/{event}");
    let before = organizer.get(&path).await.expect(200).clone();
    let wrong = json!({
        "name": "", "end_time": "2000-01-01T00:00:00Z", "price_tiers": {"Balcony": -1}, "currency": "EUR",
        "max_tickets_per_user": 0, "waiting_room": {},
    });
    let mut fields = organizer.patch(&path, wrong).await.invalid_fields().join(" ");
    for field in
        ["name", "end_time", "price_tiers.Balcony", "currency", "max_tickets_per_user", "waiting_room"]
    {
        assert!(fields.contains(field), "{field} of {fields}");
        fields = fields.replacen(field, "", 1);
    }
    for (unknown, field) in [
        (json!({"nmae": "Swan Lake", "name": "Hamlet"}), "nmae"),
        (json!({"name": "Hamlet", "status": "on_sale"}), "status"),
        (json!({"fees": {"per_seat": 1}}), "fees.per_seat"),
    ] {
        assert_eq!(organizer.patch(&path, unknown).await.invalid_fields(), [field]);
    }
    assert_eq!(organizer.get(&path).await.expect(200), &before);
}

#[tokio::test]
async fn a_reservation_cannot_be_bought_while_its_event_is_a_draft() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let bob = server.buyer("bob").await;
    let wish = json!({"best_available": {"quantity": 1, "section": "Floor"}});
    let held = bob.post(&format!("/events/{event}/reserve"), wish).await;
    let order = json!({"reservation_id": held.expect(201)["reservation_id"], "payment_method": "credit_card",
        "payment_details": {"card_number": "4242424242424242", "expiry": "12/40", "cvv": "123"}});
    organizer.patch(&format!("/events/{event}"), json!({"draft": true})).await.expect(200);
    bob.post("/orders", order.clone()).await.refused(409, "sale_not_open");
    organizer.patch(&format!("/events/{event}"), json!({"draft": false})).await.expect(200);
    bob.post("/orders", order).await.expect(201);
    organizer.patch(&format!("/events/{event}"), json!({"draft": true})).await.refused(409, "has_orders");
}

/// The sale refuses the whole change, so neither the price nor the limit changes.
#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    buy(&server.buyer("bob").await, &event, "Floor", 1).await;
    let path = format!("/events/{event}");
    let before = organizer.get(&path).await.expect(200).clone();
    let change =
        json!({"draft": true, "name": "Hidden", "max_tickets_per_user": 1, "price_tiers": {"Floor": 1}});
    organizer.patch(&path, change).await.refused(409, "has_orders");
    assert_eq!(organizer.get(&path).await.expect(200), &before);
}
