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

/// What a hidden field of a page says.
fn hidden(page: &str, name: &str) -> String {
    let field = format!("name=\"{name}\" value=\"");
    let Some((_, rest)) = page.split_once(&field) else { panic!("{page}") };
    rest.split('"').next().unwrap().to_owned()
}

async fn venue(fred: &Actor, organization: &str) -> String {
    let venue = json!({"name": "Hall", "address": "", "city": "Bern", "country": "CH", "layout_type": "hall",
        "organization_id": organization,
        "seating_plan": {"sections": [{"name": "A", "rows": 1, "seats_per_row": 2}]}});
    fred.post("/venues", venue).await.expect(201)["venue_id"].as_str().unwrap().to_owned()
}

const EVENT: &str = "category=theater&start_time=2036-12-05T20%3A00&end_time=2036-12-05T22%3A00\
                     &on_sale_time=2036-01-05T20%3A00&currency=USD&max_tickets_per_user=8&draft=true&price.A=10";

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_thing() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let venue_fields = "city=Bern&country=CH&timezone=Europe%2FZurich&layout_type=hall&sections=A%2C1%2C2";
    for (address, fields) in [
        (format!("/console/events/new?venue={venue}"), EVENT),
        (format!("/console/venues/new?organization={organization}"), venue_fields),
    ] {
        let once = hidden(&text(&fred.page(&address).await), "once");
        let send = async |name: &str, once: &str| {
            fred.form(&address, &format!("{fields}&name={name}&once={once}")).await
        };
        let made = location(&send("One", &once).await);
        assert_eq!(location(&send("One", &once).await), made);
        let refused = send("Two", &once).await;
        refused.expect(422);
        let page = text(&refused);
        assert!(page.contains("This form was already sent, and its result was saved."), "{page}");
        let another = hidden(&page, "once");
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

#[tokio::test]
async fn what_was_changed_meanwhile_is_not_overwritten_unseen() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let event = location(
        &fred.form(&format!("/console/events/new?venue={venue}"), &format!("{EVENT}&name=First")).await,
    );
    let place = "city=Bern&country=CH&timezone=Europe%2FZurich&layout_type=hall";
    for (object, fields) in [(event, EVENT), (format!("/console/venues/{venue}"), place)] {
        let edit = format!("{object}/edit");
        let save = async |name: &str, seen: &str| {
            fred.form(&edit, &format!("{fields}&name={name}&seen={}", seen.replace(':', "%3A"))).await
        };
        let opened = hidden(&text(&fred.page(&edit).await), "seen");
        location(&save("Second", &opened).await);
        let refused = save("Third", &opened).await;
        refused.expect(412);
        let page = text(&refused);
        assert!(page.contains("It was changed meanwhile") && page.contains("value=\"Third\""), "{page}");
        assert!(page.contains("Saved meanwhile: Second"), "{page}");
        assert!(text(&fred.page(&edit).await).contains("value=\"Second\""));
        location(&save("Third", &hidden(&page, "seen")).await);
        assert!(text(&fred.page(&edit).await).contains("value=\"Third\""));
    }
}

#[tokio::test]
async fn prices_are_asked_for_by_the_plan_an_event_has_now() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let form = format!("/console/events/new?venue={venue}");
    let event = location(&fred.form(&form, &format!("{EVENT}&name=First")).await);
    let plan = json!({"sections": [{"name": "B", "rows": 1, "seats_per_row": 2}]});
    let path = event.trim_start_matches("/console");
    fred.put(&format!("{path}/seating-plan"), plan).await.expect(200);
    let page = text(&fred.page(&format!("{event}/edit")).await);
    // Seats that have gone keep their section's price.
    assert!(page.contains("id=\"price.B\"") && page.contains("id=\"price.A\""), "{page}");
    let prices = format!("{}&price.B=20", EVENT.replace("&draft=true", ""));
    location(&fred.form(&format!("{event}/edit"), &format!("{prices}&name=First")).await);
    assert_eq!(fred.get(path).await.expect(200)["price_tiers"], json!({"A": 10.0, "B": 20.0}));
    assert!(text(&fred.page(&form).await).contains("id=\"price.A\""), "a new one has the venue's");
}

#[tokio::test]
async fn a_start_in_the_past_is_asked_about() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let address = format!("/console/events/new?venue={venue}");
    let past = EVENT.replace("2036-12-05", "2019-12-05").replace("2036-01-05", "2019-01-05") + "&name=Old";
    let asked = fred.form(&address, &past).await;
    asked.expect(422);
    let page = text(&asked);
    assert!(page.contains("It would start in the past."), "{page}");
    assert_eq!(hidden(&page, "past"), "2019-12-05T20:00");
    let event = location(&fred.form(&address, &format!("{past}&past=2019-12-05T20%3A00")).await);
    let unchanged = past.replace("&draft=true", "&draft=false");
    location(&fred.form(&format!("{event}/edit"), &unchanged).await);
    location(&fred.form(&format!("{event}/publish"), "").await);
    let id = event.rsplit('/').next().unwrap();
    let page = text(&server.anonymous().page(&format!("/events/{id}")).await);
    assert!(page.contains("This event is over.") && !page.contains("sold out"), "{page}");
}

