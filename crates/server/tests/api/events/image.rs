//! `PUT` and `DELETE /events/{event_id}/image`, and `GET /images/{file}`.

use crate::common::browser::html_of;
use crate::common::pictures::png;
use crate::common::{Actor, Answer, EventOnSale, TestServer};
use axum::http::Method;
use image::ImageFormat;
use serde_json::{Value, json};

async fn put(actor: &Actor, event: &EventOnSale, kind: &str, file: Vec<u8>) -> Answer {
    actor.send_bytes(Method::PUT, &event.path("/image"), Some(kind), file).await
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name}: {value}"))
}

#[tokio::test]
async fn an_uploaded_picture_replaces_the_drawn_poster() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    let page = format!("/events/{}", event.id);
    assert!(html_of(&nobody.page(&page).await).contains("/posters/"));
    assert_eq!(nobody.get(&event.path("")).await.expect(200).get("image_url"), None);

    let given = put(&organizer, &event, "image/png", png(1300, 900, [0, 90, 160])).await;
    let address = text_of(given.expect(200), "image_url").to_owned();
    assert_eq!(text_of(nobody.get(&event.path("")).await.expect(200), "image_url"), address);
    let shown = html_of(&nobody.page(&page).await);
    assert!(shown.contains(&format!("<img src=\"{address}\"")) && !shown.contains("/posters/"), "{shown}");
    assert!(
        shown.contains(&format!("property=\"og:image\" content=\"http://fairseat.test{address}\"")),
        "{shown}"
    );
    let list = nobody.get("/events").await;
    let small = text_of(&list.expect(200)["events"][0], "thumbnail_url").to_owned();
    assert!(html_of(&nobody.page("/").await).contains(&format!("<img src=\"{small}\"")));
    for (address, size) in [(&address, (1200, 630)), (&small, (600, 315))] {
        let file = nobody.get(address).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, Some("image/jpeg")));
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let picture = image::load_from_memory_with_format(&file.bytes, ImageFormat::Jpeg).unwrap();
        assert_eq!((picture.width(), picture.height()), size);
    }

    let other = put(&organizer, &event, "image/png", png(700, 400, [160, 0, 0])).await;
    let other = text_of(other.expect(200), "image_url").to_owned();
    assert_ne!(other, address);
    nobody.get(&address).await.refused(404, "not_found");
    organizer.delete(&event.path("/image")).await.expect(204);
    organizer.delete(&event.path("/image")).await.expect(204);
    nobody.get(&other).await.refused(404, "not_found");
    assert!(html_of(&nobody.page(&page).await).contains("/posters/"));

    let trail = format!("/organizations/{}/audit", organizer.organization().0);
    let trail = organizer.get(&trail).await.expect(200)["entries"].as_array().unwrap().clone();
    let deeds = trail.iter().map(|deed| text_of(deed, "action")).filter(|deed| deed.contains("image"));
    assert_eq!(deeds.collect::<Vec<_>>(), ["event.image_removed", "event.image_set", "event.image_set"]);
}

#[tokio::test]
async fn a_copy_keeps_the_picture_when_the_original_is_deleted() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = json!({"name": "Hall", "address": "", "city": "Bern", "country": "CH", "layout_type": "hall",
        "seating_plan": {"sections": [{"name": "A", "rows": 1, "seats_per_row": 2}]}});
    let venue = organizer.post("/venues", venue).await.expect(201)["venue_id"].clone();
    let event = json!({"venue_id": venue, "name": "First", "description": "", "category": "concert",
        "start_time": "2036-12-05T20:00:00Z", "end_time": "2036-12-05T22:00:00Z",
        "on_sale_time": "2026-01-01T00:00:00Z", "price_tiers": {"A": 10}});
    let path = |event: &Value| format!("/events/{}", text_of(event, "event_id"));
    let first = path(organizer.post("/events", event).await.expect(201));
    let file = png(700, 400, [3, 3, 3]);
    let given = organizer.send_bytes(Method::PUT, &format!("{first}/image"), Some("image/png"), file).await;
    let address = text_of(given.expect(200), "image_url").to_owned();
    let copy = organizer.post(&format!("{first}/clone"), json!({"start_time": "2037-12-05T20:00:00Z"})).await;
    assert_eq!(text_of(copy.expect(201), "image_url"), address);
    organizer.delete(&first).await.expect(204);
    assert_eq!(server.anonymous().get(&address).await.status, 200);
    organizer.delete(&path(copy.expect(201))).await.expect(204);
    server.anonymous().get(&address).await.refused(404, "not_found");
}

#[tokio::test]
async fn files_that_are_not_pictures_are_refused() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let good = png(700, 400, [9, 9, 9]);
    for (kind, file, status) in [
        ("application/json", good.clone(), 415),
        ("image/gif", good.clone(), 415),
        ("IMAGE/PNG; q=1", good.clone(), 200),
        ("image/png", b"<svg/>".to_vec(), 422),
        ("image/png", Vec::new(), 422),
        ("image/png", png(500, 500, [1, 1, 1]), 422),
        ("image/png", vec![0; 10 * 1024 * 1024 + 1], 413),
    ] {
        assert_eq!(put(&organizer, &event, kind, file).await.status, status, "{kind}");
    }
    put(&organizer, &event, "image/jpeg", good).await.expect(200);
    for address in ["/images/x", "/images/x.jpg", "/images/00000000-0000-0000-0000-000000000000.jpg"] {
        server.anonymous().get(address).await.refused(404, "not_found");
    }
}
