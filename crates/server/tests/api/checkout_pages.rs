//! The checkout's page where it is not like the others: nothing to pay, a card that is over.

use crate::common::TestServer;
use crate::pages::{location, registered, text};
use serde_json::json;

#[tokio::test]
async fn what_costs_nothing_asks_for_no_card() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    organizer.patch(&event.path(""), json!({"price_tiers": {"Floor": 0}})).await.expect(200);
    let bob = registered(&server, "bob").await;
    let held = location(&bob.form(&event.path("/reserve"), "seat=1").await);
    let checkout = text(&bob.page(&held).await);
    assert!(checkout.contains("Nothing to pay") && !checkout.contains("card_number"), "{checkout}");
    let order = location(&bob.form(&format!("{held}/pay"), "").await);
    let page = text(&bob.page(&order).await);
    assert!(page.contains("You’re going!") && page.contains("Show ticket"), "{page}");
}

#[tokio::test]
async fn where_there_is_something_to_pay_a_card_is_asked_for() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let bob = registered(&server, "bob").await;
    let held = location(&bob.form(&event.path("/reserve"), "seat=1").await);
    for (form, said) in [
        ("", "The card is required."),
        ("card_number=4242424242424242&expiry=12%2F20&cvv=123", "This is in the past: the card has expired."),
    ] {
        let refused = bob.form(&format!("{held}/pay"), form).await;
        refused.expect(422);
        assert!(text(&refused).contains(said), "{}", text(&refused));
    }
    assert_eq!(bob.get(&held).await.expect(200)["status"], "active");
}
