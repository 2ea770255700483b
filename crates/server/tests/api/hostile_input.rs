//! Hostile input to every route that takes a body: refused, never a fault.

use crate::common::TestServer;
use crate::common::test_shop::TestShop;
use axum::http::Method;
use serde_json::json;
use uuid::Uuid;

/// Bodies that are JSON of another shape, or no JSON at all.
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

#[tokio::test]
async fn hostile_bodies_to_account_routes_cause_no_server_error() {
    let server = TestServer::start().await;
    let org = server.organizer("org").await;
    let ours = ["/api/v1/auth/", "/api/v1/users/me", "/api/v1/organizations"];
    for (method, template) in fairseat_api::listed() {
        if method == "GET" || !ours.iter().any(|prefix| template.starts_with(prefix)) {
            continue;
        }
        let path = template.replace("{organization_id}", &org.organization().0.to_string());
        let path = path.replace("{user_id}", "%00%ff'\"--");
        let method: Method = method.parse().unwrap();
        for body in bodies() {
            for kind in [Some("application/json"), Some("text/plain"), None] {
                for actor in [&org, &server.anonymous(), &org.with_key("k")] {
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
