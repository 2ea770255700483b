//! Events changed, ended and partly withheld by their organizers, while buyers have seats of them.

use crate::catalogue::{enter_venue, event_at, make_event, with};
use crate::common::{Actor, Answer, TestServer};
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

/// Buys so many seats of a section; the order.
async fn buy(buyer: &Actor, event: &str, section: &str, quantity: u32) -> Value {
    let wish = json!({"best_available": {"quantity": quantity, "section": section}});
    let reserved = buyer.post(&format!("/events/{event}/reserve"), wish).await;
    let order = json!({
        "reservation_id": reserved.expect(201)["reservation_id"], "payment_method": "credit_card",
        "payment_details": {"card_number": "4242424242424242", "expiry": "12/40", "cvv": "123"},
    });
    buyer.post("/orders", order).await.expect(201).clone()
}

async fn seats(server: &TestServer, event: &str) -> Answer {
    server.anonymous().get(&format!("/events/{event}/seats?section=Floor")).await
}

fn statuses(answer: &Answer) -> Vec<String> {
    let rows = answer.expect(200)["sections"][0]["rows"].as_array().unwrap();
    let seats = rows.iter().flat_map(|row| row["seats"].as_array().unwrap());
    seats.map(|seat| seat["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn new_words_terms_and_prices_hold_from_now_on() {
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
async fn a_moved_event_says_when_it_was_to_begin_first() {
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
async fn what_cannot_change_is_said_at_once_and_nothing_changes() {
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
    assert_eq!(organizer.get(&path).await.expect(200), &before);
}

#[tokio::test]
async fn a_cancelled_event_gives_everybody_their_money_back() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({"refund_policy": {"percent": 0}})).await;
    let (bob, eve) = (server.buyer("bob").await, server.buyer("eve").await);
    let orders =
        [(&bob, buy(&bob, &event, "Floor", 2).await), (&eve, buy(&eve, &event, "Standing", 1).await)];
    let path = format!("/events/{event}/cancel");
    for _ in 0..2 {
        let cancelled = organizer.post(&path, json!({})).await;
        assert_eq!(cancelled.expect(200), &json!({"event_id": event, "status": "cancelled", "orders": 2}));
    }
    for (buyer, order) in orders {
        // Asking to cancel waits for the refund that is under way.
        let id = order["order_id"].as_str().unwrap();
        let refunded = buyer.post(&format!("/orders/{id}/cancel"), json!({})).await;
        assert_eq!(refunded.expect(200)["status"], "refunded");
        assert_eq!(refunded.json["refunded_amount"], order["total_amount"]);
    }
    assert_eq!(server.anonymous().get(&format!("/events/{event}")).await.expect(200)["status"], "cancelled");
    let wish = json!({"best_available": {"quantity": 1}});
    bob.post(&format!("/events/{event}/reserve"), wish).await.refused(409, "sale_closed");
}

#[tokio::test]
async fn an_event_is_withdrawn_only_while_nothing_is_sold() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let (sold, empty) = (make_event(&organizer, json!({})).await, make_event(&organizer, json!({})).await);
    let bob = server.buyer("bob").await;
    buy(&bob, &sold, "Floor", 1).await;
    organizer.delete(&format!("/events/{sold}")).await.refused(409, "has_orders");
    organizer.patch(&format!("/events/{sold}"), json!({"draft": true})).await.refused(409, "has_orders");
    let wish = json!({"best_available": {"quantity": 1}});
    let held = bob.post(&format!("/events/{empty}/reserve"), wish).await;
    organizer.delete(&format!("/events/{empty}")).await.expect(204);
    server.anonymous().get(&format!("/events/{empty}")).await.refused(404, "not_found");
    let reservation = held.expect(201)["reservation_id"].as_str().unwrap();
    let order = json!({"reservation_id": reservation, "payment_method": "credit_card",
        "payment_details": {"card_number": "4242424242424242", "expiry": "12/40", "cvv": "123"}});
    assert!(bob.post("/orders", order).await.status.is_client_error(), "nothing to buy any more");
}

#[tokio::test]
async fn a_reservation_of_an_event_that_became_a_draft_is_not_sold() {
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

/// The sale refuses the whole change, so neither the price nor the limit holds.
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

#[tokio::test]
async fn blocked_seats_are_nobodys_until_they_are_given_back() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    buy(&server.buyer("bob").await, &event, "Floor", 1).await;
    let before = statuses(&seats(&server, &event).await);
    let taken = before.iter().position(|status| status == "sold").unwrap();
    let free = before.iter().position(|status| status == "available").unwrap();
    let (block, unblock) = (format!("/events/{event}/seats/block"), format!("/events/{event}/seats/unblock"));
    let refused = organizer.post(&block, json!({"seat_indexes": [free, taken]})).await;
    assert_eq!(refused.refused(409, "seat_unavailable")["seats"].as_array().unwrap().len(), 1);
    assert_eq!(statuses(&seats(&server, &event).await), before, "all or none");
    let blocked = organizer.post(&block, json!({"seat_indexes": [free], "reason": "press"})).await;
    assert_eq!(blocked.expect(200), &json!({"blocked": 1}));
    assert_eq!(statuses(&seats(&server, &event).await)[free], "blocked");
    let back = organizer.post(&unblock, json!({"seat_indexes": [free]})).await;
    assert_eq!(back.expect(200), &json!({"unblocked": 1}));
    assert_eq!(organizer.post(&unblock, json!({"seat_indexes": [free]})).await.expect(200)["unblocked"], 0);
    assert_eq!(statuses(&seats(&server, &event).await), before);
    for wrong in [
        json!({}),
        json!({"seat_indexes": []}),
        json!({"seat_indexes": [99_999]}),
        json!({"seat_ids": [event]}),
    ] {
        organizer.post(&block, wrong).await.refused(422, "invalid");
    }
}

#[tokio::test]
async fn a_new_plan_keeps_what_is_sold() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let bob = server.buyer("bob").await;
    // Row A has the wheelchair place that is kept back, so four together are in a row that the new plan drops.
    let order = buy(&bob, &event, "Floor", 4).await;
    let smaller = json!({"sections": [
        {"name": "Floor", "rows": 1, "seats_per_row": 5}, {"name": "Standing", "general_admission": 20},
    ]});
    let path = format!("/events/{event}/seating-plan");
    let changed = organizer.put(&path, json!({"seating_plan": smaller.clone()})).await;
    let answer = changed.expect(200);
    assert_eq!((&answer["kept"], &answer["added"], &answer["removed"]), (&json!(24), &json!(1), &json!(8)));
    let again = organizer.put(&path, smaller).await;
    assert_eq!(again.expect(200)["removed"], 0, "the bare plan is taken too, and changes nothing");
    let shown = server.anonymous().get(&format!("/events/{event}")).await;
    assert_eq!(shown.expect(200)["available_seats"], 25, "five seats in row A and twenty places");
    let kept = bob.get(&format!("/orders/{}", order["order_id"].as_str().unwrap())).await;
    assert_eq!(kept.expect(200)["tickets"], order["tickets"], "sold seats stay sold, in the plan or not");
    organizer.put(&path, json!({"sections": 3})).await.refused(422, "invalid");
}

