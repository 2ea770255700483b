//! The trail: who did what, once each, for those who may know.

use crate::buying::{Fixture, text};
use crate::common::until;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

async fn trail(fixture: &Fixture) -> Vec<Value> {
    let path = format!("/organizations/{}/audit", fixture.organizer.organization().0);
    fixture.organizer.get(&path).await.expect(200)["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_organization_where_nobody_did_anything_has_an_empty_trail() {
    let fixture = Fixture::start().await;
    let path = format!("/organizations/{}/audit", fixture.organizer.organization().0);
    let list = fixture.organizer.get(&path).await.expect(200).clone();
    assert_eq!(list, json!({"entries": [], "total": 0, "limit": 20, "offset": 0}));
    fixture.server.organizer("ingo").await.get(&path).await.refused(404, "not_found");
    let fred = fixture.server.member("fred", fixture.organizer.organization(), Role::Finance).await;
    fred.get(&path).await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_members_do_is_told_and_what_buyers_do_is_not() {
    let fixture = Fixture::start().await;
    let staff = fixture.server.staff("steffi", &fixture.organizer).await;
    let order = fixture.bought(&["Floor A-1"]).await;
    let block = json!({"seat_ids": fixture.event.seats(&["Floor C-1"]), "reason": "press"});
    fixture.organizer.post(&fixture.event.path("/seats/block"), block).await.expect(200);
    fixture.organizer.patch(&fixture.event.path(""), json!({"price_tiers": {"Floor": 90}})).await.expect(200);
    let sale = json!({"seat_ids": fixture.event.seats(&["Floor A-2"]), "payment": "cash", "name": "Walter"});
    let sold = staff.post(&fixture.event.path("/box-office"), sale).await.expect(201).clone();
    let cancel = format!("/orders/{}/cancel", text(&order["order_id"]));
    fixture.organizer.post(&cancel, json!({})).await.expect(200);
    fixture.organizer.get(&fixture.event.path("/orders.csv")).await.expect(200);
    let members = format!("/organizations/{}/members", fixture.organizer.organization().0);
    let member = json!({"user_id": fixture.buyer.id(), "role": "staff"});
    fixture.organizer.post(&members, member).await.expect(201);
    fixture.organizer.delete(&format!("{members}/{}", fixture.buyer.id())).await.expect(204);
    until(async || trail(&fixture).await.len() == 7).await;
    let told = trail(&fixture).await;
    let line = |action: &str| {
        told.iter().find(|line| line["action"] == action).unwrap_or_else(|| panic!("{action}: {told:?}"))
    };
    assert_eq!(line("seats.blocked")["detail"], json!({"seats": 1, "reason": "press"}));
    assert_eq!(line("seats.blocked")["event_name"], "Romeo and Juliet");
    assert_eq!(line("event.prices_changed")["username"], "olga");
    let counter = line("box_office.sold");
    assert_eq!((&counter["username"], &counter["object_id"]), (&json!("steffi"), &sold["order_id"]));
    assert_eq!(counter["detail"], json!({"tickets": 1, "payment": "cash", "total_amount": "90.00"}));
    assert_eq!(line("order.cancelled")["detail"], json!({"refund_amount": "100.00"}));
    assert_eq!(line("orders.exported")["event_id"], json!(fixture.event.id));
    assert_eq!(line("member.set")["detail"], json!({"role": "staff"}));
    assert_eq!(line("member.removed")["object_id"], json!(fixture.buyer.id()));
    assert_eq!(line("member.set")["object_name"], "berta");
    assert!(!format!("{told:?}").contains("Walter"), "no customer stands in the trail");
}

#[tokio::test]
async fn one_change_of_terms_and_prices_is_two_lines() {
    let fixture = Fixture::start().await;
    let change = json!({"price_tiers": {"Floor": 90}, "max_tickets_per_user": 3});
    fixture.organizer.patch(&fixture.event.path(""), change).await.expect(200);
    until(async || trail(&fixture).await.len() == 2).await;
    let mut actions: Vec<String> = trail(&fixture).await.iter().map(|line| text(&line["action"])).collect();
    actions.sort();
    assert_eq!(actions, ["event.prices_changed", "event.terms_changed"]);
}

#[tokio::test]
async fn following_a_journal_again_tells_nothing_twice() {
    let fixture = Fixture::start().await;
    fixture
        .organizer
        .post(&fixture.event.path("/seats/block"), json!({"seat_indexes": [0]}))
        .await
        .expect(200);
    until(async || trail(&fixture).await.len() == 1).await;
    fixture.server.store().views().clear_all().await.unwrap();
    let fixture = fixture.restart().await;
    until(async || fixture.server.store().views().checkpoint(fixture.event.number).await.unwrap() > 0).await;
    assert_eq!(trail(&fixture).await.len(), 1);
}

#[tokio::test]
async fn of_a_deleted_event_its_name_is_left() {
    let fixture = Fixture::start().await;
    fixture
        .organizer
        .post(&fixture.event.path("/seats/block"), json!({"seat_indexes": [0]}))
        .await
        .expect(200);
    until(async || trail(&fixture).await.len() == 1).await;
    assert_eq!(trail(&fixture).await[0].get("event_deleted"), None);
    fixture.organizer.delete(&fixture.event.path("")).await.expect(204);
    until(async || trail(&fixture).await.len() == 2).await;
    for line in trail(&fixture).await {
        assert_eq!((&line["event_name"], &line["event_deleted"]), (&json!("Romeo and Juliet"), &json!(true)));
    }
}
