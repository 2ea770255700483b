//! Choosing seats without scripts.

use crate::common::browser::{html_of, location, registered};
use crate::common::{TestServer, until};

#[tokio::test]
async fn seats_are_named_by_their_indexes() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    for (indexes, status, named) in [
        ("2,0", 200, 2),
        ("0,0", 200, 1),
        ("99999", 200, 0),
        ("x", 422, 0),
        ("", 422, 0),
        (&"1,".repeat(101), 422, 0),
    ] {
        let answer = nobody.get(&event.path(&format!("/seats?indexes={indexes}"))).await;
        assert_eq!(answer.status, status, "{indexes}");
        assert_eq!(html_of(&answer).matches("\"seat_id\"").count(), named, "{indexes}");
    }
    let old_link = nobody.page(&event.path("/reserve?seat=1&seat=2")).await;
    assert_eq!(
        location(&old_link),
        event.path("/seats?&seat=1&seat=2").replace("?&", "?"),
        "the same seats are chosen"
    );
}

#[tokio::test]
async fn taken_seats_are_named_on_the_page_of_seats() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let (bob, eve) = (registered(&server, "bob").await, registered(&server, "eve").await);
    location(&bob.form(&event.path("/reserve"), "seat=1").await);
    for (wanted, status, words) in [
        ("seat=1&seat=2&section=Floor", 409, "Rows of Floor"),
        ("quantity=2&max_price=cheap", 422, "Price up to must be"),
        ("section=Floor", 422, "Choose at least one"),
    ] {
        let page = eve.form(&event.path("/reserve"), wanted).await;
        assert!(page.status == status && html_of(&page).contains(words), "{wanted}: {}", html_of(&page));
        assert!(html_of(&page).contains("role=\"alert\""), "{wanted}");
        assert!(html_of(&page).contains("value=\"2\" required"), "{wanted}: a number is there again");
    }
    let forged = html_of(&eve.page(&event.path("/seats?notice=Call+us+at+once")).await);
    assert!(!forged.contains("Call us"), "an address puts no words on the page");
}

#[tokio::test]
async fn buyers_see_their_reserved_seats_and_how_many_more_they_may_have() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let (bob, eve) = (registered(&server, "bob").await, registered(&server, "eve").await);
    let held = location(&bob.form(&event.path("/reserve"), "seat=1&seat=2").await);
    // The list of reservations follows the sale by milliseconds.
    let carts = async || {
        bob.get("/users/me/reservations").await.expect(200)["reservations"].as_array().unwrap().len()
    };
    until("the reservation is listed", async || carts().await == 1).await;
    let row = event.path("/seats?section=Floor&row=A");
    let his = html_of(&bob.page(&row).await);
    let told =
        ["You hold 2 tickets for this event for", "data-most=\"6\" data-held=\"1 2 \"", "held for you"];
    assert!(told.into_iter().all(|words| his.contains(words)), "{his}");
    let hers = html_of(&eve.page(&row).await);
    assert!(hers.contains("in someone’s cart") && hers.contains("data-most=\"8\" data-held=\"\""), "{hers}");
    let seven: String = (3..10).map(|seat| format!("&seat={seat}")).collect();
    let more = bob.form(&event.path("/reserve"), &seven).await;
    more.expect(403);

    let seat = bob.get(&held).await.expect(200)["seats"][0]["seat_id"].as_str().unwrap().to_owned();
    let after = location(&bob.form(&format!("{held}/remove"), &format!("seat_id={seat}")).await);
    let checkout = html_of(&bob.page(&after).await);
    assert!(checkout.contains("Seat removed."), "{checkout}");
    let seats = location(&bob.form(&format!("{held}/cancel"), "").await);
    until("the cancelled reservation is no longer listed", async || carts().await == 0).await;
    let page = html_of(&bob.page(&seats).await);
    assert!(page.contains("Your seats have been released.") && !page.contains("You hold"), "{page}");
}

#[tokio::test]
async fn a_row_shows_the_price_of_its_seats() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let page = html_of(&server.anonymous().page(&event.path("/seats?section=Floor&row=A")).await);
    let price = page.split_once("<legend>").unwrap().1.split_once("</legend>").unwrap().0;
    assert_eq!(price, "Floor, row A · $100.00");
}

/// The best seats are shown before anybody holds them, also for an amount as people type it; an old or foreign choice is named.
#[tokio::test]
async fn the_best_seats_are_shown_before_they_are_held() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let nobody = server.anonymous();
    let before = nobody.get(&event.path("/availability")).await;
    let page = html_of(&nobody.page(&event.path("/seats?best=2&best_section=Floor&max_price=%24300")).await);
    assert!(page.contains("Best available seats: Floor"), "{page}");
    assert_eq!(page.matches("name=\"seat\"").count(), 2, "two seats are chosen: {page}");
    assert!(page.contains("value=\"$300\""), "what was typed is kept: {page}");
    let after = nobody.get(&event.path("/availability")).await;
    assert_eq!(after.expect(200), before.expect(200), "nothing is held");
    let none = html_of(&nobody.page(&event.path("/seats?best=2&best_section=Floor&max_price=%240.01")).await);
    assert!(none.contains("role=\"alert\"") && none.contains("Nothing that is available fits"), "{none}");
    let odd = html_of(&nobody.page(&event.path("/seats?best=two")).await);
    assert!(odd.contains("role=\"alert\""), "{odd}");
}
