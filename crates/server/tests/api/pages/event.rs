//! The page of an event.

use crate::common::TestServer;
use crate::common::browser::html_of;
use crate::common::catalogue::make_event;
use serde_json::json;

#[tokio::test]
async fn the_page_of_an_event_shows_changes_at_once() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let visitor = server.anonymous();
    let before = visitor.page(&event.path("")).await;
    let tag = before.header("etag").unwrap().to_owned();
    let again = visitor.with_header("if-none-match", &tag).page(&event.path("")).await;
    again.expect(304);

    organizer.patch(&event.path(""), json!({"name": "Another Name"})).await.expect(200);
    let renamed = visitor.with_header("if-none-match", &tag).page(&event.path("")).await;
    renamed.expect(200);
    assert!(html_of(&renamed).contains("<h1>Another Name</h1>"));

    let later = json!({"start_time": "2099-06-01T20:00:00Z", "end_time": "2099-06-01T23:00:00Z"});
    organizer.patch(&event.path(""), later).await.expect(200);
    let moved = html_of(&visitor.page(&event.path("")).await);
    assert!(moved.contains("New date: moved from") && moved.contains("schema.org/EventRescheduled"));

    let buyer = server.buyer("bob").await;
    buyer.post(&event.path("/reserve"), json!({"seat_ids": [event.seat("Floor A-1")]})).await.expect(201);
    let sold = html_of(&visitor.page(&event.path("")).await);
    assert_ne!(sold, moved, "one seat fewer is left");
}

#[tokio::test]
async fn the_page_of_an_event_explains_its_refund_policy() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    for (per_order, percent, fees, hours, expected) in [
        (0, 100, false, 0, "Full refund until it starts."),
        (0, 50, false, 48, "50% refund of the price until 48 hours before it starts."),
        (2, 100, true, 0, "Full refund until it starts."),
        (2, 100, false, 0, "100% refund of the price, not the fees, until it starts."),
        (2, 50, true, 0, "50% refund of the price and the fees until it starts."),
        (2, 0, true, 0, "No refunds."),
    ] {
        let policy = json!({"percent": percent, "fees": fees, "until_hours_before_start": hours});
        let terms = json!({"fees": {"per_order": per_order}, "refund_policy": policy});
        organizer.patch(&event.path(""), terms).await.expect(200);
        let page = html_of(&server.anonymous().page(&event.path("")).await);
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

#[tokio::test]
async fn organizers_text_cannot_become_markup() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let hostile = "</script><script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))";
    let change = json!({"name": "<b>Loud</b>", "description": hostile});
    organizer.patch(&event.path(""), change).await.expect(200);
    let page = html_of(&server.anonymous().page(&event.path("")).await);
    for markup in ["<script>alert", "<img src=x", "href=\"javascript", "<b>Loud"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(
        page.contains("&#60;b&#62;Loud") || page.contains("&lt;b&gt;Loud"),
        "the name is shown as it was written"
    );
}

#[tokio::test]
async fn pages_have_calendar_feed_sitemap_and_structured_data() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    let calendar = nobody.page(&event.path("/event.ics")).await;
    assert_eq!(calendar.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert!(html_of(&calendar).lines().all(|line| line.len() <= 75));
    assert!(
        html_of(&calendar).contains("METHOD:PUBLISH\r\n")
            && html_of(&calendar).contains("ORGANIZER;CN=ada's:")
    );
    for (path, kind) in [
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/feed.rss", "application/rss+xml; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/service-worker.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = nobody.page(path).await;
        answer.expect(200);
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
    }
    let page = html_of(&nobody.page(&event.path("")).await);
    let data = page.split("application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["@type"], "Event");
    assert!(data["startDate"].as_str().unwrap().ends_with('Z'), "{data}");
    assert!(!data.to_string().contains("null"), "what is not known is not said: {data}");
    let poster =
        page.split("og:image\" content=\"http://fairseat.test").nth(1).unwrap().split('"').next().unwrap();
    let poster = nobody.page(poster).await;
    assert_eq!(poster.bytes.get(..8), Some(&b"\x89PNG\r\n\x1a\n"[..]));
}

/// A cancelled event shows no prices and no plan; an event without numbered seats offers tickets rather than seats.
#[tokio::test]
async fn cancelled_and_standing_events_say_what_they_are() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let seated = make_event(&organizer, json!({})).await;
    let page = html_of(&server.anonymous().page(&format!("/events/{seated}")).await);
    assert!(page.contains("Choose seats") && page.contains("seatmap.svg"), "{page}");
    organizer.post(&format!("/events/{seated}/cancel"), json!({})).await.expect(200);
    for path in [format!("/events/{seated}"), format!("/events/{seated}/seats")] {
        let page = html_of(&server.anonymous().page(&path).await);
        assert!(page.contains("cancelled"), "{page}");
        assert!(!page.contains("seatmap") && !page.contains("Price per ticket"), "{path}: {page}");
    }
}
