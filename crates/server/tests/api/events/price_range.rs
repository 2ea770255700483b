//! The range of prices of an event is over the seats on offer, wherever it is shown: the event, lists, search, sections, the page and
//! what search engines read.

use crate::common::browser::html_of;
use crate::common::catalogue::{buy, event_at, venue_with, with_changes};
use crate::common::{Actor, TestServer};
use serde_json::{Value, json};

/// A hall of these rows: the seats of each, by category.
fn hall(rows: &[(&str, &[&str])]) -> Value {
    let mut categories: Vec<&str> = vec!["A", "B", "Student"];
    categories.dedup();
    let categories: Vec<Value> = categories.into_iter().map(|name| json!({"name": name})).collect();
    let row = |(at, (label, seats)): (usize, &(&str, &[&str]))| {
        let seat = |(number, category): (usize, &&str)| {
            json!({"seat_guid": format!("{label}{number}"), "seat_number": number.to_string(), "category": category,
                "position": {"x": number * 30, "y": at * 30}})
        };
        json!({"row_number": label, "seats": seats.iter().enumerate().map(seat).collect::<Vec<_>>()})
    };
    let rows: Vec<Value> = rows.iter().enumerate().map(row).collect();
    json!({"name": "P", "categories": categories, "zones": [{"name": "Hall", "rows": rows}]})
}

async fn event_with(organizer: &Actor, plan: Value, prices: Value) -> String {
    let venue = organizer.post("/venues", venue_with(plan)).await.expect(201)["venue_id"].clone();
    let event = with_changes(&event_at(venue.as_str().unwrap()), json!({"price_tiers": prices}));
    organizer.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned()
}

/// Checks the range everywhere. Boxed, since it makes many requests one after the other.
async fn assert_range(server: &TestServer, event: &str, expected: Option<(f64, f64)>, why: &str) {
    Box::pin(range_is(server, event, expected, why)).await;
}

async fn range_is(server: &TestServer, event: &str, expected: Option<(f64, f64)>, why: &str) {
    let visitor = server.anonymous();
    let low = expected.map_or(Value::Null, |(low, _)| json!(low));
    let high = expected.map_or(Value::Null, |(_, high)| json!(high));
    let shown = visitor.get(&format!("/events/{event}")).await.expect(200).clone();
    assert_eq!((&shown["min_price"], &shown["max_price"]), (&low, &high), "{why}: the event");
    server.wait_for_all_views().await;
    let listed = visitor.get("/events").await.expect(200)["events"].clone();
    let listed = listed.as_array().unwrap().iter().find(|entry| entry["event_id"] == *event).unwrap();
    assert_eq!((&listed["min_price"], &listed["max_price"]), (&low, &high), "{why}: the list");
    let sections = visitor.get(&format!("/events/{event}/sections")).await.expect(200)["sections"].clone();
    assert_eq!((&sections[0]["min_price"], &sections[0]["max_price"]), (&low, &high), "{why}: the section");
    let page = html_of(&visitor.page(&format!("/events/{event}")).await);
    match expected {
        Some((low, high)) => {
            let offer = format!(r#""highPrice":"{high:.2}","lowPrice":"{low:.2}""#);
            assert!(page.contains(&offer), "{why}: {offer} in {page}");
        }
        None => assert!(!page.contains("lowPrice"), "{why}: {page}"),
    }
    let found =
        |events: &Value| events["events"].as_array().unwrap().iter().any(|entry| entry["event_id"] == *event);
    if let Some((low, _)) = expected {
        let cheaper = visitor.get(&format!("/events?max_price={:.2}", low - 0.01)).await;
        assert!(!found(cheaper.expect(200)), "{why}: a search below its lowest price");
        assert!(found(visitor.get(&format!("/events?max_price={low}")).await.expect(200)), "{why}: a search");
    }
    server.assert_views_equal_the_journal().await;
}

#[tokio::test]
async fn a_price_without_seats_on_offer_is_not_in_the_range() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let prices = json!({"A": 30, "Student": 5});
    let only_a: &[(&str, &[&str])] = &[("1", &["A", "A"])];
    let event = event_with(&olga, hall(only_a), prices.clone()).await;
    assert_range(&server, &event, Some((30.0, 30.0)), "no seat is a student's").await;
    let shown = olga.get(&format!("/events/{event}")).await.expect(200).clone();
    assert_eq!(shown["unused_price_tiers"], json!(["Student"]));
    assert_eq!(shown["price_tiers"], json!({"A": 30.0, "Student": 5.0}), "the price list is complete");
    let page = html_of(&server.anonymous().page(&format!("/events/{event}")).await);
    assert!(!page.contains(" Student</td>") && page.contains(" A</td>"), "{page}");

    let path = format!("/events/{event}/seating-plan");
    let students: &[(&str, &[&str])] = &[("1", &["A", "A"]), ("2", &["Student", "Student"])];
    olga.put(&path, hall(students)).await.expect(200);
    assert_range(&server, &event, Some((5.0, 30.0)), "the new plan has students' seats").await;
    let copy = json!({"start_time": "2036-12-18T01:00:00Z", "name": "Copy"});
    let copy = olga.post(&format!("/events/{event}/clone"), copy).await.expect(201).clone();
    assert_eq!((&copy["min_price"], &copy["max_price"]), (&json!(30.0), &json!(30.0)), "of the venue's plan");

    let block = |indexes: Value| json!({"seat_indexes": indexes, "reason": "press"});
    olga.post(&format!("/events/{event}/seats/block"), block(json!([2]))).await.expect(200);
    assert_range(&server, &event, Some((5.0, 30.0)), "one of two is blocked").await;
    olga.post(&format!("/events/{event}/seats/block"), block(json!([3]))).await.expect(200);
    assert_range(&server, &event, Some((30.0, 30.0)), "both are blocked").await;
    olga.post(&format!("/events/{event}/seats/unblock"), json!({"seat_indexes": [3]})).await.expect(200);
    assert_range(&server, &event, Some((5.0, 30.0)), "one is on offer again").await;
    olga.put(&path, hall(only_a)).await.expect(200);
    assert_range(&server, &event, Some((30.0, 30.0)), "the plan lost them").await;
    olga.post(&format!("/events/{event}/seats/block"), block(json!([0, 1]))).await.expect(200);
    assert_range(&server, &event, None, "nothing is on offer").await;
}

