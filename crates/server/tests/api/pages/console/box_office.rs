//! The box office in the console.

use super::{at_work, hidden};
use crate::common::browser::{html_of, location};
use crate::common::{TestServer, until};

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
