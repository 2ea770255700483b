//! `POST /venues`, and `GET /venues/{venue_id}/seating-plan`, which returns the plan.

use crate::common::TestServer;
use crate::common::catalogue::{event_at, small_plan, venue_with, with_changes};
use axum::http::Method;
use serde_json::{Value, json};

fn example(name: &str) -> Value {
    let path = format!("{}/../../examples/plans/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn a_venue_is_read_as_it_was_created() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let created = organizer.post("/venues", venue_with(small_plan())).await;
    let mut shown = created.expect(201).clone();
    let id = shown["venue_id"].as_str().unwrap().to_owned();
    assert_eq!(shown["seat_map_url"], format!("/api/v1/venues/{id}/seatmap.svg"));
    assert_eq!(organizer.get(&format!("/venues/{id}")).await.expect(200), &shown);
    let list = organizer.get("/venues").await;
    assert_eq!(list.expect(200)["venues"][0]["venue_id"], id.as_str());
    for volatile in ["venue_id", "organization_id", "seat_map_url", "created_at", "updated_at"] {
        shown[volatile] = Value::Null;
    }
    insta::assert_json_snapshot!(shown, @r#"
    {
      "address": "4 Pennsylvania Plaza",
      "capacity": 32,
      "city": "New York",
      "country": "US",
      "created_at": null,
      "currency": "USD",
      "layout_type": "arena",
      "name": "Madison Square Garden",
      "organization_id": null,
      "seat_map_url": null,
      "state": "NY",
      "timezone": "America/New_York",
      "updated_at": null,
      "venue_id": null
    }
    "#);
}

#[tokio::test]
async fn every_example_plan_is_exported_as_it_was_imported() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    for (name, capacity) in [("small-theatre", None), ("arena", None), ("club", Some(536))] {
        let created = organizer.post("/venues?repair=true", venue_with(example(name))).await;
        let venue = created.expect(201).clone();
        if let Some(capacity) = capacity {
            assert_eq!(venue["capacity"], capacity, "{name}");
        }
        comes_back_equal(&organizer, &venue).await;
    }
}

/// An exported plan that is imported again is exported equal.
async fn comes_back_equal(organizer: &crate::common::Actor, venue: &Value) {
    let plan_of = async |venue: &Value| {
        let path = format!("/venues/{}/seating-plan", venue["venue_id"].as_str().unwrap());
        organizer.get(&path).await.expect(200).clone()
    };
    let exported = plan_of(venue).await;
    let again = organizer.post("/venues", venue_with(exported.clone())).await.expect(201).clone();
    assert_eq!(again["capacity"], venue["capacity"]);
    assert_eq!(plan_of(&again).await, exported);
}

#[tokio::test]
async fn a_real_theatre_with_duplicate_seats_is_refused_or_repaired() {
    let path = format!("{}/../../../shared/plans/theatre-real-1132-seats.json", env!("CARGO_MANIFEST_DIR"));
    let elsewhere = "/work/shared/plans/theatre-real-1132-seats.json";
    let Ok(plan) = std::fs::read_to_string(path).or_else(|_| std::fs::read_to_string(elsewhere)) else {
        println!("skipped: the real plan is not on this machine");
        return;
    };
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = venue_with(serde_json::from_str(&plan).unwrap());
    let refused = organizer.post("/venues", venue.clone()).await;
    let problem = refused.refused(422, "invalid");
    assert_eq!(problem["duplicates"].as_array().unwrap().len(), 21);
    assert!(problem["duplicates"][0]["places"].as_array().unwrap().len() > 1);
    assert_eq!(organizer.get("/venues").await.expect(200)["total"], 0, "nothing is half-imported");
    let created = organizer.post("/venues?repair=true", venue).await.expect(201).clone();
    assert_eq!((&created["capacity"], created["repairs"].as_array().unwrap().len()), (&json!(1132), 21));
    comes_back_equal(&organizer, &created).await;
}

#[tokio::test]
async fn duplicate_seats_are_named_or_repaired() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = venue_with(example("small-theatre"));
    let refused = organizer.post("/venues", venue.clone()).await;
    let duplicates = refused.refused(422, "invalid")["duplicates"].as_array().unwrap().clone();
    assert!(!duplicates.is_empty());
    for duplicate in &duplicates {
        let places = duplicate["places"].as_array().unwrap();
        assert!(places.len() > 1 && places.iter().all(|place| place["path"].is_string()), "{duplicate}");
    }
    let created = organizer.post("/venues?repair=true", venue).await;
    let repairs = created.expect(201)["repairs"].as_array().unwrap();
    let extra: usize =
        duplicates.iter().map(|duplicate| duplicate["places"].as_array().unwrap().len() - 1).sum();
    assert_eq!(repairs.len(), extra);
    assert!(
        repairs
            .iter()
            .all(|repair| repair["to"].as_str().unwrap().starts_with(repair["from"].as_str().unwrap()))
    );
}

