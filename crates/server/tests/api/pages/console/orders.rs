//! Orders in the console.

use super::at_work;
use crate::common::TestServer;
use crate::common::browser::{location, registered};

#[tokio::test]
async fn members_see_orders_of_others_in_the_console_only() {
    let server = TestServer::start().await;
    let (fred, event, _) = at_work(&server).await;
    let bob = registered(&server, "bob").await;
    let held = location(&bob.form(&event.path("/reserve"), "seat=1").await);
    let card = "card_number=4242424242424242&expiry=12%2F40&cvv=123";
    let order = location(&bob.form(&format!("{held}/pay"), card).await);
    bob.page(&order).await.expect(200);
    assert_eq!(location(&fred.page(&order).await), format!("/console{order}"));
}
