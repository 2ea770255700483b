//! The pages of a venue and of an artist, and finding events nearby.

use crate::common::TestServer;
use crate::common::browser::html_of;
use crate::common::catalogue::make_event;
use serde_json::json;

#[tokio::test]
async fn a_venue_and_an_artist_have_pages_with_their_events() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    let id = make_event(&olga, json!({"performer": "AC/DC <live>"})).await;
    server.wait_for_all_views().await;
    let visitor = server.anonymous();
    let event = html_of(&visitor.page(&format!("/events/{id}")).await);
    let link =
        |start: &str| event.split(&format!("href=\"{start}")).nth(1).unwrap().split('"').next().unwrap();
    let (venue, artist) =
        (format!("/venues/{}", link("/venues/")), format!("/artists/{}", link("/artists/")));
    assert_eq!(artist, "/artists/AC%2FDC%20%3Clive%3E");

    let page = html_of(&visitor.page(&venue).await);
    for expected in [
        "<h1>Madison Square Garden</h1>",
        "4 Pennsylvania Plaza",
        "https://www.openstreetmap.org/search?query=Madison",
        "seatmap.svg",
        "Taylor Swift Concert",
        "\"@type\":\"EventVenue\"",
        &format!("<link rel=\"canonical\" href=\"http://fairseat.test{venue}\">"),
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let page = html_of(&visitor.page(&artist).await);
    for expected in ["<h1>AC/DC &#60;live&#62;</h1>", "Taylor Swift Concert", "\"@type\":\"PerformingGroup\""]
    {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let past = html_of(&visitor.page(&format!("{venue}?page=7")).await);
    assert!(past.contains("past the last page"), "{past}");
    for nobody in
        ["/artists/Nobody", "/artists/%20", "/venues/x", "/venues/7e2d1a34-0f3c-4f4e-9e0b-6f1f2d0f9b11"]
    {
        visitor.page(nobody).await.expect(404);
    }
    let sitemap = html_of(&visitor.page("/sitemap.xml").await);
    assert!(sitemap.contains(&venue) && sitemap.contains(&artist), "{sitemap}");

    let later = json!({"draft": true});
    olga.patch(&format!("/events/{id}"), later).await.expect(200);
    visitor.page(&format!("{artist}?page=1")).await.expect(404);
}

#[tokio::test]
async fn the_start_page_offers_near_days_and_cities() {
    let server = TestServer::start().await;
    let olga = server.organizer("olga").await;
    make_event(&olga, json!({})).await;
    make_event(&olga, json!({"currency": "EUR"})).await;
    server.wait_for_all_views().await;
    let visitor = server.anonymous();
    let page = html_of(&visitor.page("/").await);
    for expected in [
        "href=\"/events?when=today\"",
        "href=\"/events?when=weekend\"",
        "href=\"/events?location=New+York%2C+US\" data-at=\"40.71 -74.01\"",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    let tonight = html_of(&visitor.page("/events?when=today").await);
    assert!(tonight.contains("Tonight: 0 events") && tonight.contains("No events match"), "{tonight}");
    let priced = html_of(&visitor.page("/events?max_price=400").await);
    for expected in
        ["Which did you mean?", "max_price=400+EUR\">Up to €400.00", "max_price=400+USD\">Up to $400.00"]
    {
        assert!(priced.contains(expected), "{expected} in {priced}");
    }
    assert!(!html_of(&visitor.page("/events?max_price=400+EUR").await).contains("Which did you mean?"));
}
