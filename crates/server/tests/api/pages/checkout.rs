//! From a seat to a ticket without scripts.

use crate::common::TestServer;
use crate::common::browser::{Browser, html_of, location, registered};
use serde_json::json;

#[tokio::test]
async fn tickets_are_bought_without_a_script() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    let list = html_of(&nobody.page(&event.path("/seats?section=Floor&row=A")).await);
    assert!(list.contains("Row A, seat 2"), "seats are listed");

    let buyer = registered(&server, "bob").await;
    let held = location(&buyer.form(&event.path("/reserve"), "seat=1&seat=2").await);
    let checkout = html_of(&buyer.page(&held).await);
    assert!(checkout.contains("Floor A-2") && checkout.contains("Pay $200.00"), "{checkout}");

    let card = |number: &str| format!("card_number={number}&expiry=12%2F40&cvv=123");
    let unreadable = buyer.form(&format!("{held}/pay"), "card_number=1234&expiry=13%2F20&cvv=1").await;
    assert_eq!(unreadable.status, 422);
    for field in ["card_number", "expiry", "cvv"] {
        assert!(
            html_of(&unreadable).contains(&format!("id=\"{field}-wrong\"")),
            "{field} says what is wrong with it"
        );
    }
    // The decline is shown after a redirect, so that reloading the page does not pay again.
    let declined = location(&buyer.form(&format!("{held}/pay"), &card("4000000000000002")).await);
    assert_eq!(declined, format!("{held}?declined=declined"));
    let page = html_of(&buyer.page(&declined).await);
    assert!(page.contains("Your card was declined. Your seats are still held"), "{page}");
    let tried = buyer.get(&held).await;
    let tried = tried.expect(200);
    let failed = html_of(&buyer.page(&format!("/orders/{}", tried["order_id"].as_str().unwrap())).await);
    assert!(
        failed.contains("The payment failed") && failed.contains(&format!("href=\"{held}\"")),
        "{failed}"
    );
    assert_eq!(location(&buyer.page(&format!("{held}/pay")).await), held, "where only forms go");
    let order = location(&buyer.form(&format!("{held}/pay"), &card("4242+4242+4242+4242")).await);
    let page = html_of(&buyer.page(&order).await);
    let ticket = page.split("href=\"/tickets/").nth(1).unwrap().split('"').next().unwrap();
    let ticket = html_of(&buyer.page(&format!("/tickets/{ticket}")).await);
    assert!(ticket.contains("data:image/png;base64,") && ticket.contains("Floor A-"));
    assert_eq!(location(&buyer.page(&held).await), order, "the way back leads to the order");
    assert_eq!(nobody.page(&order).await.status, 303, "others have to say who they are");
    assert_eq!(
        registered(&server, "eve").await.page(&order).await.status,
        404,
        "and see nothing that is not theirs"
    );

    let back = buyer.form(&format!("{order}/cancel"), "").await;
    assert_eq!(location(&back), order);
    let page = html_of(&buyer.page(&order).await);
    assert!(
        page.contains("You cancelled this order")
            && page.contains("data-drop")
            && !page.contains("data-keep"),
        "{page}"
    );
    assert!(!page.contains("Show ticket") && !page.contains("data-kept"), "{page}");
    let void = page.split("href=\"/tickets/").nth(1).unwrap().split('"').next().unwrap();
    let void = html_of(&buyer.page(&format!("/tickets/{void}")).await);
    assert!(void.contains("no longer valid for entry") && !void.contains("Show this at the door"), "{void}");
}

#[tokio::test]
async fn a_checkout_that_costs_nothing_asks_for_no_card() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    organizer.patch(&event.path(""), json!({"price_tiers": {"Floor": 0}})).await.expect(200);
    let bob = registered(&server, "bob").await;
    let held = location(&bob.form(&event.path("/reserve"), "seat=1").await);
    let checkout = html_of(&bob.page(&held).await);
    assert!(checkout.contains("Free tickets") && !checkout.contains("card_number"), "{checkout}");
    let order = location(&bob.form(&format!("{held}/pay"), "").await);
    let page = html_of(&bob.page(&order).await);
    assert!(page.contains("You’re going!") && page.contains("Show ticket"), "{page}");
}

#[tokio::test]
async fn a_checkout_asks_for_a_valid_card() {
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
        assert!(html_of(&refused).contains(said), "{}", html_of(&refused));
    }
    assert_eq!(bob.get(&held).await.expect(200)["status"], "active");
}

#[tokio::test]
async fn without_scripts_pages_say_until_when_seats_are_held_and_what_they_leave_alone() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let bob = Browser::new(&server);
    let held = location(&bob.form(&event.path("/reserve"), "seat=3&seat=4").await);
    let reservation = bob.api(&held).await.expect(200).clone();
    let left = reservation["single_seats_left"][0].as_str().unwrap();
    let checkout = bob.reads(&held).await;
    assert!(checkout.contains(&format!("Your seats leave {left} alone")), "{checkout}");
    let until: jiff::Timestamp = reservation["expires_at"].as_str().unwrap().parse().unwrap();
    let until = until.in_tz("America/New_York").unwrap().strftime("%H:%M %Z").to_string();
    server.wait_for_all_views().await;
    for page in [&*checkout, &*bob.reads(&event.path("/seats")).await, &*bob.reads("/forgot-password").await]
    {
        assert!(page.contains(&format!("until {until}")), "{until}: {page}");
    }
    assert!(bob.reads("/held.svg").await.contains(&format!("2 seats held for you until {until}")));
    assert_eq!(location(&bob.page("/held").await), held);
    assert_eq!(bob.reads("/events").await, html_of(&server.anonymous().page("/events").await), "public");
    let nobody = server.anonymous();
    assert!(!html_of(&nobody.page("/held.svg").await).contains("held for you"));
    assert_eq!(location(&nobody.page("/held").await), "/orders");
    bob.form(&format!("{held}/cancel"), "").await;
    let held = location(&bob.form(&event.path("/reserve"), "seat=4&seat=5").await);
    assert_eq!(bob.api(&held).await.expect(200).get("single_seats_left"), None);
}
