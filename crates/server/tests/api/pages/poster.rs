//! The drawn poster of an event.

use crate::common::TestServer;

#[tokio::test]
async fn posters_are_drawn_for_event_ids_only() {
    let server = TestServer::start().await;
    let visitor = server.anonymous();
    let id = "0190d7a2-1111-8222-8333-444455556666";
    let drawn = visitor.page(&format!("/posters/concert/{id}.png")).await;
    assert_eq!(drawn.header("content-type"), Some("image/png"));
    assert_eq!(visitor.page(&format!("/posters/concert/{id}.png")).await.bytes, drawn.bytes, "kept or not");
    let other = visitor.page("/posters/concert/0190d7a2-1111-8222-8333-444455556667.png").await;
    assert_ne!(other.bytes, drawn.bytes);
    let elsewhere = visitor.page(&format!("/posters/concert/{id}-0190d7a2.png")).await;
    assert_eq!(elsewhere.header("content-type"), Some("image/png"));
    assert_ne!(elsewhere.bytes, drawn.bytes, "another venue");
    for nothing in [
        "concert/x.png".to_owned(),
        format!("concert/{id}.gif"),
        format!("concert/{id}"),
        format!("concert/{id}-0190d7a2a.png"),
        format!("concert/{id}x.png"),
        format!("{}/{id}.png", "k".repeat(21)),
    ] {
        visitor.page(&format!("/posters/{nothing}")).await.expect(404);
    }
}