#[tokio::test]
async fn only_those_who_manage_the_event_change_it() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let routes = [
        ("PATCH", format!("/events/{event}"), json!({"name": "Mine"})),
        ("DELETE", format!("/events/{event}"), json!({})),
        ("POST", format!("/events/{event}/cancel"), json!({})),
        (
            "PUT",
            format!("/events/{event}/seating-plan"),
            json!({"sections": [{"name": "A", "rows": 1, "seats_per_row": 1}]}),
        ),
        ("POST", format!("/events/{event}/seats/block"), json!({"seat_indexes": [0]})),
        ("POST", format!("/events/{event}/seats/unblock"), json!({"seat_indexes": [0]})),
    ];
    let organization = organizer.organization();
    let actors = [
        (server.anonymous(), 401),
        (server.buyer("bob").await, 404),
        (server.organizer("foreign").await, 404),
        (server.staff("sam", &organizer).await, 403),
        (server.member("fay", organization, Role::Finance).await, 403),
    ];
    for (method, path, body) in &routes {
        for (actor, status) in &actors {
            let answer = actor.send(method.parse().unwrap(), path, Some(body.clone())).await;
            assert_eq!(answer.status.as_u16(), *status, "{method} {path}");
        }
    }
    let manager = server.member("max", organization, Role::Manager).await;
    manager.patch(&format!("/events/{event}"), json!({"name": "Ours"})).await.expect(200);
    let venue = enter_venue(&organizer).await;
    let draft = organizer.post("/events", with(&event_at(&venue), json!({"draft": true}))).await;
    let draft = draft.expect(201)["event_id"].as_str().unwrap().to_owned();
    server.anonymous().get(&format!("/events/{draft}")).await.refused(404, "not_found");
    manager.patch(&format!("/events/{draft}"), json!({"draft": false})).await.expect(200);
    server.anonymous().get(&format!("/events/{draft}")).await.expect(200);
}
