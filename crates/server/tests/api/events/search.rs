//! `GET /events`.

use crate::common::catalogue::{event_at, small_plan, venue_with, with_changes};
use crate::common::{Actor, TestServer};
use serde_json::{Value, json};

/// Name, category, start and unusual fields of each event, by venue. The first two of New York and the one of Los Angeles begin on the 15th
/// in local time and on the 16th in UTC; for Tokyo's it is the other way round.
fn programme() -> Vec<(Value, Vec<Value>)> {
    let event = |name: &str, category: &str, start: &str, price: u32, more: Value| {
        let event = json!({"name": name, "category": category, "start_time": start, "end_time": "2037-06-01T00:00:00Z",
                           "price_tiers": {"Floor": price}});
        with_changes(&event, more)
    };
    let later = json!({"on_sale_time": "2036-01-01T00:00:00Z"});
    let by = json!({"performer": "Les Garçons"});
    let over = json!({"sales_end_time": "2026-02-01T00:00:00Z"});
    vec![
        (
            json!({}),
            vec![
                event("Taylor Swift", "concert", "2036-12-16T01:00:00Z", 300, json!({})),
                event("Émilie Jolie", "family", "2036-12-16T04:59:59Z", 30, over),
                event("Secret Guest", "concert", "2036-12-17T01:00:00Z", 10, json!({"draft": true})),
                event("Rained Off", "sports", "2036-12-18T01:00:00Z", 20, json!({})),
            ],
        ),
        (
            json!({"name": "Crypto Arena", "city": "Los Angeles", "state": "CA", "address": "1111 S Figueroa St"}),
            vec![event("Beach Boys", "Concert", "2036-12-16T07:59:59Z", 100, by)],
        ),
        (
            json!({"name": "Tokyo Dome", "city": "Tokyo", "state": "", "country": "Japan", "timezone": "Asia/Tokyo"}),
            vec![event("Hamlet", "theater", "2036-12-15T15:00:00Z", 50, later)],
        ),
    ]
}

/// Enters the programme as an organizer, who then cancels the event that is rained off.
async fn entered(server: &TestServer) -> Actor {
    let organizer = server.organizer("ada").await;
    for (place, events) in programme() {
        let venue = organizer.post("/venues", with_changes(&venue_with(small_plan()), place)).await;
        for event in events {
            let venue = venue.expect(201)["venue_id"].as_str().unwrap();
            organizer.post("/events", with_changes(&event_at(venue), event)).await.expect(201);
        }
    }
    let rained_off = organizer.get("/events?q=rained").await.expect(200)["events"][0]["event_id"].clone();
    let path = format!("/events/{}/cancel", rained_off.as_str().unwrap());
    organizer.post(&path, json!({})).await;
    server.wait_for_all_views().await;
    organizer
}

/// The names that are found, with `/` between them.
async fn found(who: &Actor, query: &str) -> String {
    let answer = who.get(&format!("/events?{query}")).await;
    let events = answer.expect(200)["events"].as_array().unwrap();
    let names: Vec<_> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    names.join("/")
}

