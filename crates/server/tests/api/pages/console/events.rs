//! Making and changing an event in the console.

use super::{EVENT, at_work, hidden, venue};
use crate::common::TestServer;
use crate::common::browser::{html_of, location};
use crate::common::test_shop::{GOOD_CARD, order_body, string_of};
use fairseat_edge::limits::RateLimiting;
use serde_json::json;

#[tokio::test]
async fn a_form_that_is_sent_twice_creates_one_object() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let venue_fields = "city=Bern&country=CH&timezone=Europe%2FZurich&layout_type=hall&sections=A%2C1%2C2";
    for (address, fields) in [
        (format!("/console/events/new?venue={venue}"), EVENT),
        (format!("/console/venues/new?organization={organization}"), venue_fields),
    ] {
        let once = hidden(&html_of(&fred.page(&address).await), "once");
        let send = async |name: &str, once: &str| {
            fred.form(&address, &format!("{fields}&name={name}&once={once}")).await
        };
        let made = location(&send("One", &once).await);
        assert_eq!(location(&send("One", &once).await), made);
        let refused = send("Two", &once).await;
        refused.expect(422);
        let page = html_of(&refused);
        assert!(page.contains("This form was already sent, and its result was saved."), "{page}");
        let another = hidden(&page, "once");
        assert_ne!(location(&send("Two", &another).await), made);
    }
}

#[tokio::test]
async fn refusals_use_the_words_of_the_page() {
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
        let page = html_of(&refused);
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn a_cancelled_event_offers_no_action_that_would_be_refused() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let pages = ["/edit", "/seats", "/plan", "/box-office", "/cancel"];
    let form = |page: &str| page.split("<main").nth(1).unwrap().contains("<form class=");
    for page in pages {
        assert!(form(&html_of(&fred.page(&format!("/console{}", event.path(page))).await)), "{page}");
    }
    fred.post(&event.path("/cancel"), json!({})).await.expect(200);
    for page in pages {
        let shown = fred.page(&format!("/console{}", event.path(page))).await;
        shown.expect(200);
        let shown = html_of(&shown);
        assert!(!form(&shown) && shown.contains("cancelled"), "{page}: {shown}");
    }
    let dashboard = html_of(&fred.page(&format!("/console{}", event.path(""))).await);
    for page in pages {
        assert!(!dashboard.contains(&format!("{}\"", event.path(page))), "{page}: {dashboard}");
    }
}

#[tokio::test]
async fn a_form_does_not_overwrite_a_change_made_meanwhile() {
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
        let opened = hidden(&html_of(&fred.page(&edit).await), "seen");
        location(&save("Second", &opened).await);
        let refused = save("Third", &opened).await;
        refused.expect(412);
        let page = html_of(&refused);
        assert!(page.contains("It was changed meanwhile") && page.contains("value=\"Third\""), "{page}");
        assert!(page.contains("Saved meanwhile: Second"), "{page}");
        assert!(html_of(&fred.page(&edit).await).contains("value=\"Second\""));
        location(&save("Third", &hidden(&page, "seen")).await);
        assert!(html_of(&fred.page(&edit).await).contains("value=\"Third\""));
    }
}

#[tokio::test]
async fn the_form_asks_for_the_prices_of_the_current_seating_plan() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let form = format!("/console/events/new?venue={venue}");
    let event = location(&fred.form(&form, &format!("{EVENT}&name=First")).await);
    let plan = json!({"sections": [{"name": "B", "rows": 1, "seats_per_row": 2}]});
    let path = event.trim_start_matches("/console");
    fred.put(&format!("{path}/seating-plan"), plan).await.expect(200);
    let page = html_of(&fred.page(&format!("{event}/edit")).await);
    // A section that the new plan does not have keeps its price.
    assert!(page.contains("id=\"price.B\"") && page.contains("id=\"price.A\""), "{page}");
    let prices = format!("{}&price.B=20", EVENT.replace("&draft=true", ""));
    location(&fred.form(&format!("{event}/edit"), &format!("{prices}&name=First")).await);
    assert_eq!(fred.get(path).await.expect(200)["price_tiers"], json!({"A": 10.0, "B": 20.0}));
    assert!(html_of(&fred.page(&form).await).contains("id=\"price.A\""), "a new one has the venue's");
}

