//! Characters that break outputs: refused in every text that is sent, and left out where older data has them.

use crate::common::browser::html_of;
use crate::common::catalogue::{enter_venue, event_at, small_plan, venue_with, with_changes};
use crate::common::test_shop::{TestShop, string_of};
use crate::common::{Answer, TestServer};
use fairseat_domain::text::is_writable;
use serde_json::{Value, json};

/// Each with a character that no text may have.
const ODD: [&str; 9] = [
    "Ham\u{fffe}let",
    "Ham\u{ffff}let",
    "Ham\u{1ffff}let",
    "Ham\u{fdd0}let",
    "Ham\u{b}let",
    "Ham\0let",
    "Ham\u{85}let",
    "Ham\u{202e}let",
    "Ham\u{feff}let",
];

#[tokio::test]
async fn odd_characters_are_refused_in_every_text() {
    let server = TestServer::start().await;
    let organizer = server.organizer("olga").await;
    let (venue, sold) = (enter_venue(&organizer).await, server.event(&organizer).await);
    let plan = |name: &str| json!({"sections": [{"name": name, "rows": 1, "seats_per_row": 2}]});
    let zones = |name: &str| json!({"name": name, "zones": []});
    let registration =
        |name: &str| json!({"email": "ada@example.org", "username": name, "password": "lovelace"});
    let refused = |answer: Answer, field: &str, odd: &str| {
        let fields = answer.invalid_fields();
        assert!(fields.iter().any(|named| named.starts_with(field)), "{odd:?}: {fields:?}, not {field}");
    };
    for odd in ODD.into_iter().chain(["Ham\u{2028}let", "Ham\u{2029}let"]) {
        for field in ["name", "category"] {
            let event = with_changes(&event_at(&venue), json!({field: odd}));
            refused(organizer.post("/events", event).await, field, odd);
            refused(organizer.patch(&sold.path(""), json!({field: odd})).await, field, odd);
        }
        for field in ["name", "address", "city", "state", "country", "layout_type"] {
            let entered = with_changes(&venue_with(small_plan()), json!({field: odd, "timezone": "UTC"}));
            refused(organizer.post("/venues", entered).await, field, odd);
        }
        for plan in [plan(odd), zones(odd)] {
            refused(organizer.post("/venues", venue_with(plan)).await, "seating_plan", odd);
        }
        refused(server.anonymous().post("/auth/register", registration(odd)).await, "username", odd);
        refused(organizer.patch("/users/me", json!({"username": odd})).await, "username", odd);
        refused(organizer.post("/organizations", json!({"name": odd})).await, "name", odd);
        let seat = sold.seats(&["Floor A-1"]);
        let sale = json!({"seat_ids": seat, "payment": "cash", "name": odd, "note": odd});
        refused(organizer.post(&sold.path("/box-office"), sale).await, "name", odd);
        let block = json!({"seat_ids": seat, "reason": odd});
        refused(organizer.post(&sold.path("/seats/block"), block).await, "reason", odd);
    }
    for odd in ODD {
        refused(organizer.patch(&sold.path(""), json!({"description": odd})).await, "description", odd);
    }
    let several = json!({"description": "One\u{2028}Two\r\n\tThree"});
    organizer.patch(&sold.path(""), several).await.expect(200);
}

#[tokio::test]
async fn odd_characters_of_older_data_break_no_output() {
    let shop = TestShop::open().await;
    let odd: String = ODD.concat();
    let store = rusqlite::Connection::open(shop.server.folder().join("store.db")).unwrap();
    for text in [
        "UPDATE events SET name = ?1, description = ?1, category = ?1",
        "UPDATE venues SET name = ?1, address = ?1, city = ?1",
        "UPDATE organizations SET name = ?1",
        "UPDATE users SET username = ?1",
    ] {
        store.execute(text, [&odd]).unwrap();
    }
    let order = shop.bought(&["Floor A-1"]).await;
    let ticket = format!("/tickets/{}", string_of(&order["tickets"][0]["ticket_id"]));
    let nobody = shop.server.anonymous();
    for (answer, name) in [
        (nobody.page("/feed.rss").await, "feed"),
        (nobody.page("/sitemap.xml").await, "sitemap"),
        (nobody.page(&shop.event.path("/event.ics")).await, "event.ics"),
        (nobody.get(&shop.event.path("/seatmap.svg")).await, "seatmap.svg"),
        (shop.buyer.get(&format!("{ticket}.ics")).await, "ticket.ics"),
        (shop.organizer.get(&shop.event.path("/orders.csv")).await, "orders.csv"),
        (shop.organizer.get(&shop.event.path("/attendees.csv")).await, "attendees.csv"),
    ] {
        answer.expect(200);
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        assert!(text.chars().all(is_writable), "{name}: {text:?}");
    }
    let pdf = shop.buyer.get(&format!("{ticket}.pdf")).await;
    pdf.expect(200);
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    let page = html_of(&nobody.page(&shop.event.path("")).await);
    let data = page.split("application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap()["@type"], "Event");
}
