//! Plans, venues and events as organizers send them, and purchases.

use crate::common::{Actor, Answer, TestServer};
use serde_json::{Value, json};

/// A small hall: twelve seats in front, twenty places behind.
pub(crate) fn small_plan() -> Value {
    json!({"sections": [
        {"name": "Floor", "rows": 3, "seats_per_row": 4, "accessible": ["A-1"]},
        {"name": "Standing", "general_admission": 20},
    ]})
}

/// A venue with a plan, as its organizer sends it.
pub(crate) fn venue_with(plan: Value) -> Value {
    json!({
        "name": "Madison Square Garden", "address": "4 Pennsylvania Plaza", "city": "New York", "state": "NY",
        "country": "US", "layout_type": "arena", "seating_plan": plan,
    })
}

/// Creates a venue with the small plan; returns its id.
pub(crate) async fn enter_venue(organizer: &Actor) -> String {
    let created = organizer.post("/venues", venue_with(small_plan())).await;
    created.expect(201)["venue_id"].as_str().unwrap().to_owned()
}

/// An event at a venue, far in the future, on sale since long ago.
pub(crate) fn event_at(venue: &str) -> Value {
    json!({
        "name": "Taylor Swift Concert", "description": "One night only", "venue_id": venue,
        "start_time": "2036-12-16T01:00:00Z", "end_time": "2036-12-16T04:00:00Z", "category": "concert",
        "on_sale_time": "2026-01-01T00:00:00Z", "price_tiers": {"Floor": 300.00, "Standing": 99.5},
    })
}

/// `value` with these members replaced; null removes one.
pub(crate) fn with_changes(value: &Value, changes: Value) -> Value {
    let mut changed = value.clone();
    let members = changed.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name)
        } else {
            members.insert(name.clone(), value.clone())
        };
    }
    changed
}

/// Creates an event at a venue of its own; returns its id.
pub(crate) async fn make_event(organizer: &Actor, changes: Value) -> String {
    let venue = enter_venue(organizer).await;
    let created = organizer.post("/events", with_changes(&event_at(&venue), changes)).await;
    created.expect(201)["event_id"].as_str().unwrap().to_owned()
}

/// Buys this many seats of a section; returns the order.
pub(crate) async fn buy(buyer: &Actor, event: &str, section: &str, quantity: u32) -> Value {
    let wish = json!({"best_available": {"quantity": quantity, "section": section}});
    let reserved = buyer.post(&format!("/events/{event}/reserve"), wish).await;
    let order = json!({
        "reservation_id": reserved.expect(201)["reservation_id"], "payment_method": "credit_card",
        "payment_details": {"card_number": "4242424242424242", "expiry": "12/40", "cvv": "123"},
    });
    buyer.post("/orders", order).await.expect(201).clone()
}

pub(crate) async fn seats(server: &TestServer, event: &str) -> Answer {
    server.anonymous().get(&format!("/events/{event}/seats?section=Floor")).await
}

pub(crate) fn statuses(answer: &Answer) -> Vec<String> {
    let rows = answer.expect(200)["sections"][0]["rows"].as_array().unwrap();
    let seats = rows.iter().flat_map(|row| row["seats"].as_array().unwrap());
    seats.map(|seat| seat["status"].as_str().unwrap().to_owned()).collect()
}
