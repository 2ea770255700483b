//! `GET /venues`.

use crate::common::catalogue::enter_venue;
use crate::common::{Actor, TestServer};

/// The ids of the listed venues, and the total.
async fn listed(actor: &Actor, query: &str) -> (Vec<String>, u64) {
    let answer = actor.get(&format!("/venues{query}")).await;
    let list = answer.expect(200);
    let venues = list["venues"].as_array().unwrap().iter();
    let ids = venues.map(|venue| venue["venue_id"].as_str().unwrap().to_owned()).collect();
    (ids, list["total"].as_u64().unwrap())
}

#[tokio::test]
async fn venues_of_ones_organizations_are_listed_newest_first_in_pages() {
    let server = TestServer::start().await;
    let (ada, eve) = (server.organizer("ada").await, server.organizer("eve").await);
    let (first, second) = (enter_venue(&ada).await, enter_venue(&ada).await);
    let other = enter_venue(&eve).await;
    assert_eq!(listed(&ada, "").await, (vec![second.clone(), first.clone()], 2));
    assert_eq!(listed(&ada, "?limit=1&offset=1").await, (vec![first.clone()], 2));
    assert_eq!(listed(&server.admin().await, "").await, (vec![other.clone(), second, first], 3));
    let of_eve = format!("?organization_id={}", eve.organization().0);
    assert_eq!(listed(&eve, &of_eve).await, (vec![other], 1));
    assert_eq!(listed(&ada, &of_eve).await, (vec![], 0), "another organization is sealed");
    server.anonymous().get("/venues").await.refused(401, "unauthenticated");
}