#[tokio::test]
async fn a_start_in_the_past_needs_confirmation() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let address = format!("/console/events/new?venue={venue}");
    let past = EVENT.replace("2036-12-05", "2019-12-05").replace("2036-01-05", "2019-01-05") + "&name=Old";
    let asked = fred.form(&address, &past).await;
    asked.expect(422);
    let page = html_of(&asked);
    assert!(page.contains("It would start in the past."), "{page}");
    assert_eq!(hidden(&page, "past"), "2019-12-05T20:00");
    let event = location(&fred.form(&address, &format!("{past}&past=2019-12-05T20%3A00")).await);
    let unchanged = past.replace("&draft=true", "&draft=false");
    location(&fred.form(&format!("{event}/edit"), &unchanged).await);
    location(&fred.form(&format!("{event}/publish"), "").await);
    let id = event.rsplit('/').next().unwrap();
    let page = html_of(&server.anonymous().page(&format!("/events/{id}")).await);
    assert!(page.contains("This event is over.") && !page.contains("sold out"), "{page}");
}

#[tokio::test]
async fn events_are_filtered_for_drafts() {
    let server = TestServer::start().await;
    let (fred, event, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let draft = location(
        &fred.form(&format!("/console/events/new?venue={venue}"), &format!("{EVENT}&name=Soon")).await,
    );
    let list = html_of(&fred.page(&format!("/console?organization={organization}&status=draft")).await);
    assert!(list.contains(&draft) && !list.contains(&event.path("")), "{list}");
    server.anonymous().get("/events?status=draft").await.expect(422);
    for _ in ["the first time", "again, from another tab"] {
        assert_eq!(location(&fred.form(&format!("{draft}/delete"), "").await), "/console");
    }
}

#[tokio::test]
async fn a_time_skipped_by_daylight_saving_is_refused() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let fields = EVENT
        .replace("2036-12-05T22%3A00", "2037-03-29T02%3A30")
        .replace("2036-12-05T20%3A00", "2037-03-28T20%3A00");
    let refused =
        fred.form(&format!("/console/events/new?venue={venue}"), &format!("{fields}&name=Night")).await;
    refused.expect(422);
    assert!(
        html_of(&refused).contains("must be a time that the venue’s clocks show"),
        "{}",
        html_of(&refused)
    );
}

#[tokio::test]
async fn moving_an_event_with_ticket_holders_asks_first() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let address = format!("/console{}", event.path("/edit"));
    let fields =
        format!("{}&name=Moved&refund_policy.percent=100", EVENT.replace("price.A=10", "price.Floor=100"));
    let berta = server.buyer("berta").await;
    let reserved =
        berta.post(&event.path("/reserve"), json!({"seat_ids": event.seats(&["Floor A-1"])})).await;
    let order = order_body(&string_of(&reserved.expect(201)["reservation_id"]), GOOD_CARD);
    berta.post("/orders", order).await.expect(201);

    let asked = fred.form(&address, &fields).await;
    asked.expect(422);
    let page = html_of(&asked);
    assert!(page.contains("1 person with tickets will be told by e-mail: it was"), "{page}");
    assert_eq!(hidden(&page, "moved"), "2036-12-05T20:00 2036-12-05T22:00");
    let other_times = format!("{fields}&moved=2036-12-05T21:00+2036-12-05T22:00");
    fred.form(&address, &other_times).await.expect(422);
    let confirmed = format!("{fields}&moved=2036-12-05T20:00+2036-12-05T22:00");
    assert_eq!(location(&fred.form(&address, &confirmed).await), address);
    let renamed = fields.replace("name=Moved", "name=Renamed");
    assert_eq!(location(&fred.form(&address, &renamed).await), address, "the times stay");
}

