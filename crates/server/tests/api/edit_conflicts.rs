//! Two people edit one object: a change that names an outdated version is refused, and changes nothing.

use crate::common::catalogue::{enter_venue, make_event};
use crate::common::{Actor, TestServer};
use axum::http::Method;
use fairseat_store::organizations::Role;
use serde_json::{Value, json};

/// The tag of the object at this address.
async fn tag(actor: &Actor, path: &str) -> String {
    let answer = actor.get(path).await;
    answer.expect(200);
    answer.header("etag").expect("what can be edited has a tag").to_owned()
}

/// Makes each change of the list to the object at `read`. All others of the list must then be refused under the old tag.
async fn second_change_is_refused(actor: &Actor, read: &str, changes: &[(Method, &str, Value)]) {
    for (method, path, body) in changes {
        let first = tag(actor, read).await;
        let body = Some(body.clone()).filter(|body| !body.is_null());
        let made = actor.with_header("if-match", &first).send(method.clone(), path, body).await;
        assert!(made.status.is_success(), "{method} {path}: {} {}", made.status, made.json);
        let second = tag(actor, read).await;
        assert_ne!(first, second, "{method} {path} changed the tag");
        if let Some(answered) = made.header("etag") {
            assert_eq!(edit_part(answered), edit_part(&second), "{method} {path}");
        }
        for (method, path, body) in changes {
            let body = Some(body.clone()).filter(|body| !body.is_null());
            let late = actor.with_header("if-match", &first).send(method.clone(), path, body).await;
            late.refused(412, "precondition_failed");
        }
        assert_eq!(tag(actor, read).await, second, "what was refused changed nothing");
    }
}

/// The part of a tag that identifies the editable fields.
fn edit_part(tag: &str) -> &str {
    tag.trim_matches('"').split('.').next().unwrap()
}

#[tokio::test]
async fn a_venue_is_not_overwritten() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let venue = enter_venue(&organizer).await;
    let path = format!("/venues/{venue}");
    let rename = |name: &str| (Method::PATCH, path.as_str(), json!({ "name": name }));
    second_change_is_refused(&organizer, &path, &[rename("First"), rename("Second")]).await;
}

#[tokio::test]
async fn an_event_is_not_overwritten() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let path = format!("/events/{event}");
    let plan = format!("{path}/seating-plan");
    let short = json!({"sections": [{"name": "Floor", "rows": 2, "seats_per_row": 7}]});
    let changes = [
        (Method::PATCH, path.as_str(), json!({"name": "Renamed"})),
        (Method::PATCH, path.as_str(), json!({"price_tiers": {"Floor": 12.5}})),
        (Method::PUT, plan.as_str(), short),
    ];
    second_change_is_refused(&organizer, &path, &changes).await;
    let gone = organizer.with_header("if-match", "\"0\"").delete(&path).await;
    gone.refused(412, "precondition_failed");
}

#[tokio::test]
async fn selling_seats_does_not_change_the_tag_of_an_event() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let path = format!("/events/{event}");
    let before = tag(&organizer, &path).await;
    let wish = json!({"best_available": {"quantity": 2, "section": "Floor"}});
    server.buyer("bob").await.post(&format!("{path}/reserve"), wish).await.expect(201);
    let after = tag(&organizer, &path).await;
    assert_ne!(before, after, "caches must not keep the number of free seats");
    assert_eq!(edit_part(&before), edit_part(&after));
    organizer.with_header("if-match", &before).patch(&path, json!({"name": "Renamed"})).await.expect(200);
}

#[tokio::test]
async fn an_account_is_not_overwritten() {
    let server = TestServer::start().await;
    let ada = server.buyer("ada").await;
    let change = |body: Value| (Method::PATCH, "/users/me", body);
    let changes = [change(json!({"username": "Ada L."})), change(json!({"phone_number": "+49 30 123456"}))];
    second_change_is_refused(&ada, "/users/me", &changes).await;
}

#[tokio::test]
async fn the_members_of_an_organization_are_not_overwritten() {
    let server = TestServer::start().await;
    let owner = server.organizer("ada").await;
    let bob = server.member("bob", owner.organization(), Role::Staff).await;
    let path = format!("/organizations/{}/members", owner.organization());
    let removed = format!("{path}/{}", bob.id());
    let role = |role: &str| (Method::POST, path.as_str(), json!({"user_id": bob.id(), "role": role}));
    let changes = [role("manager"), role("finance"), (Method::DELETE, removed.as_str(), Value::Null)];
    second_change_is_refused(&owner, &path, &changes).await;
}

#[tokio::test]
async fn a_cart_is_not_overwritten() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let buyer = server.buyer("bob").await;
    let wish = json!({"best_available": {"quantity": 3, "section": "Floor"}});
    let placed = buyer.post(&format!("/events/{event}/reserve"), wish).await;
    let reservation = placed.expect(201).clone();
    let path = format!("/reservations/{}", reservation["reservation_id"].as_str().unwrap());
    let drop = |seat: usize| {
        (Method::PATCH, path.as_str(), json!({"remove_seat_ids": [reservation["seat_ids"][seat]]}))
    };
    second_change_is_refused(&buyer, &path, &[drop(0), drop(1)]).await;
    buyer.with_header("if-match", "\"0\"").delete(&path).await.refused(412, "precondition_failed");
    buyer.with_header("if-match", "*").delete(&path).await.expect(200);
}
