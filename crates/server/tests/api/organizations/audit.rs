//! `GET /organizations/{organization_id}/audit`.

use crate::common::accounts::invitation_token;
use crate::common::test_shop::{TestShop, string_of};
use crate::common::until;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

async fn trail(shop: &TestShop) -> Vec<Value> {
    let path = format!("/organizations/{}/audit", shop.organizer.organization().0);
    shop.organizer.get(&path).await.expect(200)["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_new_organization_has_an_empty_trail() {
    let shop = TestShop::open().await;
    let path = format!("/organizations/{}/audit", shop.organizer.organization().0);
    let list = shop.organizer.get(&path).await.expect(200).clone();
    assert_eq!(list, json!({"entries": [], "total": 0, "limit": 20, "offset": 0}));
    shop.server.organizer("ingo").await.get(&path).await.refused(404, "not_found");
    let fred = shop.server.member("fred", shop.organizer.organization(), Role::Finance).await;
    fred.get(&path).await.refused(403, "forbidden");
}

#[tokio::test]
async fn the_trail_names_actions_of_members_and_not_of_buyers() {
    let shop = TestShop::open().await;
    let staff = shop.server.staff("steffi", &shop.organizer).await;
    let order = shop.bought(&["Floor A-1"]).await;
    let block = json!({"seat_ids": shop.event.seats(&["Floor C-1"]), "reason": "press"});
    shop.organizer.post(&shop.event.path("/seats/block"), block).await.expect(200);
    shop.organizer.patch(&shop.event.path(""), json!({"price_tiers": {"Floor": 90}})).await.expect(200);
    let sale = json!({"seat_ids": shop.event.seats(&["Floor A-2"]), "payment": "cash", "name": "Walter"});
    let sold = staff.post(&shop.event.path("/box-office"), sale).await.expect(201).clone();
    let cancel = format!("/orders/{}/cancel", string_of(&order["order_id"]));
    shop.organizer.post(&cancel, json!({})).await.expect(200);
    shop.organizer.get(&shop.event.path("/orders.csv")).await.expect(200);
    let members = format!("/organizations/{}/members", shop.organizer.organization().0);
    let invited =
        shop.organizer.post(&members, json!({"email": "berta@example.test", "role": "finance"})).await;
    let token = invitation_token(&shop.server, invited.expect(201));
    shop.buyer.post(&format!("/invitations/{token}/accept"), json!({})).await.expect(200);
    let member = json!({"user_id": shop.buyer.id(), "role": "staff"});
    shop.organizer.post(&members, member).await.expect(201);
    let invited =
        shop.organizer.post(&members, json!({"email": "stranger@example.test", "role": "staff"})).await;
    let invitation = string_of(&invited.expect(201)["invitation_id"]);
    let invitations = members.replace("/members", "/invitations");
    shop.organizer.delete(&format!("{invitations}/{invitation}")).await.expect(204);
    shop.organizer.delete(&format!("{members}/{}", shop.buyer.id())).await.expect(204);
    until("eleven entries are in the trail", async || trail(&shop).await.len() == 11).await;
    let told = trail(&shop).await;
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
    assert_eq!(line("orders.exported")["event_id"], json!(shop.event.id));
    assert_eq!(line("member.set")["detail"], json!({"role": "staff"}));
    assert_eq!(line("member.removed")["object_id"], json!(shop.buyer.id()));
    assert_eq!(line("member.set")["object_name"], "berta");
    let joined = line("member.joined");
    assert_eq!((&joined["username"], &joined["detail"]), (&json!("berta"), &json!({"role": "finance"})));
    assert_eq!(line("invitation.withdrawn")["object_id"], json!(invitation));
    assert!(!format!("{told:?}").contains("stranger"), "no invited address stands in the trail");
    assert!(!format!("{told:?}").contains("Walter"), "no customer stands in the trail");
}

#[tokio::test]
async fn a_change_of_terms_and_prices_makes_two_entries() {
    let shop = TestShop::open().await;
    let change = json!({"price_tiers": {"Floor": 90}, "max_tickets_per_user": 3});
    shop.organizer.patch(&shop.event.path(""), change).await.expect(200);
    until("two entries are in the trail", async || trail(&shop).await.len() == 2).await;
    let mut actions: Vec<String> = trail(&shop).await.iter().map(|line| string_of(&line["action"])).collect();
    actions.sort();
    assert_eq!(actions, ["event.prices_changed", "event.terms_changed"]);
}

#[tokio::test]
async fn replaying_a_journal_adds_no_entry_twice() {
    let shop = TestShop::open().await;
    shop.organizer.post(&shop.event.path("/seats/block"), json!({"seat_indexes": [0]})).await.expect(200);
    until("one entry is in the trail", async || trail(&shop).await.len() == 1).await;
    shop.server.store().views().clear_all().await.unwrap();
    let shop = shop.restart().await;
    until("the view is made anew", async || {
        shop.server.store().views().checkpoint(shop.event.number).await.unwrap() > 0
    })
    .await;
    assert_eq!(trail(&shop).await.len(), 1);
}

#[tokio::test]
async fn the_trail_keeps_the_name_of_a_deleted_event() {
    let shop = TestShop::open().await;
    shop.organizer.post(&shop.event.path("/seats/block"), json!({"seat_indexes": [0]})).await.expect(200);
    until("one entry is in the trail", async || trail(&shop).await.len() == 1).await;
    assert_eq!(trail(&shop).await[0].get("event_deleted"), None);
    shop.organizer.delete(&shop.event.path("")).await.expect(204);
    until("two entries are in the trail", async || trail(&shop).await.len() == 2).await;
    for line in trail(&shop).await {
        assert_eq!((&line["event_name"], &line["event_deleted"]), (&json!("Romeo and Juliet"), &json!(true)));
    }
}