#[tokio::test]
async fn seats_with_one_label_are_named_or_renumbered() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let seat = |guid: &str, number: &str, x: i32| json!({"seat_guid": guid, "seat_number": number, "position": {"x": x, "y": 0}});
    let seats = json!([seat("g1", "1", 0), seat("g2", "1", 30), seat("g3", "2", 60)]);
    let plan = json!({"zones": [{"name": "Main", "rows": [{"row_number": "A", "seats": seats}]}]});
    let venue = venue_with(plan.clone());
    let refused = organizer.post("/venues", venue.clone()).await;
    let problem = refused.refused(422, "invalid");
    let place = |at: u32| json!({"path": format!("zones[0].rows[0].seats[{at}]"), "section": "Main", "row": "A", "number": "1"});
    assert_eq!(problem["duplicate_labels"], json!([{"label": "Main A-1", "places": [place(0), place(1)]}]));
    let message = problem["errors"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("1 labels (section, row and number)"), "{message}");
    let created = organizer.post("/venues?repair=true", venue).await.expect(201).clone();
    assert_eq!(created["renumbered"], json!([{"from": "1", "to": "1~2", "where": place(1)}]));
    comes_back_equal(&organizer, &created).await;
    let event = event_at(created["venue_id"].as_str().unwrap());
    let event = organizer.post("/events", with_changes(&event, json!({"price_tiers": {"Main": 10}}))).await;
    let event = event.expect(201)["event_id"].as_str().unwrap().to_owned();
    organizer.put(&format!("/events/{event}/seating-plan"), plan.clone()).await.refused(422, "invalid");
    let repaired = organizer.put(&format!("/events/{event}/seating-plan?repair=true"), plan).await;
    assert_eq!(repaired.expect(200)["renumbered"][0]["to"], "1~2");
}

#[tokio::test]
async fn an_area_that_cannot_be_drawn_is_left_out_and_listed() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let plan = json!({"zones": [{
        "rows": [{"seats": [{"seat_guid": "A-1", "position": {"x": 0, "y": 0}}]}],
        "areas": [{"shape": "polygon"}],
    }]});
    let left_out = json!([{"where": "zones[0].areas[0]", "reason": "polygon is missing"}]);
    let venue = organizer.post("/venues", venue_with(plan.clone())).await.expect(201).clone();
    assert_eq!((&venue["capacity"], &venue["left_out"]), (&json!(1), &left_out));
    comes_back_equal(&organizer, &venue).await;
}

#[tokio::test]
async fn malformed_plans_are_refused_and_create_nothing() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let many = json!({"sections": [{"name": "A", "rows": 50_000, "seats_per_row": 50_000}]}).to_string();
    for plan in [
        "null",
        "1",
        "\"x\"",
        "[]",
        "{}",
        "{\"zones\": 1}",
        "{\"zones\": [null]}",
        "{\"sections\": []}",
        "{\"sections\": [{}]}",
        "{\"sections\": [{\"name\": \"A\", \"rows\": -1, \"seats_per_row\": 1}]}",
        "{\"zones\": [{\"rows\": [{\"seats\": [{}]}]}]}",
        "{\"zones\":[{\"rows\":[{\"seats\":[{\"seat_guid\":1}]}]}]}",
        &deep,
        &many,
    ] {
        let mut body = venue_with(json!("PLAN")).to_string();
        body = body.replace("\"PLAN\"", plan);
        let answer =
            organizer.send_bytes(Method::POST, "/venues", Some("application/json"), body.into()).await;
        let fields = answer.invalid_fields();
        assert!(!fields.is_empty(), "{}", plan.chars().take(60).collect::<String>());
    }
    assert_eq!(organizer.get("/venues").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn every_wrong_field_of_a_venue_is_named_and_the_time_zone_follows_the_place() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let good = venue_with(small_plan());
    let bad = with_changes(
        &good,
        json!({"name": " ", "city": "x".repeat(101), "timezone": "Mars/Base", "layout_type": "\u{7}"}),
    );
    let refused = organizer.post("/venues", bad).await;
    assert_eq!(refused.invalid_fields(), ["timezone", "name", "city", "layout_type"]);
    for (place, zone) in [
        (json!({"state": "CA", "city": "Los Angeles"}), "America/Los_Angeles"),
        (json!({"state": "", "country": "Germany"}), "Europe/Berlin"),
        (json!({"state": "", "country": "Scotland"}), "Europe/London"),
        (json!({"state": "", "country": "Česká republika"}), "Europe/Prague"),
        (json!({"timezone": "Asia/Tokyo"}), "Asia/Tokyo"),
    ] {
        let created = organizer.post("/venues", with_changes(&good, place)).await;
        assert_eq!(created.expect(201)["timezone"], zone);
    }
    for place in [
        json!({"state": "", "country": "Atlantis"}),
        json!({"state": "", "city": "Cairns", "country": "Australia"}),
        json!({"timezone": "EST"}),
    ] {
        let refused = organizer.post("/venues", with_changes(&good, place)).await;
        assert_eq!(refused.invalid_fields(), ["timezone"]);
    }
}

#[tokio::test]
async fn a_key_makes_one_venue() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await.with_key("once");
    let first = organizer.post("/venues", venue_with(small_plan())).await;
    let again = organizer.post("/venues", venue_with(small_plan())).await;
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    organizer
        .post("/venues?repair=true", venue_with(small_plan()))
        .await
        .refused(422, "idempotency_mismatch");
}