#[tokio::test]
async fn every_search_parameter_filters_or_sorts() {
    let server = TestServer::start().await;
    let organizer = entered(&server).await;
    let all = "Hamlet/Taylor Swift/Émilie Jolie/Beach Boys/Rained Off";
    let by_organization = format!("organization_id={}", organizer.organization().0);
    for (query, expected) in [
        ("", all),
        ("q=&location=&date=&date_from=&date_to=&category=&status=&sort=", all),
        ("colour=red", all),
        ("q=taylor", "Taylor Swift"),
        ("q=SWIFT+tay", "Taylor Swift"),
        ("q=tailor%20siwft", "Taylor Swift"),
        ("q=emile", "Émilie Jolie"),
        ("q=madisson", "Taylor Swift/Émilie Jolie/Rained Off"),
        ("q=nobody", ""),
        ("location=NYC", "Taylor Swift/Émilie Jolie/Rained Off"),
        ("location=new+york%2C+ny", "Taylor Swift/Émilie Jolie/Rained Off"),
        ("location=LA", "Beach Boys"),
        ("location=Japan", "Hamlet"),
        ("location=Paris", ""),
        ("date=2036-12-15", "Taylor Swift/Émilie Jolie/Beach Boys"),
        ("date=2036-12-16", "Hamlet"),
        ("date_from=2036-12-16", "Hamlet/Rained Off"),
        ("date_to=2036-12-15", "Taylor Swift/Émilie Jolie/Beach Boys"),
        ("date_from=2036-12-15&date_to=2036-12-15", "Taylor Swift/Émilie Jolie/Beach Boys"),
        ("date_from=2036-12-16T01:00:00Z", "Taylor Swift/Émilie Jolie/Beach Boys/Rained Off"),
        ("date_from=2036-12-16T01:00:01Z", "Émilie Jolie/Beach Boys/Rained Off"),
        ("date_to=2036-12-16T01:00:00Z", "Hamlet/Taylor Swift"),
        ("date_to=2036-12-15T19:59:59-05:00", "Hamlet"),
        ("category=CONCERT", "Taylor Swift/Beach Boys"),
        ("category=con", ""),
        ("status=on_sale", "Taylor Swift/Beach Boys"),
        ("status=upcoming", "Hamlet"),
        ("status=sold_out", "Émilie Jolie"),
        ("status=cancelled", "Rained Off"),
        ("sort=start_time", all),
        ("sort=-start_time", "Rained Off/Beach Boys/Émilie Jolie/Taylor Swift/Hamlet"),
        ("sort=price", "Rained Off/Émilie Jolie/Hamlet/Beach Boys/Taylor Swift"),
        ("sort=-price", "Taylor Swift/Beach Boys/Hamlet/Émilie Jolie/Rained Off"),
        ("sort=name", "Beach Boys/Émilie Jolie/Hamlet/Rained Off/Taylor Swift"),
        ("sort=-name", "Taylor Swift/Rained Off/Hamlet/Émilie Jolie/Beach Boys"),
        ("sort=newest", "Hamlet/Beach Boys/Rained Off/Émilie Jolie/Taylor Swift"),
        ("sort=-newest", "Taylor Swift/Émilie Jolie/Rained Off/Beach Boys/Hamlet"),
        ("sort=bookable", "Taylor Swift/Beach Boys/Hamlet/Émilie Jolie/Rained Off"),
        ("q=garcons", "Beach Boys"),
        ("performer=LES+garcons", "Beach Boys"),
        ("performer=garcons", ""),
        ("when=today", ""),
        ("when=weekend", ""),
        (by_organization.as_str(), all),
        ("organization_id=7e2d1a34-0f3c-4f4e-9e0b-6f1f2d0f9b11", ""),
        ("q=boys&location=LA&date=2036-12-15&category=concert&status=on_sale", "Beach Boys"),
        ("q=boys&location=LA&date=2036-12-15&category=concert&status=upcoming", ""),
    ] {
        for who in [&server.anonymous(), &organizer] {
            assert_eq!(found(who, query).await, expected, "{query}");
        }
    }
    let with_drafts = "Hamlet/Taylor Swift/Émilie Jolie/Beach Boys/Secret Guest/Rained Off";
    assert_eq!(found(&organizer, "drafts=true").await, with_drafts);
    assert_eq!(found(&server.buyer("bob").await, "drafts=true").await, all);
}

#[tokio::test]
async fn the_pages_of_a_search_contain_every_event_once() {
    let server = TestServer::start().await;
    entered(&server).await;
    let anonymous = server.anonymous();
    let whole = anonymous.get("/events?sort=name").await;
    let all = whole.expect(200)["events"].as_array().unwrap();
    assert_eq!((&whole.json["limit"], &whole.json["offset"]), (&json!(20), &json!(0)));
    for (limit, offset) in [(1, 0), (1, 4), (2, 1), (100, 3), (20, 5), (20, 1_000_000)] {
        let page = anonymous.get(&format!("/events?sort=name&limit={limit}&offset={offset}")).await;
        let expected: Vec<_> = all.iter().skip(offset).take(limit).collect();
        assert_eq!(page.expect(200)["events"], json!(expected), "{limit} after {offset}");
        assert_eq!(
            (&page.json["total"], &page.json["limit"], &page.json["offset"]),
            (&json!(5), &json!(limit), &json!(offset))
        );
    }
}

#[tokio::test]
async fn wrong_search_parameters_are_named() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    let long = |name: &str, chars: usize| format!("{name}={}", "x".repeat(chars));
    for (query, fields) in [
        (long("q", 201), &["q"][..]),
        (long("location", 201), &["location"]),
        (long("category", 51), &["category"]),
        ("q=a%00b".to_owned(), &["q"]),
        ("date=2036-02-30".to_owned(), &["date"]),
        ("date=tomorrow".to_owned(), &["date"]),
        ("date=2036-12-15T00:00:00Z".to_owned(), &["date"]),
        ("date_from=15.12.2036".to_owned(), &["date_from"]),
        ("date_to=2036-12-15T25:00:00Z".to_owned(), &["date_to"]),
        ("date_from=2036-12-16&date_to=2036-12-15".to_owned(), &["date_to"]),
        ("date_from=2036-12-16T00:00:01Z&date_to=2036-12-16T00:00:00Z".to_owned(), &["date_to"]),
        ("status=draft".to_owned(), &["status"]),
        ("status=ON_SALE".to_owned(), &["status"]),
        ("sort=colour".to_owned(), &["sort"]),
        ("sort=--price".to_owned(), &["sort"]),
        ("organization_id=7".to_owned(), &["organization_id"]),
        ("drafts=maybe".to_owned(), &["drafts"]),
        ("limit=0".to_owned(), &["limit"]),
        ("limit=101".to_owned(), &["limit"]),
        ("offset=-1".to_owned(), &["offset"]),
        ("offset=1000001".to_owned(), &["offset"]),
        ("status=x&sort=y&date=z".to_owned(), &["sort", "date", "status"]),
    ] {
        let answer = anonymous.get(&format!("/events?{query}")).await;
        assert_eq!(answer.invalid_fields(), fields, "{query}");
    }
}
