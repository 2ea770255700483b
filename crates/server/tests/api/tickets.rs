//! `GET /tickets/{ticket_id}` in every form.

use crate::common::test_shop::{TestShop, string_of};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn a_ticket_is_seen_by_its_buyer_and_members_of_the_organization() {
    let shop = TestShop::open().await;
    let order = shop.bought(&["Floor A-1"]).await;
    let id = string_of(&order["tickets"][0]["ticket_id"]);
    let path = format!("/tickets/{id}");
    let view = shop.buyer.get(&path).await;
    assert_eq!((&view.expect(200)["status"], &view.json["seat"]), (&json!("valid"), &json!("Floor A-1")));
    assert_eq!(view.json["order_id"], order["order_id"]);
    assert_eq!(view.json["qr_code"], order["tickets"][0]["qr_code"]);
    for actor in
        [shop.organizer.clone(), shop.server.staff("stan", &shop.organizer).await, shop.server.admin().await]
    {
        actor.get(&path).await.expect(200);
    }
    let (foreign, ned) = (shop.server.organizer("oscar").await, shop.server.buyer("ned").await);
    for form in ["", ".png", ".pdf", ".ics"] {
        shop.server.anonymous().get(&format!("{path}{form}")).await.refused(401, "unauthenticated");
        foreign.get(&format!("{path}{form}")).await.refused(404, "not_found");
        ned.get(&format!("{path}{form}")).await.refused(404, "not_found");
    }
    for nothing in [".exe", ".pdf.png", "."] {
        shop.buyer.get(&format!("{path}{nothing}")).await.refused(404, "not_found");
    }
    shop.buyer.get(&format!("/tickets/{}", Uuid::nil())).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_ticket_is_downloaded_as_picture_document_and_calendar_entry() {
    let shop = TestShop::open().await;
    let order = shop.bought(&["Balcony A-2"]).await;
    let path = format!("/tickets/{}", string_of(&order["tickets"][0]["ticket_id"]));
    let png = shop.buyer.get(&format!("{path}.png")).await;
    png.expect(200);
    assert_eq!(png.header("content-type"), Some("image/png"));
    assert_eq!(STANDARD.encode(&png.bytes), string_of(&order["tickets"][0]["qr_code"]));
    let pdf = shop.buyer.get(&format!("{path}.pdf")).await;
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert!(pdf.bytes.starts_with(b"%PDF-") && pdf.bytes.len() < 100_000, "{} bytes", pdf.bytes.len());
    let ics = shop.buyer.get(&format!("{path}.ics")).await;
    assert_eq!(ics.header("content-type"), Some("text/calendar; charset=utf-8"));
    let name = ics.header("content-disposition").unwrap();
    assert!(name.contains("filename=\"Romeo-and-Juliet-Balcony-A-2.ics\""), "{name}");
    let calendar = String::from_utf8(ics.bytes).unwrap();
    let url = format!("URL:http://fairseat.test{path}\r\n");
    assert!(calendar.contains(&url) && calendar.contains("DESCRIPTION:Seat: Balcony A-2\\n"), "{calendar}");
    assert!(calendar.contains("SUMMARY:Romeo and Juliet\r\n"), "{calendar}");
    assert!(
        calendar.contains("LOCATION:The Old Theatre\\, 1 Main Street\\, New York\\, NY\\, US\r\n"),
        "{calendar}"
    );

    assert!(
        calendar.contains("METHOD:PUBLISH\r\n")
            && calendar.contains("ORGANIZER;CN=olga's:http://fairseat.test\r\n"),
        "{calendar}"
    );
    let cancel = format!("/orders/{}/cancel", string_of(&order["order_id"]));
    shop.buyer.post(&cancel, json!({})).await.expect(200);
    let void = shop.buyer.get(&path).await;
    assert_eq!(void.expect(200)["status"], "void");
    assert_eq!((&void.json["token"], &void.json["qr_code"]), (&json!(null), &json!(null)));
    shop.buyer.get(&format!("{path}.png")).await.refused(404, "not_found");
    shop.buyer.get(&format!("{path}.pdf")).await.expect(200);
    let ics = shop.buyer.get(&format!("{path}.ics")).await;
    let calendar = String::from_utf8(ics.bytes).unwrap();
    for line in ["METHOD:CANCEL\r\n", "STATUS:CANCELLED\r\n", "ORGANIZER;CN=olga's:"] {
        assert!(calendar.contains(line), "{calendar}");
    }
}
