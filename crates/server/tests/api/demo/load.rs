//! The demo: everything that the start page promises exists, and loading the demo again changes nothing.

use crate::common::{Actor, TestServer, until};
use fairseat_app::catalogue::events;
use fairseat_domain::ids::EventNumber;
use fairseat_server::demo;
use fairseat_server::demo::{ACCOUNTS, PASSWORD};
use fairseat_store::{Page, Scope};
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl TestServer {
    /// All events that a search finds, the soonest first.
    async fn events_found(&self, query: &str) -> Vec<Value> {
        let found = self.anonymous().get(&format!("/events?limit=100{query}")).await;
        found.expect(200)["events"].as_array().unwrap().clone()
    }

    /// Whether all money is collected, so that nothing more happens by itself.
    async fn is_at_rest(&self) -> bool {
        for (stream, _) in self.heads().await {
            let sale = self.app.engine.sale(EventNumber(stream.0)).await.unwrap().published();
            if !sale.state.effects().is_empty() {
                return false;
            }
        }
        true
    }

    /// The person with a demo account, signed in with the demo's password.
    async fn demo_account(&self, email: &str) -> Actor {
        let login = json!({"email": email, "password": PASSWORD});
        let tokens = self.anonymous().post("/auth/login", login).await;
        self.anonymous().with_token(tokens.expect(200)["access_token"].as_str().unwrap())
    }
}

fn words<'e>(events: &'e [Value], field: &str) -> BTreeSet<&'e str> {
    events.iter().map(|event| event.pointer(field).unwrap().as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_demo_is_complete_and_loading_it_again_changes_nothing() {
    let server = TestServer::start().await;
    // The first load is interrupted.
    let entered = async |count| server.events_found("").await.len() >= count;
    tokio::select! {
        loaded = demo::load(&server.app, server.folder()) => panic!("too fast to be cut short: {loaded:?}"),
        () = until("seven events of the demo are found", async || entered(7).await) => {}
    }
    // Every start first finishes interrupted creations.
    events::resume(&server.app, server.app.now()).await.unwrap();
    demo::load(&server.app, server.folder()).await.unwrap();
    until("all money of the demo is collected and every sale is shown", async || {
        server.is_at_rest().await && server.is_every_view_new().await
    })
    .await;

    let (heads, events) = (server.heads().await, server.events_found("").await);
    assert_eq!((heads.len(), events.len()), (30, 30));
    assert_eq!(words(&events, "/name").len(), 30, "each once");
    assert!(words(&events, "/category").len() >= 5 && words(&events, "/city").len() == 5);
    for (status, at_least) in [("on_sale", 10), ("upcoming", 5), ("sold_out", 2)] {
        assert!(server.events_found(&format!("&status={status}")).await.len() >= at_least, "{status}");
    }
    for sold_out in server.events_found("&status=sold_out").await {
        assert_eq!(sold_out["available_seats"], 0, "sold out, not over: {sold_out}");
    }
    let venues = server.store().venues().list(&Scope::All, None, Page::FIRST).await.unwrap();
    let capacities: Vec<u32> = venues.rows.iter().map(|venue| venue.capacity).collect();
    assert!(capacities.len() == 5 && capacities.contains(&100_000), "{capacities:?}");

    let organizer = server.demo_account("organizer@demo.test").await;
    let renamed = format!("/events/{}", events[0]["event_id"].as_str().unwrap());
    organizer.patch(&renamed, json!({"name": "Another Name"})).await.expect(200);
    let events = server.events_found("").await;
    assert_eq!(events[0]["name"], "Another Name");

    demo::load(&server.app, server.folder()).await.unwrap();
    assert_eq!(server.heads().await, heads);
    assert_eq!(server.events_found("").await, events);
    assert_eq!(server.store().venues().list(&Scope::All, None, Page::FIRST).await.unwrap(), venues);
}

#[tokio::test]
async fn each_demo_account_has_the_rights_of_its_role() {
    let server = TestServer::start().await;
    // Accounts are made first. The rest takes longer and has a test of its own.
    tokio::select! {
        loaded = demo::load(&server.app, server.folder()) => panic!("too fast to be cut short: {loaded:?}"),
        () = until("the first event of the demo is found", async || !server.events_found("").await.is_empty()) => {}
    }
    let event = &server.events_found("").await[0];
    let path = format!("/events/{}/seats/block", event["event_id"].as_str().unwrap());
    for ((email, _), blocks) in ACCOUNTS.into_iter().zip([404, 200, 403, 200]) {
        let account = server.demo_account(email).await;
        assert_eq!(account.get("/users/me").await.expect(200)["email"], email);
        let seat = json!({"seat_indexes": [0], "reason": "Camera"});
        assert_eq!(account.post(&path, seat).await.status, blocks, "{email}");
    }
}
