//! Hostile input to every route that has a body: it is refused, and never causes a server error.

use crate::common::test_shop::{TestShop, string_of};
use axum::http::Method;
use serde_json::json;
use uuid::Uuid;

/// Bodies that are JSON of another shape, or not JSON at all.
fn bodies() -> Vec<Vec<u8>> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        Vec::new(),
        text("null"),
        text("[]"),
        text("0"),
        text("\"x\""),
        text("{}"),
        text(
            "{\"email\": null, \"username\": null, \"password\": null, \"token\": null, \"name\": null, \"role\": null}",
        ),
        text(
            "{\"email\": [], \"username\": {}, \"password\": true, \"token\": 1e400, \"name\": -0, \"role\": []}",
        ),
        text(
            "{\"email\": \"\\u0000@\\u0000\", \"username\": \"\\u0000\", \"password\": \"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\", \"token\": \"\\u0000\", \"name\": \"\\u0000\", \"refresh_token\": \"\\u0000\", \"role\": \"owner\"}",
        ),
        text(
            "{\"email\": \"\u{202e}a@b.c\", \"username\": \"👩‍🚀\", \"password\": \"👩‍🚀👩‍🚀👩‍🚀👩‍🚀\", \"token\": \"👩‍🚀\", \"name\": \"\u{202e}\", \"refresh_token\": \"👩‍🚀\", \"user_id\": \"👩‍🚀\"}",
        ),
        text("{\"email\": \"a\", \"email\": \"b\"}"),
        text("{\"email\": \"\\ud800\"}"),
        text("{"),
        b"\xff\xfe\x00".to_vec(),
        "[".repeat(60_000).into_bytes(),
        format!(
            "{{\"name\": \"{0}\", \"email\": \"{0}\", \"username\": \"{0}\", \"password\": \"{0}\"}}",
            "x".repeat(12_000)
        )
        .into_bytes(),
        vec![b' '; 70_000],
    ]
}

/// The path of a route, with the ids of existing objects; any other parameter gets bytes that are hard to parse.
fn path_of(template: &str, shop: &TestShop, reservation: &str, order: &str) -> String {
    let filled = [
        ("{organization_id}", shop.organizer.organization().0.to_string()),
        ("{event_id}", shop.event.id.to_string()),
        ("{reservation_id}", reservation.to_owned()),
        ("{order_id}", order.to_owned()),
        ("{provider}", "sandbox".to_owned()),
    ];
    let path = filled.iter().fold(template.to_owned(), |path, (name, id)| path.replace(name, id));
    let parts = path.split('/').map(|part| if part.starts_with('{') { "%00%ff'\"--" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn hostile_bodies_to_any_route_cause_no_server_error() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let order = string_of(&shop.bought(&["Floor A-2"]).await["order_id"]);
    let people =
        [shop.organizer.clone(), shop.buyer.clone(), shop.server.anonymous(), shop.buyer.with_key("k")];
    let mut routes: Vec<_> =
        fairseat_api::listed().into_iter().filter(|(method, _)| *method != "GET").collect();
    // Routes that accept an empty body end the sale or the session of the others, so they come last.
    let turn = |method: &str, template: &str| match template {
        "/api/v1/auth/logout" => 2,
        _ => u8::from(method == "DELETE" || template.ends_with("/cancel")),
    };
    routes.sort_by_key(|(method, template)| turn(method, template));
    for (method, template) in routes {
        if template == "/api/v1/auth/logout" {
            for person in [&shop.organizer, &shop.buyer] {
                person.get("/users/me").await.expect(200);
            }
        }
        let path = path_of(&template, &shop, &reservation, &order);
        let method: Method = method.parse().unwrap();
        for body in bodies() {
            for kind in [Some("application/json"), Some("text/plain"), None] {
                for actor in &people {
                    let answer = actor.send_bytes(method.clone(), &path, kind, body.clone()).await;
                    let start = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
                    assert!(answer.status.as_u16() < 500, "{method} {path} {start:?}: {}", answer.status);
                    let is_error = answer.status.is_client_error();
                    assert_eq!(is_error, answer.json["code"].is_string(), "{method} {path} {start:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn hostile_bodies_to_buying_routes_cause_no_server_error() {
    let shop = TestShop::open().await;
    let reservation = shop.reserved(&["Floor A-1"]).await;
    let (seat, huge) = (shop.event.seat("Floor A-2"), "9".repeat(400));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        "\u{feff}{}".to_owned(),
        "[".repeat(10_000),
        r#"{"a":"#.repeat(5_000),
        format!(r#"{{"seat_ids":["{seat}"],"seat_ids":["{seat}"]}}"#),
        format!(r#"{{"seat_indexes":[{huge}]}}"#),
        format!(r#"{{"seat_indexes":[1e{huge}]}}"#),
        format!(r#"{{"seat_ids":["{seat}"],"hold_duration":-{huge}}}"#),
        format!(r#"{{"best_available":{{"quantity":1,"max_price":{huge}}}}}"#),
        r#"{"best_available":{"quantity":1,"max_price":-1}}"#.to_owned(),
        r#"{"best_available":{"quantity":4294967295,"section":"\u0000"}}"#.to_owned(),
        r#"{"best_available":{"quantity":1,"section":"\ud800"}}"#.to_owned(),
        r#"{"general_admission":[{"section":"Standing","quantity":4294967295},{"section":"Field","quantity":4294967295}]}"#
            .to_owned(),
        format!(r#"{{"reservation_id":"{reservation}","payment_details":{{"card_number":"{huge}"}}}}"#),
        format!(r#"{{"reservation_id":"{reservation}","payment_method":"{huge}"}}"#),
        format!(r#"{{"reservation_id":"{reservation}","payment_details":{{"payment_token":"\u0000"}}}}"#),
        format!(r#"{{"add_seat_ids":["{seat}"],"remove_seat_ids":null}}"#),
        json!({"seat_ids": vec![Uuid::nil(); 1_500]}).to_string(),
        "x".repeat(70_000),
    ];
    let paths = [
        (Method::POST, shop.event.path("/reserve")),
        (Method::POST, "/orders".to_owned()),
        (Method::PATCH, format!("/reservations/{reservation}")),
        (Method::POST, "/webhooks/sandbox".to_owned()),
    ];
    for (method, path) in &paths {
        for body in &bodies {
            for kind in [Some("application/json"), Some("text/plain"), None] {
                let bytes = body.clone().into_bytes();
                let answer = shop.buyer.send_bytes(method.clone(), path, kind, bytes).await;
                let start: String = body.chars().take(80).collect();
                assert!(
                    answer.status.is_client_error() || answer.status.is_success(),
                    "{} to {path}: {start}",
                    answer.status
                );
            }
        }
        let answer =
            shop.buyer.send_bytes(method.clone(), path, Some("application/json"), vec![0xff, 0xfe, 0]).await;
        assert!(answer.status.is_client_error(), "{path}");
    }
}
