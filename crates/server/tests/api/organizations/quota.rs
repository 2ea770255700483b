//! `GET` and `PUT /organizations/{organization_id}/quota`, and what is refused because of it.

use crate::common::catalogue::{enter_venue, event_at, small_plan, venue_with, with_changes};
use crate::common::{Actor, TestServer};
use serde_json::{Value, json};

fn path(organizer: &Actor) -> String {
    format!("/organizations/{}/quota", organizer.organization().0)
}

async fn set(admin: &Actor, organizer: &Actor, change: Value) {
    admin.put(&path(organizer), change).await.expect(200);
}

#[tokio::test]
async fn members_see_the_quota_and_administrators_set_it() {
    let server = TestServer::start().await;
    let organizer = server.organizer("ada").await;
    enter_venue(&organizer).await;
    let usual = organizer.get(&path(&organizer)).await.expect(200).clone();
    assert_eq!((&usual["used"]["venues"], &usual["set_by_administrator"]), (&json!(1), &json!(false)));
    organizer.put(&path(&organizer), json!({"venues": 1_000})).await.refused(403, "forbidden");
    let admin = server.admin().await;
    let raised = admin.put(&path(&organizer), json!({"venues": 1_000})).await.expect(200).clone();
    assert_eq!((&raised["limits"]["venues"], &raised["set_by_administrator"]), (&json!(1_000), &json!(true)));
    assert_eq!(raised["limits"]["seats"], usual["limits"]["seats"]);
    for much in [json!({"venues": 1_000_000_001}), json!({"venues": -1}), json!({"venues": "many"})] {
        assert_eq!(admin.put(&path(&organizer), much).await.invalid_fields(), ["venues"]);
    }
    let again = admin.put(&path(&organizer), json!({})).await.expect(200).clone();
    assert_eq!(again, usual);
    let trail = organizer.get(&format!("/organizations/{}/audit", organizer.organization().0)).await;
    assert_eq!(trail.expect(200)["entries"][1]["action"], "quota.set");
    assert_eq!(trail.json["entries"][1]["detail"]["venues"], 1_000);
}

#[tokio::test]
async fn more_than_the_quota_is_refused_and_says_how_much_there_is() {
    let server = TestServer::start().await;
    let (organizer, admin) = (server.organizer("ada").await, server.admin().await);
    let venue = enter_venue(&organizer).await;
    set(&admin, &organizer, json!({"draft_events": 1, "venues": 1})).await;
    let refused =
        organizer.post("/venues", venue_with(small_plan())).await.refused(403, "quota_reached").clone();
    assert_eq!(
        (&refused["quota"], &refused["limit"], &refused["used"]),
        (&json!("venues"), &json!(1), &json!(1))
    );
    let detail = "There are 1 venues and the organization may have 1. Use one that is there, or ask the operator of this site for more.";
    assert_eq!(refused["detail"], detail);
    let draft = with_changes(&event_at(&venue), json!({"draft": true}));
    let first = organizer.post("/events", draft.clone()).await.expect(201)["event_id"].clone();
    let refused = organizer.post("/events", draft.clone()).await.refused(403, "quota_reached").clone();
    assert_eq!(refused["quota"], "draft_events");
    let first = first.as_str().unwrap();
    organizer
        .post(&format!("/events/{first}/clone"), json!({"start_time": "2037-01-01T01:00:00Z"}))
        .await
        .refused(403, "quota_reached");
    organizer.patch(&format!("/events/{first}"), json!({"draft": false})).await.expect(200);
    organizer.post("/events", draft).await.expect(201);
    // As many seats as there are.
    let used = organizer.get(&path(&organizer)).await.expect(200)["used"]["seats"].clone();
    set(&admin, &organizer, json!({"seats": used})).await;
    let refused = organizer.post("/events", event_at(&venue)).await.refused(403, "quota_reached").clone();
    assert_eq!(refused["quota"], "seats");
}

#[tokio::test]
async fn published_events_have_a_quota_of_their_own() {
    let server = TestServer::start().await;
    let (organizer, admin) = (server.organizer("ada").await, server.admin().await);
    let venue = enter_venue(&organizer).await;
    set(&admin, &organizer, json!({"published_events": 1, "draft_events": 1})).await;
    let published = organizer.post("/events", event_at(&venue)).await.expect(201)["event_id"].clone();
    let refused = organizer.post("/events", event_at(&venue)).await.refused(403, "quota_reached").clone();
    assert_eq!(refused["quota"], "published_events");
    let draft = with_changes(&event_at(&venue), json!({"draft": true}));
    let draft = organizer.post("/events", draft).await.expect(201)["event_id"].clone();
    let [published, draft] = [published, draft].map(|id| format!("/events/{}", id.as_str().unwrap()));
    let publish = async || organizer.patch(&draft, json!({"draft": false})).await;
    publish().await.refused(403, "quota_reached");
    assert_eq!(organizer.get(&draft).await.expect(200)["draft"], true, "it stays a draft");
    let withdrawn =
        organizer.patch(&published, json!({"draft": true})).await.refused(403, "quota_reached").clone();
    assert_eq!(withdrawn["quota"], "draft_events");
    organizer.post(&format!("{published}/cancel"), json!({})).await.expect(200);
    publish().await.expect(200);
    let used = organizer.get(&path(&organizer)).await.expect(200)["used"].clone();
    assert_eq!((&used["published_events"], &used["draft_events"]), (&json!(1), &json!(0)));
}
