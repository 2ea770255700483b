//! How much an organization may have.

use crate::common::{Fixture, HOUR, at, event_details, new_venue, venue_details};
use fairseat_store::events::NewEvent;
use fairseat_store::images::Image;
use fairseat_store::quotas::{Amounts, Claim, Quota, QuotaError, QuotaReached};
use fairseat_store::{ImageId, OrganizationId};

fn limits(draft_events: u64, seats: u64, venues: u64, pictures: u64) -> Amounts {
    Amounts { draft_events, seats, venues, pictures, ..Amounts::USUAL }
}

/// The quota that was reached, the limit and what there was.
fn reached<T: std::fmt::Debug>(outcome: Result<T, QuotaError>) -> (Quota, u64, u64) {
    match outcome {
        Err(QuotaError::Reached(QuotaReached { quota, limit, used, .. })) => (quota, limit, used),
        Err(error) => panic!("{error}"),
        Ok(made) => panic!("{made:?}"),
    }
}

async fn new_venue_of(fixture: &Fixture, organization: OrganizationId) -> Result<(), QuotaError> {
    let details = venue_details("Hall", "Berlin", "", "DE", "Europe/Berlin");
    fixture.store.venues().create(new_venue(organization, details), None, at(0)).await.map(drop)
}

#[tokio::test]
async fn an_organization_has_the_usual_amounts_until_others_are_set() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let quotas = fixture.store.quotas();
    let venue = fixture.venue(theatre).await;
    fixture.event(&venue, event_details("Hamlet")).await;
    let found = quotas.of(theatre, at(0)).await.unwrap();
    assert_eq!((found.limits, found.is_set), (Amounts::USUAL, false));
    assert_eq!(
        (found.used.venues, found.used.seats, found.used.pictures),
        (1, 200, 0),
        "a venue and an event of 100"
    );
    quotas.set(theatre, Some(limits(1, 2, 3, 4))).await.unwrap();
    let found = quotas.of(theatre, at(0)).await.unwrap();
    assert_eq!((found.limits, found.is_set), (limits(1, 2, 3, 4), true));
    quotas.set(theatre, None).await.unwrap();
    assert_eq!(quotas.of(theatre, at(0)).await.unwrap().limits, Amounts::USUAL);
}

#[tokio::test]
async fn what_would_be_more_than_a_quota_is_refused() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let (club, _) = fixture.organization("club").await;
    let venue = fixture.venue(theatre).await;
    let quotas = fixture.store.quotas();
    quotas.set(theatre, Some(limits(1, 450, 2, 1))).await.unwrap();
    new_venue_of(&fixture, theatre).await.unwrap();
    assert_eq!(reached(new_venue_of(&fixture, theatre).await), (Quota::Venues, 2, 2));
    new_venue_of(&fixture, club).await.unwrap();
    let event = async |draft| {
        let details = fairseat_store::events::EventDetails { draft, ..event_details("Hamlet") };
        let new = NewEvent { organization: theatre, venue: venue.id, details };
        fixture.store.events().create(new, None, at(0)).await
    };
    let first = event(true).await.unwrap().number;
    assert_eq!(reached(event(true).await), (Quota::DraftEvents, 1, 1));
    let second = event(false).await.unwrap().number;
    assert_eq!(reached(event(false).await), (Quota::Seats, 450, 400));
    let picture = |number: u128| {
        Some(Image { id: ImageId(uuid::Uuid::from_u128(number)), wide: vec![1], small: vec![2] })
    };
    let images = fixture.store.images();
    images.set(first, picture(1), at(0)).await.unwrap();
    assert_eq!(reached(images.set(second, picture(2), at(0)).await), (Quota::Pictures, 1, 1));
    images.set(first, picture(2), at(0)).await.unwrap();
    images.set(first, None, at(0)).await.unwrap();
    images.set(second, picture(2), at(0)).await.unwrap();
    let plan_of = |after| Claim::Seats { before: 100, after };
    assert_eq!(reached(quotas.claim(first, plan_of(151), at(0)).await), (Quota::Seats, 450, 400));
    quotas.claim(first, plan_of(150), at(0)).await.unwrap();
}

