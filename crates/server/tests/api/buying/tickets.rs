//! Tickets in hand: who sees them, in which form, and what a gate can tell from one.

use super::{Fixture, text};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::VerifyingKey;
use fairseat_app::tickets::token;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_ticket_is_seen_by_its_buyer_and_at_the_door() {
    let fixture = Fixture::start().await;
    let order = fixture.bought(&["Floor A-1"]).await;
    let id = text(&order["tickets"][0]["ticket_id"]);
    let path = format!("/tickets/{id}");
    let view = fixture.buyer.get(&path).await;
    assert_eq!((&view.expect(200)["status"], &view.json["seat"]), (&json!("valid"), &json!("Floor A-1")));
    assert_eq!(view.json["order_id"], order["order_id"]);
    assert_eq!(view.json["qr_code"], order["tickets"][0]["qr_code"]);
    for actor in [
        fixture.organizer.clone(),
        fixture.server.staff("stan", &fixture.organizer).await,
        fixture.server.admin().await,
    ] {
        actor.get(&path).await.expect(200);
    }
    let (foreign, ned) = (fixture.server.organizer("oscar").await, fixture.server.buyer("ned").await);
    for form in ["", ".png", ".pdf", ".ics"] {
        fixture.server.anonymous().get(&format!("{path}{form}")).await.refused(401, "unauthenticated");
        foreign.get(&format!("{path}{form}")).await.refused(404, "not_found");
        ned.get(&format!("{path}{form}")).await.refused(404, "not_found");
    }
    for nothing in [".exe", ".pdf.png", "."] {
        fixture.buyer.get(&format!("{path}{nothing}")).await.refused(404, "not_found");
    }
    fixture.buyer.get(&format!("/tickets/{}", Uuid::nil())).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_ticket_is_taken_along() {
    let fixture = Fixture::start().await;
    let order = fixture.bought(&["Balcony A-2"]).await;
    let path = format!("/tickets/{}", text(&order["tickets"][0]["ticket_id"]));
    let png = fixture.buyer.get(&format!("{path}.png")).await;
    png.expect(200);
    assert_eq!(png.header("content-type"), Some("image/png"));
    assert_eq!(STANDARD.encode(&png.bytes), text(&order["tickets"][0]["qr_code"]));
    let pdf = fixture.buyer.get(&format!("{path}.pdf")).await;
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF-") && pdf.bytes.len() < 100_000, "{} bytes", pdf.bytes.len());
    let ics = fixture.buyer.get(&format!("{path}.ics")).await;
    assert_eq!(ics.header("content-type"), Some("text/calendar; charset=utf-8"));
    let calendar = String::from_utf8(ics.bytes).unwrap();
    assert!(calendar.contains("SUMMARY:Romeo and Juliet\r\n"), "{calendar}");
    assert!(
        calendar.contains("LOCATION:The Old Theatre\\, 1 Main Street\\, New York\\, NY\\, US\r\n"),
        "{calendar}"
    );

    let cancel = format!("/orders/{}/cancel", text(&order["order_id"]));
    fixture.buyer.post(&cancel, json!({})).await.expect(200);
    let void = fixture.buyer.get(&path).await;
    assert_eq!(void.expect(200)["status"], "void");
    assert_eq!((&void.json["token"], &void.json["qr_code"]), (&json!(null), &json!(null)));
    fixture.buyer.get(&format!("{path}.png")).await.refused(404, "not_found");
    fixture.buyer.get(&format!("{path}.pdf")).await.expect(200);
    let ics = fixture.buyer.get(&format!("{path}.ics")).await;
    assert!(String::from_utf8(ics.bytes).unwrap().contains("STATUS:CANCELLED"));
}

#[tokio::test]
async fn a_gate_checks_a_ticket_with_the_public_key_alone() {
    let fixture = Fixture::start().await;
    let order = fixture.bought(&["Floor A-1"]).await;
    let id = text(&order["tickets"][0]["ticket_id"]);
    let ticket = fixture.buyer.get(&format!("/tickets/{id}")).await;
    let key = fixture.server.anonymous().get("/ticket-key").await;
    assert_eq!(key.expect(200)["algorithm"], "Ed25519");
    let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text(&key.json["public_key"])).unwrap().try_into().unwrap();
    let key = VerifyingKey::from_bytes(&bytes).unwrap();
    let claims = token::verify(&text(&ticket.expect(200)["token"]), &key).unwrap();
    assert_eq!(claims.ticket.to_string(), id);
    assert_eq!(claims.event, fixture.event.id);
}

#[tokio::test]
async fn a_thousand_tickets_are_one_answer() {
    let fixture = Fixture::start().await;
    let crowd =
        fixture.server.event_with(&fixture.organizer, |terms| terms.max_tickets_per_buyer = 1_000).await;
    let places = json!({"general_admission": [{"section": "Field", "quantity": 1_000}]});
    let reserved = fixture.buyer.post(&crowd.path("/reserve"), places).await;
    let order = fixture.pay(&text(&reserved.expect(201)["reservation_id"]), super::GOOD).await;
    assert_eq!(order.expect(201)["tickets"].as_array().map(Vec::len), Some(1_000));
    assert!(order.bytes.len() < 3_000_000, "{} bytes", order.bytes.len());
}
