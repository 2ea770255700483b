//! Public pages are the same for everybody, so that caches may keep them.

use crate::common::browser::{html_of, registered};
use crate::common::{Answer, StoppedClock, TestServer};
use fairseat_edge::limits::RateLimiting;

#[tokio::test]
async fn public_pages_are_the_same_for_everybody() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let visitor = registered(&server, "bob").await;
    for path in [
        "/".to_owned(),
        "/events".to_owned(),
        "/events?q=nothing+like+it".to_owned(),
        event.path(""),
        event.path("/seats"),
    ] {
        let (nobody, somebody) = (server.anonymous().page(&path).await, visitor.page(&path).await);
        nobody.expect(200);
        assert_eq!(html_of(&nobody), html_of(&somebody), "{path}");
        assert_eq!((nobody.header("set-cookie"), somebody.header("set-cookie")), (None, None), "{path}");
        let vary = nobody.header("vary").unwrap_or("accept-encoding");
        assert_eq!(vary, "accept-encoding", "{path}");
    }
}

/// Most requests for a cached page are answered without the router; limits, headers and metrics must be the same.
#[tokio::test]
async fn a_cached_page_is_counted_and_limited_like_every_request() {
    let server = TestServer::start_with(|settings| settings.limits = RateLimiting::On).await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let (near, far) = (server.anonymous(), server.anonymous().at([192, 0, 2, 2]));
    let page = event.path("");
    let _clock = StoppedClock::stop();
    let (made, kept) = (near.page(&page).await, near.page(&page).await);
    assert_eq!(html_of(&made), html_of(&kept));
    // A cacheable page carries no request id, because a cache would hand one visitor's id to another. `content-length` is left out of the
    // comparison, because the router and the listener set it in different places.
    let names = |answer: &Answer| {
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.retain(|name| name != "content-length");
        names.sort();
        names
    };
    assert_eq!(names(&made), names(&kept));
    assert!(
        !names(&kept).iter().any(|name| matches!(&**name, "x-request-id" | "traceparent")),
        "{:?}",
        names(&kept)
    );
    let metrics = html_of(&far.at([127, 0, 0, 1]).page("/metrics").await);
    let counted = r#"duration_seconds_count{method="GET",route="/events/{event_id}",status="2xx"} 2"#;
    assert!(metrics.contains(counted), "{metrics}");

    for number in 3..=2_000 {
        assert_eq!(near.page(&page).await.status, 200, "request {number} of 2,000");
    }
    near.page(&page).await.refused(429, "rate_limited");
    far.page(&page).await.expect(200);
}
