//! The page of an order.

use crate::common::TestServer;
use crate::common::browser::{html_of, location, registered};
use fairseat_domain::money::BasisPoints;
use fairseat_store::organizations::Role;
use serde_json::json;

/// Members who may refund could give themselves the full amount; the page refunds only what it promised.
#[tokio::test]
async fn members_get_the_policys_refund_for_their_own_orders() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = server.event_with(&organizer, |terms| terms.refund_policy.share = BasisPoints(5_000)).await;
    let fred = registered(&server, "fred").await;
    server.join("fred@example.test", organizer.organization(), Role::Owner).await;

    let held = location(&fred.form(&event.path("/reserve"), "seat=1").await);
    let card = "card_number=4242424242424242&expiry=12%2F40&cvv=123";
    let order = location(&fred.form(&format!("{held}/pay"), card).await);
    let page = html_of(&fred.page(&order).await);
    assert!(page.contains("You get <strong class=\"figure\">$50.00</strong> back"), "{page}");
    location(&fred.form(&format!("{order}/cancel"), "").await);
    let page = html_of(&fred.page(&order).await);
    assert!(page.contains("Refunded") && page.contains("$50.00</span></p>"), "{page}");

    let sold = json!({"seat_indexes": [2], "payment": "cash"});
    let sold = fred.post(&event.path("/box-office"), sold).await;
    let order = sold.expect(201)["order_id"].as_str().unwrap();
    let page = html_of(&fred.page(&format!("/orders/{order}")).await);
    assert!(!page.contains("/cancel") && !page.contains("can no longer be refunded"), "{page}");
}
