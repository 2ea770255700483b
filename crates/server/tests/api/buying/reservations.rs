//! Reservations: every way of choosing, every refusal once.

use super::{Fixture, GOOD, text};
use fairseat_domain::time::Millis;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn named_seats_are_reserved_in_the_order_asked() {
    let fixture = Fixture::start().await;
    let answer = fixture.reserve(&fixture.buyer, &["Floor A-3", "Floor A-1"]).await;
    let view = answer.expect(201);
    assert_eq!(view["event_id"], json!(fixture.event.id));
    assert_eq!(view["seat_ids"], json!(fixture.event.seats(&["Floor A-3", "Floor A-1"])));
    let seat =
        |at: usize| (&view["seats"][at]["section"], &view["seats"][at]["row"], &view["seats"][at]["number"]);
    assert_eq!(seat(0), (&json!("Floor"), &json!("A"), &json!(3)));
    assert_eq!(seat(1), (&json!("Floor"), &json!("A"), &json!(1)));
    assert!(String::from_utf8_lossy(&answer.bytes).contains("\"total_amount\":200.00"), "{view}");
    assert_eq!((&view["status"], &view["currency"]), (&json!("active"), &json!("USD")));
    assert_eq!(view["fees"], json!(0.0));
    let path = format!("/reservations/{}", text(&view["reservation_id"]));
    assert_eq!(fixture.buyer.get(&path).await.expect(200), view);
    assert_eq!(fixture.server.admin().await.get(&path).await.expect(200), view);
    for stranger in [fixture.server.buyer("ned").await, fixture.organizer.clone()] {
        stranger.get(&path).await.refused(404, "not_found");
        stranger.delete(&path).await.refused(404, "not_found");
        stranger.post(&format!("{path}/extend"), json!({})).await.refused(404, "not_found");
        let change = json!({"add_seat_ids": fixture.event.seats(&["Floor A-2"])});
        stranger.patch(&path, change).await.refused(404, "not_found");
    }
    fixture.server.anonymous().get(&path).await.refused(401, "unauthenticated");
    fixture.reserve(&fixture.server.anonymous(), &["Floor A-2"]).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn every_way_of_choosing() {
    let fixture = Fixture::start().await;
    let reserve = fixture.event.path("/reserve");
    let labels = |view: &Value| -> Vec<String> {
        view["seats"].as_array().unwrap().iter().map(|seat| text(&seat["label"])).collect()
    };
    for (choice, count, section) in [
        (json!({"seat_indexes": [5, 4]}), 2, "Floor"),
        (json!({"best_available": {"quantity": 2}}), 2, ""),
        (json!({"best_available": {"quantity": 1, "accessible": true}}), 1, "Floor"),
        (json!({"best_available": {"quantity": 1, "section": "Balcony", "max_price": 50.00}}), 1, "Balcony"),
        (
            json!({"general_admission": [{"section": "Standing", "quantity": 2}], "hold_duration": 60}),
            2,
            "Standing",
        ),
    ] {
        let answer = fixture.buyer.post(&reserve, choice.clone()).await;
        let found = labels(answer.expect(201));
        assert_eq!(found.len(), count, "{choice}");
        assert!(found.iter().all(|label| label.starts_with(section)), "{choice}: {found:?}");
    }
    let ned = fixture.server.buyer("ned").await;
    let choice = json!({"best_available": {"quantity": 1, "section": "Balcony", "max_price": 49.99}});
    let answer = ned.post(&reserve, choice).await;
    assert_eq!(answer.refused(409, "seat_unavailable")["seats"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_taken_is_named() {
    let fixture = Fixture::start().await;
    let other = fixture.server.event(&fixture.organizer).await;
    let [one, two] = [fixture.event.seat("Floor A-1"), fixture.event.seat("Floor A-2")];
    let reserve = fixture.event.path("/reserve");
    let many: Vec<u32> = (0..1_001).collect();
    for (body, fields) in [
        (
            json!({"seat_ids": [one, other.seat("Floor A-1"), Uuid::nil()]}),
            &["seat_ids[1]", "seat_ids[2]"][..],
        ),
        (json!({"seat_ids": [one, fixture.event.id]}), &["seat_ids[1]"][..]),
        (json!({"seat_ids": [one, "x"]}), &["seat_ids[1]"][..]),
        (json!({"seat_ids": [one, two, one]}), &["seat_ids[2]"][..]),
        (json!({"seat_ids": []}), &["seat_ids"][..]),
        (json!({"seat_ids": "all"}), &["seat_ids"][..]),
        (json!({"seat_indexes": [0, 5_000, 0, 4_294_967_295_u32]}), &["seat_indexes[2]"][..]),
        (json!({"seat_indexes": [0, 5_000, 4_294_967_295_u32]}), &["seat_indexes[1]", "seat_indexes[2]"][..]),
        (json!({"seat_indexes": [-1]}), &["seat_indexes[0]"][..]),
        (json!({"seat_indexes": many}), &["seat_indexes"][..]),
        (json!({}), &["seat_ids"][..]),
        (json!({"seat_ids": [one], "seat_indexes": [0]}), &["seat_ids"][..]),
        (json!({"seat_ids": [one], "hold_duration": 59}), &["hold_duration"][..]),
        (json!({"seat_ids": [one], "hold_duration": 901}), &["hold_duration"][..]),
        (json!({"seat_ids": [one], "hold_duration": i64::MAX}), &["hold_duration"][..]),
        (json!({"seat_ids": [one], "hold_duration": 60.5}), &["hold_duration"][..]),
        (json!({"best_available": {"quantity": 0}}), &["best_available.quantity"][..]),
        (json!({"best_available": {"quantity": 1_001}}), &["best_available.quantity"][..]),
        (json!({"best_available": {}}), &["best_available.quantity"][..]),
        (json!({"best_available": {"quantity": 1, "acessible": true}}), &["best_available.acessible"][..]),
        (
            json!({"best_available": {"quantity": 1, "section": "Moon", "max_price": 0.001}}),
            &["best_available.section", "best_available.max_price"][..],
        ),
        (json!({"general_admission": []}), &["general_admission"][..]),
        (
            json!({"general_admission": [{"section": "Floor", "quantity": 1}]}),
            &["general_admission[0].section"][..],
        ),
        (
            json!({"general_admission": [{"section": "Standing", "quantity": 0}, {"section": "Standing", "quantity": 1}]}),
            &["general_admission[0].quantity", "general_admission[1].section"][..],
        ),
        (json!([]), &[""][..]),
    ] {
        let answer = fixture.buyer.post(&reserve, body.clone()).await;
        assert_eq!(answer.invalid_fields(), fields, "{body}");
    }
    for id in [Uuid::nil().to_string(), one.to_string(), "x".to_owned(), "%00".to_owned()] {
        let answer = fixture.buyer.post(&format!("/events/{id}/reserve"), json!({"seat_ids": [one]})).await;
        answer.refused(404, "not_found");
    }
}

#[tokio::test]
async fn normal_ways_of_saying_no() {
    let fixture = Fixture::start().await;
    let ned = fixture.server.buyer("ned").await;
    fixture.reserved(&["Floor A-1"]).await;
    let taken = fixture.reserve(&ned, &["Floor A-1", "Floor A-2", "Hidden A-1"]).await;
    let taken = taken.refused(409, "seat_unavailable");
    let seats: Vec<_> = taken["seats"].as_array().unwrap().iter().map(|seat| &seat["label"]).collect();
    assert_eq!(seats, ["Floor A-1", "Hidden A-1"]);
    assert_eq!(taken["seats"][0]["seat_id"], json!(fixture.event.seat("Floor A-1")));

    let eight: Vec<u32> = (6..14).collect();
    let answer = fixture.buyer.post(&fixture.event.path("/reserve"), json!({"seat_indexes": eight})).await;
    let limit = answer.refused(403, "ticket_limit");
    assert_eq!((&limit["max"], &limit["have"]), (&json!(8), &json!(1)));

    let hour = Millis::from_seconds(3_600);
    let soon = fixture.server.event_with(&fixture.organizer, |terms| {
        terms.on_sale_at = terms.starts_at.minus(hour);
    });
    let soon = soon.await;
    let early = ned.post(&soon.path("/reserve"), json!({"seat_indexes": [0]})).await;
    assert!(early.refused(409, "sale_not_open")["opens_at"].as_str().unwrap().ends_with('Z'));
    let over = fixture
        .server
        .event_with(&fixture.organizer, |terms| {
            terms.sales_end_at = terms.on_sale_at.plus(Millis(1));
        })
        .await;
    ned.post(&over.path("/reserve"), json!({"seat_indexes": [0]})).await.refused(409, "sale_closed");
    let draft = fixture.server.event_with(&fixture.organizer, |terms| terms.published = false).await;
    ned.post(&draft.path("/reserve"), json!({"seat_indexes": [0]})).await.refused(404, "not_found");
}

#[tokio::test]
async fn of_many_who_want_one_seat_one_gets_it() {
    let fixture = Fixture::start().await;
    let mut buyers = Vec::new();
    for number in 0..8 {
        buyers.push(fixture.server.buyer(&format!("buyer{number}")).await);
    }
    let answers = futures::future::join_all(
        buyers.iter().map(|buyer| fixture.reserve(buyer, &["Floor B-2", "Floor B-3"])),
    )
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(lost.refused(409, "seat_unavailable")["seats"].as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn a_cart_changes() {
    let fixture = Fixture::start().await;
    let reservation = fixture.reserved(&["Floor A-1", "Floor A-2"]).await;
    let path = format!("/reservations/{reservation}");
    let seats = |labels: &[&str]| json!(fixture.event.seats(labels));
    let change = json!({"add_seat_ids": seats(&["Balcony A-1"]), "remove_seat_ids": seats(&["Floor A-1"])});
    let answer = fixture.buyer.patch(&path, change).await;
    let view = answer.expect(200);
    assert_eq!(view["seat_ids"], seats(&["Floor A-2", "Balcony A-1"]));
    assert_eq!(view["total_amount"], json!(150.0));
    for (body, fields) in [
        (json!({}), &["add_seat_ids"][..]),
        (json!({"remove_seat_ids": seats(&["Floor C-1"])}), &["remove_seat_ids[0]"][..]),
        (json!({"add_seat_ids": seats(&["Floor C-1", "Floor C-1"])}), &["add_seat_ids[1]"][..]),
        (
            json!({"add_seat_ids": [Uuid::nil()], "remove_seat_ids": [Uuid::nil()]}),
            &["add_seat_ids[0]", "remove_seat_ids[0]"][..],
        ),
        (json!({"remove_seat_ids": seats(&["Floor A-2", "Balcony A-1"])}), &["remove_seat_ids"][..]),
    ] {
        assert_eq!(fixture.buyer.patch(&path, body.clone()).await.invalid_fields(), fields, "{body}");
    }
    let ned = fixture.server.buyer("ned").await;
    fixture.reserve(&ned, &["Floor C-1"]).await.expect(201);
    let answer = fixture.buyer.patch(&path, json!({"add_seat_ids": seats(&["Floor C-1"])})).await;
    answer.refused(409, "seat_unavailable");
}

#[tokio::test]
async fn a_reservation_is_extended_once_and_given_back_once() {
    let fixture = Fixture::start().await;
    let body = json!({"seat_ids": fixture.event.seats(&["Floor A-1", "Floor A-2"]), "hold_duration": 120});
    let answer = fixture.buyer.post(&fixture.event.path("/reserve"), body).await;
    let path = format!("/reservations/{}", text(&answer.expect(201)["reservation_id"]));
    let extended = fixture.buyer.send(axum::http::Method::POST, &format!("{path}/extend"), None).await;
    assert_ne!(extended.expect(200)["expires_at"], answer.json["expires_at"]);
    fixture.buyer.post(&format!("{path}/extend"), json!({})).await.refused(409, "cannot_extend");
    let released = fixture.buyer.delete(&path).await;
    assert_eq!(released.expect(200), &json!({"status": "cancelled", "seats_released": 2}));
    assert_eq!(fixture.buyer.get(&path).await.expect(200)["status"], "cancelled");
    fixture.buyer.delete(&path).await.refused(409, "reservation_cancelled");
    let id = path.trim_start_matches("/reservations/").to_owned();
    fixture.pay(&id, GOOD).await.refused(409, "reservation_cancelled");
    fixture.reserve(&fixture.server.buyer("ned").await, &["Floor A-1"]).await.expect(201);
}

#[tokio::test]
async fn the_same_key_reserves_once() {
    let fixture = Fixture::start().await;
    let buyer = fixture.buyer.with_key("k1");
    let first = fixture.reserve(&buyer, &["Floor A-1"]).await;
    first.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = fixture.reserve(&buyer, &["Floor A-1"]).await;
    assert_eq!(again.expect(201), &first.json);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    fixture.reserve(&buyer, &["Floor A-2"]).await.refused(422, "idempotency_mismatch");
    let ned = fixture.server.buyer("ned").await.with_key("k1");
    fixture.reserve(&ned, &["Floor A-1"]).await.refused(409, "seat_unavailable");
    // A refusal is not remembered.
    let path = format!("/reservations/{}", text(&first.json["reservation_id"]));
    fixture.buyer.delete(&path).await.expect(200);
    fixture.reserve(&ned, &["Floor A-1"]).await.expect(201);
}

#[tokio::test]
async fn making_reservations_is_limited() {
    let server = crate::common::TestServer::start_with(|settings| {
        settings.limits = fairseat_edge::limits::Limits::On;
    });
    let server = server.await;
    let organizer = server.organizer("olga").await;
    let event = server.event(&organizer).await;
    let buyer = server.buyer("berta").await;
    let mut limited = None;
    for _ in 0..70 {
        let answer = buyer.post(&event.path("/reserve"), json!({"seat_indexes": [0]})).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.unwrap();
    limited.refused(429, "rate_limited");
    assert!(limited.header("retry-after").is_some());
}

#[tokio::test]
async fn what_has_expired_is_gone_at_once() {
    let fixture = Fixture::start().await;
    let (event, reservation) = fixture.server.event_of_yesterday(&fixture.organizer, &fixture.buyer).await;
    let path = format!("/reservations/{reservation}");
    assert_eq!(fixture.buyer.get(&path).await.expect(200)["status"], "expired");
    fixture.pay(&reservation.to_string(), GOOD).await.refused(410, "reservation_expired");
    fixture.buyer.post(&format!("{path}/extend"), json!({})).await.refused(410, "reservation_expired");
    let change = json!({"add_seat_ids": event.seats(&["Floor A-2"])});
    fixture.buyer.patch(&path, change).await.refused(410, "reservation_expired");
    fixture.buyer.delete(&path).await.refused(410, "reservation_expired");
    let ned = fixture.server.buyer("ned").await;
    ned.post(&event.path("/reserve"), json!({"seat_indexes": [0]})).await.expect(201);
}
