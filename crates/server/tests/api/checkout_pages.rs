//! The checkout's page where it is not like the others: nothing to pay, a card that is over.

use crate::common::{TestServer, until};
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

#[tokio::test]
async fn who_holds_seats_is_told_which_and_how_many_more() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let (bob, eve) = (registered(&server, "bob").await, registered(&server, "eve").await);
    let held = location(&bob.form(&event.path("/reserve"), "seat=1&seat=2").await);
    // The list of what somebody holds is milliseconds old.
    let carts = async || {
        bob.get("/users/me/reservations").await.expect(200)["reservations"].as_array().unwrap().len()
    };
    until(async || carts().await == 1).await;
    let row = event.path("/seats?section=Floor&row=A");
    let his = text(&bob.page(&row).await);
    let told =
        ["You hold 2 tickets of this event already.", "data-most=\"6\" data-held=\"1 2 \"", "held for you"];
    assert!(told.into_iter().all(|words| his.contains(words)), "{his}");
    let hers = text(&eve.page(&row).await);
    assert!(hers.contains("in someone’s cart") && hers.contains("data-most=\"8\" data-held=\"\""), "{hers}");
    let seven: String = (3..10).map(|seat| format!("&seat={seat}")).collect();
    let more = text(&bob.page(&event.path(&format!("/reserve?{seven}"))).await);
    assert!(more.contains("At most 8 tickets a person, and you hold 2 already."), "{more}");

    let seat = bob.get(&held).await.expect(200)["seats"][0]["seat_id"].as_str().unwrap().to_owned();
    let after = location(&bob.form(&format!("{held}/remove"), &format!("seat_id={seat}")).await);
    let checkout = text(&bob.page(&after).await);
    assert!(checkout.contains("Removed. The seat is on sale again."), "{checkout}");
    let seats = location(&bob.form(&format!("{held}/cancel"), "").await);
    until(async || carts().await == 0).await;
    let page = text(&bob.page(&seats).await);
    assert!(page.contains("You gave your seats back.") && !page.contains("You hold"), "{page}");
}

#[tokio::test]
async fn a_row_says_what_its_free_seats_cost() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let page = text(&server.anonymous().page(&event.path("/seats?section=Floor&row=A")).await);
    let price = page.split_once("<legend>").unwrap().1.split_once("</legend>").unwrap().0;
    assert_eq!(price, "Floor, row A · $100.00");
}
