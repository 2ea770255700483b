//! `POST /events/{event_id}/clone`.

use crate::common::TestServer;
use crate::common::catalogue::{event_at, make_event, small_plan, venue_with, with_changes};
use serde_json::json;

#[tokio::test]
async fn a_copy_is_a_draft_at_another_time() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let fees = json!({"per_order": 2.5});
    let id = make_event(&olga, json!({"fees": fees, "max_tickets_per_user": 4})).await;
    olga.post(&format!("/events/{id}/seats/block"), json!({"seat_indexes": [0]})).await.expect(200);
    let keyed = olga.with_key("again");
    let path = format!("/events/{id}/clone");
    let body = json!({"start_time": "2036-12-17T01:00:00Z", "name": "The second night"});
    let copy = keyed.post(&path, body.clone()).await.expect(201).clone();
    let original = olga.get(&format!("/events/{id}")).await.expect(200).clone();
    for same in [
        "description",
        "category",
        "price_tiers",
        "currency",
        "fees",
        "refund_policy",
        "max_tickets_per_user",
        "total_seats",
    ] {
        assert_eq!(copy[same], original[same], "{same}");
    }
    assert_eq!(
        (&copy["draft"], &copy["status"], &copy["name"]),
        (&json!(true), &json!("draft"), &json!("The second night"))
    );
    assert_eq!(copy["end_time"], "2036-12-17T04:00:00.000Z");
    assert_eq!(copy["on_sale_time"], "2026-01-02T00:00:00.000Z");
    assert_eq!(copy["sales_end_time"], copy["start_time"]);
    assert_eq!(copy["available_seats"], 32, "blocked seats are not copied");
    assert_eq!(keyed.post(&path, body).await.expect(201)["event_id"], copy["event_id"]);
    let publish = format!("/events/{}", copy["event_id"].as_str().unwrap());
    assert_eq!(olga.patch(&publish, json!({"draft": false})).await.expect(200)["status"], "on_sale");
}

#[tokio::test]
async fn a_copy_keeps_the_times_of_day_at_the_venue() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    // Zone; start, end, begin and end of sales; the start of the copy; its other times.
    for (zone, times, start, expected) in [
        (
            "Europe/Berlin",
            ["2037-03-20T19:00:00Z", "2037-03-20T22:00:00Z", "2026-03-01T09:00:00Z", "2037-03-20T17:00:00Z"],
            "2037-04-10T18:00:00Z",
            ["2037-04-10T21:00:00.000Z", "2026-03-22T09:00:00.000Z", "2037-04-10T16:00:00.000Z"],
        ),
        (
            "Europe/Berlin",
            ["2037-03-20T19:00:00Z", "2037-03-20T22:00:00Z", "2037-03-15T09:00:00Z", "2037-03-20T19:00:00Z"],
            "2037-04-10T18:00:00Z",
            ["2037-04-10T21:00:00.000Z", "2037-04-05T08:00:00.000Z", "2037-04-10T18:00:00.000Z"],
        ),
        (
            "Australia/Lord_Howe",
            ["2037-04-10T09:30:00Z", "2037-04-10T12:30:00Z", "2037-04-06T23:30:00Z", "2037-04-10T08:30:00Z"],
            "2037-03-20T09:00:00Z",
            ["2037-03-20T12:00:00.000Z", "2037-03-16T23:00:00.000Z", "2037-03-20T08:00:00.000Z"],
        ),
        (
            "America/New_York",
            ["2036-10-25T00:00:00Z", "2036-10-25T03:00:00Z", "2036-09-25T14:00:00Z", "2036-10-25T00:00:00Z"],
            "2036-11-08T01:00:00Z",
            ["2036-11-08T04:00:00.000Z", "2036-10-09T14:00:00.000Z", "2036-11-08T01:00:00.000Z"],
        ),
    ] {
        let venue = with_changes(&venue_with(small_plan()), json!({"timezone": zone}));
        let venue = olga.post("/venues", venue).await.expect(201)["venue_id"].clone();
        let [starts, ends, on_sale, sales_end] = times;
        let event = with_changes(
            &event_at(venue.as_str().unwrap()),
            json!({"start_time": starts, "end_time": ends, "on_sale_time": on_sale, "sales_end_time": sales_end}),
        );
        let id = olga.post("/events", event).await.expect(201)["event_id"].as_str().unwrap().to_owned();
        let copy = olga.post(&format!("/events/{id}/clone"), json!({"start_time": start})).await;
        let copy = copy.expect(201);
        let copied = ["end_time", "on_sale_time", "sales_end_time"].map(|name| copy[name].as_str().unwrap());
        assert_eq!(copied, expected, "{zone}, {start}");
    }
}

#[tokio::test]
async fn a_copy_needs_valid_times_and_an_event_one_manages() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let id = make_event(&olga, json!({})).await;
    let path = format!("/events/{id}/clone");
    for (body, fields) in [
        (json!({}), vec!["start_time"]),
        (
            json!({"start_time": "2036-12-17T01:00:00Z", "end_time": "2036-12-17T00:00:00Z"}),
            vec!["end_time", "sales_end_time"],
        ),
        (
            json!({"start_time": "2036-12-17T01:00:00Z", "on_sale_time": "2037-01-01T00:00:00Z"}),
            vec!["on_sale_time"],
        ),
        (json!({"start_time": "2036-12-17T01:00:00Z", "name": ""}), vec!["name"]),
    ] {
        assert_eq!(olga.post(&path, body).await.invalid_fields(), fields);
    }
    let body = json!({"start_time": "2036-12-17T01:00:00Z"});
    server.organizer("ingo").await.post(&path, body.clone()).await.refused(404, "not_found");
    server.staff("steffi", &olga).await.post(&path, body).await.refused(403, "forbidden");
}
