//! `POST /events`.

use crate::common::TestServer;
use crate::common::catalogue::{enter_venue, event_at, make_event, with_changes};
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one snapshot, shown whole")]
async fn a_new_event_is_shown_with_its_terms() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = enter_venue(&organizer).await;
    let created = organizer.post("/events", event_at(&venue)).await;
    let mut shown = created.expect(201).clone();
    let path = format!("/events/{}", shown["event_id"].as_str().unwrap());
    let public = server.anonymous().get(&path).await;
    assert_eq!(public.expect(200), &shown);
    let text = String::from_utf8(public.bytes.clone()).unwrap();
    assert!(
        text.contains(r#""price_tiers":{"Floor":300.00,"Standing":99.50}"#),
        "money has its decimals: {text}"
    );
    let known = server.anonymous().with_header("if-none-match", public.header("etag").unwrap());
    known.get(&path).await.expect(304);
    for volatile in ["event_id", "seat_map_url", "created_at", "updated_at"] {
        shown[volatile] = Value::Null;
    }
    (shown["venue"]["venue_id"], shown["venue"]["seat_map_url"]) = (Value::Null, Value::Null);
    shown["organization"]["id"] = Value::Null;
    insta::assert_json_snapshot!(shown, @r#"
    {
      "available_seats": 32,
      "category": "concert",
      "created_at": null,
      "currency": "USD",
      "description": "One night only",
      "end_time": "2036-12-16T04:00:00.000Z",
      "event_id": null,
      "fees": {
        "per_order": 0.0,
        "per_ticket": 0.0,
        "percent": 0.0
      },
      "general_admission": false,
      "hold_limits": {
        "seats": null,
        "seats_of_new_accounts": null,
        "tickets_per_instrument": null
      },
      "max_price": 300.0,
      "max_tickets_per_user": 8,
      "min_price": 99.5,
      "name": "Taylor Swift Concert",
      "on_sale_time": "2026-01-01T00:00:00.000Z",
      "organization": {
        "id": null,
        "name": "ada's"
      },
      "price_tiers": {
        "Floor": 300.0,
        "Standing": 99.5
      },
      "refund_policy": {
        "fees": true,
        "percent": 100.0,
        "until_hours_before_start": 0
      },
      "refuse_single_seats": false,
      "sales_end_time": "2036-12-16T01:00:00.000Z",
      "seat_map_url": null,
      "start_time": "2036-12-16T01:00:00.000Z",
      "status": "on_sale",
      "timezone": "America/New_York",
      "total_seats": 32,
      "updated_at": null,
      "venue": {
        "address": "4 Pennsylvania Plaza",
        "capacity": 32,
        "city": "New York",
        "country": "US",
        "layout_type": "arena",
        "name": "Madison Square Garden",
        "seat_map_url": null,
        "state": "NY",
        "timezone": "America/New_York",
        "venue_id": null
      }
    }
    "#);
}

#[tokio::test]
async fn every_wrong_field_of_a_new_event_is_named() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let good = event_at(&enter_venue(&organizer).await);
    let bad = with_changes(
        &good,
        json!({
            "name": "", "description": "\u{0}", "category": "x".repeat(51), "end_time": "2036-12-16T01:00:00Z",
            "on_sale_time": "2036-12-16T01:00:00Z", "currency": "usd", "max_tickets_per_user": 1001,
            "price_tiers": {"Floor": -1, "Balcony": 10, "Standing": 0.001},
            "fees": {"per_ticket": -1, "percent": 100.01}, "refund_policy": {"percent": 101, "until_hours_before_start": 9000},
            "waiting_room": {}, "resale": true, "organization_id": "7e2d1a34-0f3c-4f4e-9e0b-6f1f2d0f9b11",
        }),
    );
    insta::assert_snapshot!(organizer.post("/events", bad).await.invalid_fields().join("\n"), @r"
    organization_id
    currency
    end_time
    on_sale_time
    max_tickets_per_user
    fees.per_ticket
    fees.percent
    refund_policy.until_hours_before_start
    refund_policy.percent
    price_tiers.Balcony
    price_tiers.Floor
    price_tiers.Standing
    name
    description
    category
    waiting_room
    resale
    ");
    for (changes, field) in [
        (json!({"name": 1}), "name"),
        (json!({"start_time": "tomorrow"}), "start_time"),
        (json!({"price_tiers": {}}), "price_tiers"),
        (json!({"price_tiers": [1]}), "price_tiers"),
        (json!({"price_tiers": {"Floor": "300"}}), "price_tiers.Floor"),
        (json!({"fees": {"per_order": 1, "per_seat": 1}}), "fees.per_seat"),
        (json!({"max_tickets_per_user": 0}), "max_tickets_per_user"),
        (json!({"sales_end_time": "2037-12-16T04:00:00Z"}), "sales_end_time"),
        (json!({"venue_id": "nowhere"}), "venue_id"),
    ] {
        assert_eq!(organizer.post("/events", with_changes(&good, changes)).await.invalid_fields(), [field]);
    }
    for required in ["name", "venue_id", "start_time", "end_time", "category", "on_sale_time", "price_tiers"]
    {
        assert_eq!(
            organizer.post("/events", with_changes(&good, json!({required: null}))).await.invalid_fields(),
            [required]
        );
    }
    assert_eq!(organizer.get("/events").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_key_makes_one_event_and_free_seats_are_allowed() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let free = with_changes(&event_at(&enter_venue(&organizer).await), json!({"price_tiers": {"Floor": 0}}));
    let keyed = organizer.with_key("once");
    let first = keyed.post("/events", free.clone()).await;
    assert_eq!(first.expect(201)["available_seats"], 12, "seats without a price are blocked");
    let again = keyed.post("/events", free.clone()).await;
    assert_eq!((again.expect(201), again.header("idempotent-replayed")), (&first.json, Some("true")));
    keyed
        .post("/events", with_changes(&free, json!({"name": "Other"})))
        .await
        .refused(422, "idempotency_mismatch");
    assert_eq!(organizer.get("/events").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn only_owners_and_managers_create_events() {
    let server = TestServer::start().await;
    let owner = server.organizer("ada").await;
    let event = event_at(&enter_venue(&owner).await);
    for (actor, expected) in [
        (server.member("max", owner.organization(), Role::Manager).await, 201),
        (server.member("fin", owner.organization(), Role::Finance).await, 403),
        (server.staff("sam", &owner).await, 403),
        (server.organizer("eve").await, 404),
        (server.buyer("bob").await, 403),
        (server.admin().await, 201),
        (server.anonymous(), 401),
    ] {
        actor.post("/events", event.clone()).await.expect(expected);
    }
}

#[tokio::test]
async fn rules_about_holding_and_single_seats_are_given_and_copied() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let rules = json!({"refuse_single_seats": true, "hold_limits": {"seats": 50}});
    let event = make_event(&organizer, rules).await;
    let rules_of = |shown: &Value| (shown["refuse_single_seats"].clone(), shown["hold_limits"].clone());
    let limits =
        |seats: Value| json!({"seats": seats, "seats_of_new_accounts": null, "tickets_per_instrument": null});
    let made = organizer.get(&format!("/events/{event}")).await.expect(200).clone();
    assert_eq!(rules_of(&made), (json!(true), limits(json!(50))));
    let figures = organizer.get(&format!("/events/{event}/statistics")).await.expect(200)["holds"].clone();
    assert_eq!(figures["limit"], 50);
    let copy = async |mut changes: Value| {
        changes["start_time"] = json!("2037-01-01T01:00:00Z");
        organizer.post(&format!("/events/{event}/clone"), changes).await
    };
    assert_eq!(rules_of(copy(json!({})).await.expect(201)), (json!(true), limits(json!(50))));
    let other = json!({"refuse_single_seats": false, "hold_limits": {"seats": null}});
    assert_eq!(rules_of(copy(other).await.expect(201)), (json!(false), limits(Value::Null)));
    organizer.patch(&format!("/events/{event}"), json!({"refuse_single_seats": false})).await.expect(200);
    assert_eq!(rules_of(copy(json!({})).await.expect(201)), (json!(false), limits(json!(50))));
    let wrong = json!({"hold_limits": {"seats": 0}});
    assert_eq!(copy(wrong).await.invalid_fields(), ["hold_limits.seats"]);
}
