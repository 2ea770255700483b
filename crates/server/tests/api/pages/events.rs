//! Lists of events and of orders.

use crate::common::TestServer;
use crate::common::browser::{html_of, location, registered};

#[tokio::test]
async fn lists_keep_their_filters_and_link_to_the_last_page() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let bob = registered(&server, "bob").await;
    let page = html_of(&bob.page("/events?page=3").await);
    assert!(
        page.contains("That’s everything") && page.contains("<a href=\"/events\">Go to the last page"),
        "{page}"
    );
    let page = html_of(&bob.page("/events?category=opera").await);
    assert!(page.contains("<option value=\"opera\" selected>Opera</option>"), "{page}");
    bob.form(&event.path("/reserve"), "seat=1").await.expect(303);
    assert_eq!(location(&bob.page("/orders?page=2").await), "/orders?page=0");
}