#[tokio::test]
async fn the_range_follows_prices_and_stays_while_seats_are_sold() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let plan = hall(&[("1", &["A"]), ("2", &["B", "B"])]);
    let event = event_with(&olga, plan, json!({"A": 80, "B": 20, "Student": 0})).await;
    assert_range(&server, &event, Some((20.0, 80.0)), "at first").await;
    let bob = server.buyer("bob").await;
    buy(&bob, &event, "Hall", 2).await;
    buy(&bob, &event, "Hall", 1).await;
    assert_range(&server, &event, Some((20.0, 80.0)), "all are sold").await;
    olga.patch(&format!("/events/{event}"), json!({"price_tiers": {"A": 90}})).await.expect(200);
    assert_range(&server, &event, Some((90.0, 90.0)), "B has no price any more").await;
    olga.patch(&format!("/events/{event}"), json!({"price_tiers": {"Hall": 10, "A": 90}})).await.expect(200);
    assert_range(&server, &event, Some((10.0, 10.0)), "the section's price takes precedence").await;
}

#[tokio::test]
async fn seats_of_a_category_keep_its_price_in_a_section_named_like_another() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let plan: Value = serde_json::from_str(include_str!("section_category_collision.json")).unwrap();
    let event = event_with(&olga, plan, json!({"Balcony": 40, "VIP": 120})).await;
    let seats = server.anonymous().get(&format!("/events/{event}/seats")).await.expect(200).clone();
    let sections = seats["sections"].as_array().unwrap().iter();
    let rows = sections.flat_map(|section| section["rows"].as_array().unwrap());
    let seats = rows.flat_map(|row| row["seats"].as_array().unwrap());
    let prices: Vec<f64> = seats.map(|seat| seat["price"].as_f64().unwrap()).collect();
    assert_eq!(prices, [40.0, 120.0, 120.0], "Balcony A-1, Balcony A-2 (VIP), Floor A-1 (VIP)");
    let map = server.anonymous().get(&format!("/events/{event}/seatmap")).await.expect(200).clone();
    assert_eq!(map["tiers"], json!(["Balcony", "VIP"]));
}
