//! The box office in the console.

use super::{at_work, hidden};
use crate::common::browser::{html_of, location, registered};
use crate::common::{TestServer, until};
use fairseat_domain::time::Millis;
use fairseat_store::organizations::Role;

#[tokio::test]
async fn a_box_office_form_sent_twice_sells_once() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let counter = format!("/console{}", event.path("/box-office"));
    let once = hidden(&html_of(&fred.page(&counter).await), "once");
    let sell = async || location(&fred.form(&counter, &format!("quantity=2&payment=cash&once={once}")).await);
    let (first, second) = (sell().await, sell().await);
    assert_eq!(first.split('?').next(), second.split('?').next());
    assert!(html_of(&fred.page(&first).await).contains("<strong>Sold.</strong>"));
    let page = html_of(&fred.page(&second).await);
    assert!(page.contains("Nothing more was sold.") && !page.contains("<strong>Sold.</strong>"), "{page}");
    let me = fred.get("/users/me").await.expect(200)["user_id"].as_str().unwrap().to_owned();
    let orders = async |channel: &str| {
        let list = fred.get(&format!("/users/{me}/orders{channel}")).await;
        list.expect(200)["total"].as_u64().unwrap()
    };
    until("the order is listed", async || orders("").await == 1).await;
    assert_eq!((orders("?channel=online").await, orders("?channel=box_office").await), (0, 1));
    assert!(html_of(&fred.page("/orders").await).contains("No tickets yet"));
}

#[tokio::test]
async fn staff_choose_what_to_sell_or_sell_the_only_event_of_the_day() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let stan = registered(&server, "stan").await;
    server.join("stan@example.test", organizer.organization(), Role::Staff).await;
    let shown = html_of(&stan.page("/console/box-office").await);
    assert!(shown.contains("Nothing to sell now"), "{shown}");
    let soon = server
        .event_with(&organizer, |terms| terms.starts_at = terms.on_sale_at.plus(Millis(2 * 3_600_000)))
        .await;
    server.wait_for_all_views().await;
    assert_eq!(
        location(&stan.page("/console/box-office").await),
        format!("/console{}", soon.path("/box-office"))
    );
    server.event(&organizer).await;
    server.wait_for_all_views().await;
    let listed = html_of(&stan.page("/console/box-office?all=yes").await);
    assert_eq!(listed.matches("/box-office\">").count(), 2, "{listed}");
    let fay = registered(&server, "fay").await;
    server.join("fay@example.test", organizer.organization(), Role::Finance).await;
    fay.page("/console/box-office").await.expect(403);
}
