//! The pages of the console: a form that is sent twice has one effect, and refusals name the form's fields as the page does.

mod box_office;
mod categories;
mod copy;
mod done;
mod events;
mod image;
mod orders;
mod organizations;
mod venues;

use crate::common::browser::registered;
use crate::common::{Actor, EventOnSale, TestServer};
use fairseat_store::organizations::Role;
use serde_json::json;

/// A member who works in the console of `organizer`, an event there, and the organization.
async fn at_work(server: &TestServer) -> (Actor, EventOnSale, String) {
    let organizer = server.organizer("ada").await;
    let event = server.event(&organizer).await;
    let fred = registered(server, "fred").await;
    let organization = organizer.organization().0;
    server.join("fred@example.test", organizer.organization(), Role::Owner).await;
    (fred, event, organization.to_string())
}

/// The value of a hidden field of a page.
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
