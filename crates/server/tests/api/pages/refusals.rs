//! Refusals are shown as pages.

use crate::common::TestServer;
use crate::common::browser::{location, registered};

#[tokio::test]
async fn refusals_are_shown_as_pages() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    for (path, status) in [("/events?page=abc", 400), ("/sign-out", 405), ("/posters/x", 404)] {
        let page = nobody.page(path).await;
        page.expect(status);
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{path}");
    }
    let leaving = nobody.with_header("host", "shop.test");
    for (from, expected) in [
        ("http://shop.test/reservations/1?x=2", "%2Freservations%2F1%3Fx%3D2"),
        ("https://elsewhere.test/x", "%2Forders%2F1%2Fcancel"),
        ("nonsense", "%2Forders%2F1%2Fcancel"),
    ] {
        let sent = leaving.with_header("referer", from).form("/orders/1/cancel", "").await;
        assert_eq!(location(&sent), format!("/sign-in?next={expected}"), "{from}");
    }
    let bob = registered(&server, "bob").await;
    for page in ["edit", "cancel", "delete", "clone", "plan", "seats", "box-office"] {
        let console = format!("/console/events/{}/{page}", event.path("").rsplit('/').next().unwrap());
        bob.page(&console).await.expect(403);
    }
}
