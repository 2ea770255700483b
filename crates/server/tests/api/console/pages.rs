//! The console's pages: forms that count once, and say what they are refused for in their own words.

use crate::common::{Actor, EventOnSale, TestServer};
use crate::pages::{location, registered, text};
use serde_json::json;

/// Somebody who works in the console of `organizer`, and an event there.
async fn at_work(server: &TestServer) -> (Actor, EventOnSale, String) {
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let fred = registered(server, "fred").await;
    let organization = organizer.organization().0;
    let owner = json!({"email": "fred@example.test", "role": "owner"});
    organizer.post(&format!("/organizations/{organization}/members"), owner).await.expect(201);
    (fred, event, organization.to_string())
}

/// What the form of a page is sent with so that it counts once.
fn once(page: &str) -> String {
    let Some((_, rest)) = page.split_once("name=\"once\" value=\"") else { panic!("{page}") };
    rest.split('"').next().unwrap().to_owned()
}

const EVENT: &str = "category=theater&start_time=2036-12-05T20%3A00&end_time=2036-12-05T22%3A00\
                     &on_sale_time=2036-01-05T20%3A00&currency=USD&max_tickets_per_user=8&draft=true&price.A=10";

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_thing() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = json!({"name": "Hall", "address": "", "city": "Bern", "country": "CH", "layout_type": "hall",
        "organization_id": organization,
        "seating_plan": {"sections": [{"name": "A", "rows": 1, "seats_per_row": 2}]}});
    let venue = fred.post("/venues", venue).await.expect(201)["venue_id"].as_str().unwrap().to_owned();
    let venue_fields = "city=Bern&country=CH&timezone=Europe%2FZurich&layout_type=hall&sections=A%2C1%2C2";
    for (address, fields) in [
        (format!("/console/events/new?venue={venue}"), EVENT),
        (format!("/console/venues/new?organization={organization}"), venue_fields),
    ] {
        let once = once(&text(&fred.page(&address).await));
        let send = async |name: &str, once: &str| {
            fred.form(&address, &format!("{fields}&name={name}&once={once}")).await
        };
        let made = location(&send("One", &once).await);
        assert_eq!(location(&send("One", &once).await), made);
        let refused = send("Two", &once).await;
        refused.expect(422);
        let page = text(&refused);
        assert!(page.contains("This form was sent before, and what it made is there."), "{page}");
        let another = self::once(&page);
        assert_ne!(location(&send("Two", &another).await), made);
    }
}

#[tokio::test]
async fn refusals_are_in_the_words_of_the_page() {
    let server = TestServer::start().await;
    let (fred, event, organization) = at_work(&server).await;
    let backwards =
        "name=X&start_time=2036-12-05T20%3A00&end_time=2036-12-05T19%3A00&on_sale_time=2036-12-06T09%3A00";
    let members = format!("/organizations/{organization}/members");
    for (path, fields, said) in [
        (event.path("/clone"), backwards, "must be after the start"),
        (event.path("/clone"), backwards, "must be before the end of sales"),
        (event.path("/edit"), &EVENT.replace("price.A=10", "name=X"), "The price list must have 1 to"),
        (event.path("/box-office"), "quantity=1001&payment=cash", "Tickets must come to at most 1000 seats"),
        (members, "email=fred%40example.test&role=king", "The role must be"),
    ] {
        let refused = fred.form(&format!("/console{path}"), fields).await;
        refused.expect(422);
        let page = text(&refused);
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn a_cancelled_event_offers_nothing_that_it_would_refuse() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let pages = ["/edit", "/seats", "/plan", "/box-office", "/cancel"];
    let form = |page: &str| page.split("<main").nth(1).unwrap().contains("<form class=");
    for page in pages {
        assert!(form(&text(&fred.page(&format!("/console{}", event.path(page))).await)), "{page}");
    }
    fred.post(&event.path("/cancel"), json!({})).await.expect(200);
    for page in pages {
        let shown = fred.page(&format!("/console{}", event.path(page))).await;
        shown.expect(200);
        let shown = text(&shown);
        assert!(!form(&shown) && shown.contains("cancelled"), "{page}: {shown}");
    }
    let dashboard = text(&fred.page(&format!("/console{}", event.path(""))).await);
    for page in pages {
        assert!(!dashboard.contains(&format!("{}\"", event.path(page))), "{page}: {dashboard}");
    }
}
