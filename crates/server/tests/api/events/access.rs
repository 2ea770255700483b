//! Who sees a draft, and who may change an event.

use crate::common::TestServer;
use crate::common::catalogue::{enter_venue, event_at, make_event, with_changes};
use fairseat_store::organizations::Role;
use serde_json::json;

#[tokio::test]
async fn only_members_of_its_organization_see_a_draft() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let id = make_event(&organizer, json!({"draft": true})).await;
    let path = format!("/events/{id}");
    let shown = organizer.get(&path).await;
    assert_eq!((&shown.expect(200)["draft"], &shown.json["status"]), (&json!(true), &json!("draft")));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    let staff = server.staff("sam", &organizer).await;
    staff.get(&path).await.expect(200);
    for stranger in [server.anonymous(), server.buyer("bob").await, server.organizer("eve").await] {
        stranger.get(&path).await.refused(404, "not_found");
        assert_eq!(stranger.get("/events").await.expect(200)["total"], 0);
    }
    server.anonymous().get("/events?drafts=true").await.refused(401, "unauthenticated");
    assert_eq!(organizer.get("/events").await.expect(200)["total"], 0, "asked for or not shown");
    assert_eq!(organizer.get("/events?drafts=true").await.expect(200)["events"][0]["event_id"], id.as_str());
}

/// Seats are blocked before anybody can buy them, so members must be able to see the seats of a draft.
#[tokio::test]
async fn only_members_of_its_organization_see_the_seats_of_a_draft() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let id = make_event(&organizer, json!({"draft": true})).await;
    let strangers = [server.anonymous(), server.buyer("bob").await, server.organizer("eve").await];
    for rest in ["seats", "seatmap", "seatmap.svg", "availability", "sections"] {
        let path = format!("/events/{id}/{rest}");
        let shown = organizer.get(&path).await;
        assert_eq!(shown.status, 200, "{rest}");
        assert_eq!(shown.header("cache-control"), Some("private, no-store"), "{rest}");
        assert_eq!(shown.header("etag"), None, "{rest}");
        for stranger in &strangers {
            stranger.get(&path).await.refused(404, "not_found");
        }
    }
    organizer.patch(&format!("/events/{id}"), json!({"draft": false})).await.expect(200);
    let public = server.anonymous().get(&format!("/events/{id}/availability")).await;
    assert_eq!(public.header("cache-control"), Some("public, no-cache"));
}

#[tokio::test]
async fn only_owners_and_managers_change_an_event() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    let event = make_event(&organizer, json!({})).await;
    let routes = [
        ("PATCH", format!("/events/{event}"), json!({"name": "Mine"})),
        ("DELETE", format!("/events/{event}"), json!({})),
        ("POST", format!("/events/{event}/cancel"), json!({})),
        (
            "PUT",
            format!("/events/{event}/seating-plan"),
            json!({"sections": [{"name": "A", "rows": 1, "seats_per_row": 1}]}),
        ),
        ("POST", format!("/events/{event}/seats/block"), json!({"seat_indexes": [0]})),
        ("POST", format!("/events/{event}/seats/unblock"), json!({"seat_indexes": [0]})),
    ];
    let organization = organizer.organization();
    let actors = [
        (server.anonymous(), 401),
        (server.buyer("bob").await, 404),
        (server.organizer("foreign").await, 404),
        (server.staff("sam", &organizer).await, 403),
        (server.member("fay", organization, Role::Finance).await, 403),
    ];
    for (method, path, body) in &routes {
        for (actor, status) in &actors {
            let answer = actor.send(method.parse().unwrap(), path, Some(body.clone())).await;
            assert_eq!(answer.status.as_u16(), *status, "{method} {path}");
        }
    }
    let manager = server.member("max", organization, Role::Manager).await;
    manager.patch(&format!("/events/{event}"), json!({"name": "Ours"})).await.expect(200);
    let venue = enter_venue(&organizer).await;
    let draft = organizer.post("/events", with_changes(&event_at(&venue), json!({"draft": true}))).await;
    let draft = draft.expect(201)["event_id"].as_str().unwrap().to_owned();
    server.anonymous().get(&format!("/events/{draft}")).await.refused(404, "not_found");
    manager.patch(&format!("/events/{draft}"), json!({"draft": false})).await.expect(200);
    server.anonymous().get(&format!("/events/{draft}")).await.expect(200);
}
