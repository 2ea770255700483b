//! Lists of events and of orders.

use crate::common::browser::{html_of, location, registered};
use crate::common::test_shop::string_of;
use crate::common::{TestServer, until};
use serde_json::json;

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

#[tokio::test]
async fn a_search_leads_to_the_venue_and_the_artist_of_that_name() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    organizer.patch(&event.path(""), json!({"performer": "Aurora Lind"})).await.expect(200);
    let nobody = server.anonymous();
    let shown = organizer.get(&event.path("")).await.expect(200).clone();
    let venue = shown["venue"]["name"].as_str().unwrap();
    let venue_link = format!("<a href=\"/venues/{}\">{venue}</a>", string_of(&shown["venue"]["venue_id"]));
    for (words, link) in [
        ("tickets+for+aurora+lind", "<a href=\"/artists/Aurora%20Lind\">Aurora Lind</a>"),
        (&venue.replace(' ', "+"), &venue_link),
    ] {
        until("the event is found", async || {
            let page = html_of(&nobody.page(&format!("/events?q={words}")).await);
            page.contains(link)
        })
        .await;
    }
}

#[tokio::test]
async fn a_cancelled_event_has_no_price_in_lists() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    organizer.post(&event.path("/cancel"), json!({})).await.expect(200);
    let nobody = server.anonymous();
    until("the list says so", async || {
        let page = html_of(&nobody.page("/events").await);
        page.contains(">Cancelled</span>") && !page.contains("<p class=\"last\"><span class=\"figure\">")
    })
    .await;
}
