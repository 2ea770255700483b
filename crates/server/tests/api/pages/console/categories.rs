//! Price categories: the colour and the count of seats beside each price, and names for those that have none.

use super::at_work;
use crate::common::TestServer;
use crate::common::browser::{html_of, location_and_done};
use serde_json::json;

const ID: &str = "c52f5fd6-3f0e-4a86-9e52-0f3f2a6b7a11";

#[tokio::test]
async fn categories_without_names_are_told_apart_and_named() {
    let server = TestServer::start().await;
    let (fred, _, organization) = at_work(&server).await;
    let seat = |number: u32, category: &str| {
        json!({"seat_number": number.to_string(), "seat_guid": format!("A-{number}"), "category": category,
            "position": {"x": number * 25, "y": 0}})
    };
    let plan = json!({"name": "Hall", "size": {"width": 400, "height": 300},
        "categories": [{"name": "NOT AVAILABLE", "color": "#a9a9a9"}, {"name": ID, "color": "#2e7d32"}],
        "zones": [{"name": "Stalls", "position": {"x": 0, "y": 0}, "rows": [
            {"row_number": "A", "position": {"x": 0, "y": 0}, "seats": [seat(1, ID), seat(2, ID)]}]}]});
    let venue = json!({"name": "Hall", "address": "", "city": "Bern", "country": "CH", "layout_type": "hall",
        "organization_id": organization, "seating_plan": plan});
    let venue = fred.post("/venues", venue).await.expect(201)["venue_id"].as_str().unwrap().to_owned();

    let form = html_of(&fred.page(&format!("/console/events/new?venue={venue}")).await);
    assert!(form.contains("fill=\"#2e7d32\"") && form.contains("Unnamed c52f5fd6"), "{form}");
    assert!(form.contains("<span class=\"quiet small\">2<span class=\"unseen\"> seats</span>"), "{form}");
    assert!(!form.contains("NOT AVAILABLE"), "a category without seats is not for sale: {form}");
    let names = format!("/console/venues/{venue}/categories");
    assert!(form.contains(&names), "{form}");

    let twice = fred.form(&names, "name.1=NOT+AVAILABLE").await;
    twice.expect(422);
    assert!(html_of(&twice).contains("Give each a name of its own."), "{}", html_of(&twice));
    let (page, done) = location_and_done(&fred.form(&names, "name.0=&name.1=First+price").await);
    assert_eq!((page, done.as_deref()), (format!("/console/venues/{venue}"), Some("categories")));
    let plan = fred.get(&format!("/venues/{venue}/seating-plan")).await.expect(200).clone();
    assert_eq!(plan["categories"][1]["name"], "First price");
    assert_eq!(plan["zones"][0]["rows"][0]["seats"][1]["category"], "First price");
}