#[tokio::test]
async fn a_sale_sent_again_is_not_told_as_another() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let counter = format!("/console{}", event.path("/box-office"));
    let once = hidden(&text(&fred.page(&counter).await), "once");
    let sell = async || location(&fred.form(&counter, &format!("quantity=2&payment=cash&once={once}")).await);
    let (first, second) = (sell().await, sell().await);
    assert_eq!(first.split('?').next(), second.split('?').next());
    assert!(text(&fred.page(&first).await).contains("<strong>Sold.</strong>"));
    let page = text(&fred.page(&second).await);
    assert!(page.contains("Nothing more was sold.") && !page.contains("<strong>Sold.</strong>"), "{page}");
    let me = fred.get("/users/me").await.expect(200)["user_id"].as_str().unwrap().to_owned();
    let orders = async |channel: &str| {
        let list = fred.get(&format!("/users/{me}/orders{channel}")).await;
        list.expect(200)["total"].as_u64().unwrap()
    };
    crate::common::until(async || orders("").await == 1).await;
    assert_eq!((orders("?channel=online").await, orders("?channel=box_office").await), (0, 1));
    assert!(text(&fred.page("/orders").await).contains("No tickets yet"));
}

#[tokio::test]
async fn an_organization_needs_a_name() {
    let server = TestServer::start().await;
    let fred = registered(&server, "fred").await;
    let refused = fred.form("/console/organizations", "name=+").await;
    refused.expect(422);
    assert!(text(&refused).contains("Create an organization"), "{}", text(&refused));
    assert!(
        location(&fred.form("/console/organizations", "name=Ours").await)
            .starts_with("/console?organization=")
    );
    for list in ["/console?page=9", "/console/venues?page=9", "/console?status=nonsense"] {
        assert!(matches!(fred.page(list).await.status.as_u16(), 200 | 303), "{list}");
    }
}

#[tokio::test]
async fn others_orders_are_looked_at_in_the_console() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let bob = registered(&server, "bob").await;
    let held = location(&bob.form(&event.path("/reserve"), "seat=1").await);
    let card = "card_number=4242424242424242&expiry=12%2F40&cvv=123";
    let order = location(&bob.form(&format!("{held}/pay"), card).await);
    bob.page(&order).await.expect(200);
    assert_eq!(location(&fred.page(&order).await), format!("/console{order}"));
}

#[tokio::test]
async fn adding_a_member_takes_no_role_from_one() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    registered(&server, "gina").await;
    let members = format!("/console/organizations/{organization}/members");
    location(&fred.form(&members, "add=yes&email=gina%40example.test&role=manager").await);
    let refused = fred.form(&members, "add=yes&email=Gina%40example.test&role=staff").await;
    refused.expect(409);
    let page = text(&refused);
    assert!(page.contains("gina is a member already, as manager. Set another role in the list."), "{page}");
    location(&fred.form(&members, "email=gina%40example.test&role=finance").await);
    let list = fred.get(&format!("/organizations/{organization}/members")).await;
    let gina =
        list.expect(200)["members"].as_array().unwrap().iter().find(|one| one["username"] == "gina").unwrap();
    assert_eq!(gina["role"], "finance");
    let remove = format!("{members}/{}/remove", gina["user_id"].as_str().unwrap());
    assert_eq!(location(&fred.form(&remove, "").await), members);
    assert_eq!(location(&fred.form(&remove, "").await), members, "it is done already");
}

#[tokio::test]
async fn drafts_can_be_looked_for() {
    let server = TestServer::start().await;
    let (fred, event, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let draft = location(
        &fred.form(&format!("/console/events/new?venue={venue}"), &format!("{EVENT}&name=Soon")).await,
    );
    let list = text(&fred.page(&format!("/console?organization={organization}&status=draft")).await);
    assert!(list.contains(&draft) && !list.contains(&event.path("")), "{list}");
    server.anonymous().get("/events?status=draft").await.expect(422);
    for _ in ["the first time", "again, from another tab"] {
        assert_eq!(location(&fred.form(&format!("{draft}/delete"), "").await), "/console");
    }
}

#[tokio::test]
async fn a_time_that_clocks_skip_is_refused() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let fields = EVENT
        .replace("2036-12-05T22%3A00", "2037-03-29T02%3A30")
        .replace("2036-12-05T20%3A00", "2037-03-28T20%3A00");
    let refused =
        fred.form(&format!("/console/events/new?venue={venue}"), &format!("{fields}&name=Night")).await;
    refused.expect(422);
    assert!(text(&refused).contains("must be a time that the venue’s clocks show"), "{}", text(&refused));
}