#[tokio::test]
async fn what_is_claimed_for_a_change_counts_until_it_is_released() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let quotas = fixture.store.quotas();
    quotas.set(theatre, Some(limits(10, 500, 10, 10))).await.unwrap();
    let one = fixture.event(&venue, event_details("Hamlet")).await;
    let other = fixture.event(&venue, event_details("Macbeth")).await;
    let larger = Claim::Seats { before: 100, after: 250 };
    quotas.claim(one, larger, at(0)).await.unwrap();
    assert_eq!(reached(quotas.claim(other, larger, at(0)).await), (Quota::Seats, 500, 450));
    quotas.release(one).await.unwrap();
    quotas.claim(other, larger, at(0)).await.unwrap();
}

#[tokio::test]
async fn published_events_have_a_quota_until_they_are_over() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let quotas = fixture.store.quotas();
    let few = Amounts { published_events: 2, draft_events: 1, ..Amounts::USUAL };
    quotas.set(theatre, Some(few)).await.unwrap();
    let event = async |draft, now| {
        let details = fairseat_store::events::EventDetails { draft, ..event_details("Hamlet") };
        let new = NewEvent { organization: theatre, venue: venue.id, details };
        fixture.store.events().create(new, None, at(now)).await
    };
    let published = event(false, 0).await.unwrap();
    let draft = event(true, 0).await.unwrap();
    quotas.claim(draft.number, Claim::Publishing, at(0)).await.unwrap();
    assert_eq!(reached(event(false, 0).await), (Quota::PublishedEvents, 2, 2), "one is being published");
    let withdrawn = quotas.claim(published.number, Claim::Withdrawing, at(0)).await;
    assert_eq!(reached(withdrawn), (Quota::DraftEvents, 1, 1));
    event(false, 103 * HOUR).await.unwrap();
}

#[tokio::test]
async fn simultaneous_requests_do_not_exceed_a_quota_together() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    fixture.store.quotas().set(theatre, Some(limits(10, 10_000, 5, 10))).await.unwrap();
    let begin = |_| {
        let store = fixture.store.clone();
        tokio::spawn(async move {
            let details = venue_details("Hall", "Berlin", "", "DE", "Europe/Berlin");
            store.venues().create(new_venue(theatre, details), None, at(0)).await.is_ok()
        })
    };
    let begun: Vec<_> = (0..20).map(begin).collect();
    let mut made = 0;
    for outcome in begun {
        made += usize::from(outcome.await.unwrap());
    }
    assert_eq!(made, 5);
}

#[tokio::test]
async fn organizations_of_one_founder_share_the_usual_amounts() {
    let fixture = Fixture::new().await;
    let founder = fixture.user("founder@x.test").await.id;
    let organizations = fixture.store.organizations();
    let mut founded = Vec::new();
    for name in ["one", "two", "three"] {
        founded.push(organizations.create(name.to_owned(), founder, None, at(0)).await.unwrap().id);
    }
    let [one, two, three] = founded[..] else { panic!("{founded:?}") };
    for _ in 0..Amounts::USUAL.venues {
        new_venue_of(&fixture, one).await.unwrap();
    }
    let refused = new_venue_of(&fixture, two).await;
    assert!(
        matches!(refused, Err(QuotaError::Reached(QuotaReached { of_founder: true, .. }))),
        "{refused:?}"
    );
    fixture.store.quotas().set(three, Some(Amounts::USUAL)).await.unwrap();
    new_venue_of(&fixture, three).await.unwrap();
    fixture.store.quotas().set(one, Some(Amounts::USUAL)).await.unwrap();
    new_venue_of(&fixture, two).await.unwrap();
}
