//! `POST /events/{event_id}/reserve`.

use crate::common::accounts::with_field;
use crate::common::test_shop::{TestShop, string_of};
use fairseat_domain::time::Millis;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn named_seats_are_reserved_in_the_order_asked() {
    let shop = TestShop::open().await;
    let answer = shop.reserve(&shop.buyer, &["Floor A-3", "Floor A-1"]).await;
    let view = answer.expect(201);
    assert_eq!(view["event_id"], json!(shop.event.id));
    assert_eq!(view["seat_ids"], json!(shop.event.seats(&["Floor A-3", "Floor A-1"])));
    let seat =
        |at: usize| (&view["seats"][at]["section"], &view["seats"][at]["row"], &view["seats"][at]["number"]);
    assert_eq!(seat(0), (&json!("Floor"), &json!("A"), &json!(3)));
    assert_eq!(seat(1), (&json!("Floor"), &json!("A"), &json!(1)));
    assert!(String::from_utf8_lossy(&answer.bytes).contains("\"total_amount\":200.00"), "{view}");
    assert_eq!((&view["status"], &view["currency"]), (&json!("active"), &json!("USD")));
    assert_eq!(view["fees"], json!(0.0));
    let path = format!("/reservations/{}", string_of(&view["reservation_id"]));
    let alone = Some(json!(["Floor A-2"]));
    let read = with_field(view.clone(), "single_seats_left", alone);
    assert_eq!(*shop.buyer.get(&path).await.expect(200), read);
    assert_eq!(*shop.server.admin().await.get(&path).await.expect(200), read);
    for stranger in [shop.server.buyer("ned").await, shop.organizer.clone()] {
        stranger.get(&path).await.refused(404, "not_found");
        stranger.delete(&path).await.refused(404, "not_found");
        stranger.post(&format!("{path}/extend"), json!({})).await.refused(404, "not_found");
        let change = json!({"add_seat_ids": shop.event.seats(&["Floor A-2"])});
        stranger.patch(&path, change).await.refused(404, "not_found");
    }
    shop.server.anonymous().get(&path).await.refused(401, "unauthenticated");
    shop.reserve(&shop.server.anonymous(), &["Floor A-2"]).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn seats_are_chosen_by_index_best_available_or_general_admission() {
    let shop = TestShop::open().await;
    let reserve = shop.event.path("/reserve");
    let labels = |view: &Value| -> Vec<String> {
        view["seats"].as_array().unwrap().iter().map(|seat| string_of(&seat["label"])).collect()
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
        let answer = shop.buyer.post(&reserve, choice.clone()).await;
        let found = labels(answer.expect(201));
        assert_eq!(found.len(), count, "{choice}");
        assert!(found.iter().all(|label| label.starts_with(section)), "{choice}: {found:?}");
    }
    let ned = shop.server.buyer("ned").await;
    let choice = json!({"best_available": {"quantity": 1, "section": "Balcony", "max_price": 49.99}});
    let answer = ned.post(&reserve, choice).await;
    assert_eq!(answer.refused(409, "seat_unavailable")["seats"], json!([]));
}

#[tokio::test]
async fn every_wrong_field_of_a_reservation_is_named() {
    let shop = TestShop::open().await;
    let other = shop.server.event(&shop.organizer).await;
    let [one, two] = [shop.event.seat("Floor A-1"), shop.event.seat("Floor A-2")];
    let reserve = shop.event.path("/reserve");
    let many: Vec<u32> = (0..1_001).collect();
    for (body, fields) in [
        (
            json!({"seat_ids": [one, other.seat("Floor A-1"), Uuid::nil()]}),
            &["seat_ids[1]", "seat_ids[2]"][..],
        ),
        (json!({"seat_ids": [one, shop.event.id]}), &["seat_ids[1]"][..]),
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
        let answer = shop.buyer.post(&reserve, body.clone()).await;
        assert_eq!(answer.invalid_fields(), fields, "{body}");
    }
    for id in [Uuid::nil().to_string(), one.to_string(), "x".to_owned(), "%00".to_owned()] {
        let answer = shop.buyer.post(&format!("/events/{id}/reserve"), json!({"seat_ids": [one]})).await;
        answer.refused(404, "not_found");
    }
}

#[tokio::test]
async fn reservations_are_refused_for_taken_seats_ticket_limits_and_closed_sales() {
    let shop = TestShop::open().await;
    let ned = shop.server.buyer("ned").await;
    shop.reserved(&["Floor A-1"]).await;
    let taken = shop.reserve(&ned, &["Floor A-1", "Floor A-2", "Hidden A-1"]).await;
    let taken = taken.refused(409, "seat_unavailable");
    let seats: Vec<_> = taken["seats"].as_array().unwrap().iter().map(|seat| &seat["label"]).collect();
    assert_eq!(seats, ["Floor A-1", "Hidden A-1"]);
    assert_eq!(taken["seats"][0]["seat_id"], json!(shop.event.seat("Floor A-1")));

    let eight: Vec<u32> = (6..14).collect();
    let answer = shop.buyer.post(&shop.event.path("/reserve"), json!({"seat_indexes": eight})).await;
    let limit = answer.refused(403, "ticket_limit");
    assert_eq!((&limit["max"], &limit["have"]), (&json!(8), &json!(1)));

    let hour = Millis::from_seconds(3_600);
    let soon = shop.server.event_with(&shop.organizer, |terms| {
        terms.on_sale_at = terms.starts_at.minus(hour);
    });
    let soon = soon.await;
    let early = ned.post(&soon.path("/reserve"), json!({"seat_indexes": [0]})).await;
    assert!(early.refused(409, "sale_not_open")["opens_at"].as_str().unwrap().ends_with('Z'));
    let over = shop
        .server
        .event_with(&shop.organizer, |terms| {
            terms.sales_end_at = terms.on_sale_at.plus(Millis(1));
        })
        .await;
    ned.post(&over.path("/reserve"), json!({"seat_indexes": [0]})).await.refused(409, "sale_closed");
    let draft = shop.server.event_with(&shop.organizer, |terms| terms.published = false).await;
    ned.post(&draft.path("/reserve"), json!({"seat_indexes": [0]})).await.refused(404, "not_found");
}

#[tokio::test]
async fn simultaneous_reservations_of_one_seat_make_one_reservation() {
    let shop = TestShop::open().await;
    let mut buyers = Vec::new();
    for number in 0..8 {
        buyers.push(shop.server.buyer(&format!("buyer{number}")).await);
    }
    let answers = futures::future::join_all(
        buyers.iter().map(|buyer| shop.reserve(buyer, &["Floor B-2", "Floor B-3"])),
    )
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(lost.refused(409, "seat_unavailable")["seats"].as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn the_same_key_reserves_once() {
    let shop = TestShop::open().await;
    let buyer = shop.buyer.with_key("k1");
    let first = shop.reserve(&buyer, &["Floor A-1"]).await;
    first.expect(201);
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = shop.reserve(&buyer, &["Floor A-1"]).await;
    assert_eq!(again.expect(201), &first.json);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    shop.reserve(&buyer, &["Floor A-2"]).await.refused(422, "idempotency_mismatch");
    let ned = shop.server.buyer("ned").await.with_key("k1");
    shop.reserve(&ned, &["Floor A-1"]).await.refused(409, "seat_unavailable");
    // A refusal is not remembered.
    let path = format!("/reservations/{}", string_of(&first.json["reservation_id"]));
    shop.buyer.delete(&path).await.expect(200);
    shop.reserve(&ned, &["Floor A-1"]).await.expect(201);
}

#[tokio::test]
async fn seats_that_are_added_to_the_cart_join_it_and_keep_its_end() {
    let shop = TestShop::open().await;
    let path = shop.event.path("/reserve");
    let add = async |choice: Value| {
        let mut body = choice;
        body["add_to_cart"] = true.into();
        shop.buyer.post(&path, body).await.expect(201).clone()
    };
    let first = add(json!({"seat_ids": shop.event.seats(&["Floor A-1"]), "hold_duration": 300})).await;
    let second = add(json!({"best_available": {"quantity": 1}, "hold_duration": 900})).await;
    let third = add(json!({"general_admission": [{"section": "Field", "quantity": 1}]})).await;
    for later in [&second, &third] {
        assert_eq!(later["reservation_id"], first["reservation_id"]);
        assert_eq!(later["expires_at"], first["expires_at"], "one cart has one end");
    }
    assert_eq!(third["seat_ids"].as_array().unwrap().len(), 3);

    let apart = shop.reserve(&shop.buyer, &["Floor A-3"]).await;
    assert_ne!(apart.expect(201)["reservation_id"], first["reservation_id"], "without the wish, as ever");
}

#[tokio::test]
async fn a_repeated_addition_adds_once() {
    let shop = TestShop::open().await;
    let path = shop.event.path("/reserve");
    let body = json!({"best_available": {"quantity": 1}, "add_to_cart": true});
    let buyer = shop.buyer.with_key("add");
    let first = buyer.post(&path, body.clone()).await;
    let again = buyer.post(&path, body).await;
    assert_eq!(first.expect(201)["seat_ids"], again.expect(201)["seat_ids"]);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn the_best_seats_are_named_without_being_held() {
    let shop = TestShop::open().await;
    let nobody = shop.server.anonymous();
    let best = |query: &str| shop.event.path(&format!("/seats/best?{query}"));
    let indexes = |view: &Value| -> Vec<u64> {
        view["seats"].as_array().unwrap().iter().map(|seat| seat["index"].as_u64().unwrap()).collect()
    };
    let answer = nobody.get(&best("quantity=2&section=Floor")).await;
    let found = answer.expect(200);
    let again = nobody.get(&best("quantity=2&section=Floor")).await;
    assert_eq!(again.expect(200), found, "nothing was held");
    let wish = json!({"best_available": {"quantity": 2, "section": "Floor"}});
    let answer = shop.buyer.post(&shop.event.path("/reserve"), wish).await;
    let held = answer.expect(201);
    assert_eq!(indexes(found), indexes(held), "they are the ones that would be held");
    assert_eq!(found["seats"][0]["price"], held["seats"][0]["price"]);
    let others = nobody.get(&best("quantity=2&section=Floor")).await;
    assert_ne!(indexes(others.expect(200)), indexes(held));
    let none = nobody.get(&best("quantity=1&section=Floor&max_price=0.01")).await;
    assert_eq!(none.refused(409, "seat_unavailable")["seats"], json!([]));
    for (query, fields) in [
        ("quantity=0", &["quantity"][..]),
        ("quantity=1001", &["quantity"][..]),
        ("quantity=1&section=Moon&max_price=cheap", &["section", "max_price"][..]),
    ] {
        assert_eq!(nobody.get(&best(query)).await.invalid_fields(), fields, "{query}");
    }
}

/// An organizer may refuse choices that leave a single seat; the refusal names it.
#[tokio::test]
async fn a_choice_that_leaves_a_single_seat_is_refused_where_the_organizer_says_so() {
    let shop = TestShop::open().await;
    let path = shop.event.path("");
    let shown = shop.organizer.get(&path).await;
    assert_eq!(shown.expect(200)["refuse_single_seats"], json!(false));
    let changed = shop.organizer.patch(&path, json!({"refuse_single_seats": true})).await;
    assert_eq!(changed.expect(200)["refuse_single_seats"], json!(true));
    let refused = shop.reserve(&shop.buyer, &["Floor B-2"]).await;
    let left = refused.refused(409, "single_seat_left");
    assert!(left["seats"].as_array().unwrap().iter().any(|seat| seat["label"] == "Floor B-1"), "{left}");
    shop.organizer.patch(&path, json!({"refuse_single_seats": false})).await.expect(200);
    shop.reserve(&shop.buyer, &["Floor B-2"]).await.expect(201);
}