#[tokio::test]
async fn limits_on_seats_in_carts_are_set_in_the_form() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let venue = venue(&fred, &organization).await;
    let limits = "hold_limits.seats=&hold_limits.seats_of_new_accounts=40&hold_limits.tickets_per_instrument=4&refuse_single_seats=true";
    let fields = format!("{EVENT}&name=First&{limits}");
    let event = location(&fred.form(&format!("/console/events/new?venue={venue}"), &fields).await);
    let id = event.trim_start_matches("/console/events/");
    let made = fred.get(&format!("/events/{id}")).await.expect(200).clone();
    assert_eq!(
        made["hold_limits"],
        json!({"seats": null, "seats_of_new_accounts": 40, "tickets_per_instrument": 4})
    );
    assert_eq!(made["refuse_single_seats"], true);
    let edit = format!("{event}/edit");
    let page = html_of(&fred.page(&edit).await);
    assert!(
        page.contains("name=\"hold_limits.seats_of_new_accounts\" type=\"number\" value=\"40\""),
        "{page}"
    );
    let refused = fred.form(&edit, &format!("{EVENT}&name=First&hold_limits.seats=0")).await;
    refused.expect(422);
    assert!(html_of(&refused).contains("id=\"hold_limits.seats-wrong\""), "{}", html_of(&refused));
    let seen = hidden(&page, "seen").replace(':', "%3A");
    location(&fred.form(&edit, &format!("{EVENT}&name=First&seen={seen}")).await);
    let changed = fred.get(&format!("/events/{id}")).await.expect(200).clone();
    assert_eq!(
        changed["hold_limits"],
        json!({"seats": null, "seats_of_new_accounts": null, "tickets_per_instrument": null})
    );
}

#[tokio::test]
async fn the_dashboard_warns_when_limits_refuse_seats() {
    let server = TestServer::start_with(|settings| settings.limits = RateLimiting::On).await;
    let (fred, event, _) = at_work(&server).await;
    let dashboard = format!("/console{}", event.path(""));
    let warning = "Seats in carts reached their limit for one network.";
    assert!(!html_of(&fred.page(&dashboard).await).contains(warning));
    fred.patch(&event.path(""), json!({"hold_limits": {"seats": 1}})).await.expect(200);
    let wish = json!({"seat_ids": event.seats(&["Floor A-1", "Floor A-2"])});
    let buyer = server.buyer("bob").await;
    buyer.post(&event.path("/reserve"), wish).await.refused(403, "hold_limit");
    let page = html_of(&fred.page(&dashboard).await);
    assert!(page.contains(warning) && page.contains("1 request was refused"), "{page}");
    let figures = fred.get(&event.path("/statistics")).await.expect(200)["holds"].clone();
    assert_eq!((&figures["refused"], &figures["limit"]), (&json!(1), &json!(1)));

    let warning = "One card wanted more tickets than it may pay for.";
    assert!(!page.contains(warning));
    let change = json!({"hold_limits": {"tickets_per_instrument": 1}});
    fred.patch(&event.path(""), change).await.expect(200);
    for (seat, status) in [("Floor A-1", 201), ("Floor A-2", 403)] {
        let wish = json!({"seat_ids": event.seats(&[seat])});
        let reservation =
            buyer.post(&event.path("/reserve"), wish).await.expect(201)["reservation_id"].clone();
        let card = json!({"payment_token": "pm_card_visa_of_ada"});
        let order = json!({"reservation_id": reservation, "payment_details": card});
        assert_eq!(buyer.post("/orders", order).await.status.as_u16(), status, "{seat}");
    }
    let page = html_of(&fred.page(&dashboard).await);
    assert!(page.contains(warning) && page.contains("1 order was refused"), "{page}");
}
