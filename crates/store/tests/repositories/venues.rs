//! Venues and their plans, which other organizations cannot see.

use crate::common::{Fixture, at, new_venue, venue_details};
use fairseat_store::{Page, Scope, StoreError, VenueId};

#[tokio::test]
async fn a_venue_and_its_plan_are_stored() {
    let fixture = Fixture::new().await;
    let venues = fixture.store.venues();
    let (theatre, _) = fixture.organization("theatre").await;
    let details = venue_details("Globe", "London", "", "UK", "Europe/London");
    let new = new_venue(theatre, details.clone());
    let venue = venues.create(new.clone(), None, at(5)).await.unwrap();
    assert_eq!((&venue.details, venue.capacity, venue.created_at), (&details, 100, at(5)));
    assert_eq!(venues.get(venue.id, &Scope::All).await.unwrap(), Some(venue.clone()));
    assert_eq!(venues.plan(venue.id, &Scope::All).await.unwrap(), Some(new.plan));
    assert_eq!(venues.get(VenueId::random(), &Scope::All).await.unwrap(), None);
}

#[tokio::test]
async fn each_scope_sees_its_own_venues() {
    let fixture = Fixture::new().await;
    let venues = fixture.store.venues();
    let ((theatre, _), (club, _)) =
        (fixture.organization("theatre").await, fixture.organization("club").await);
    let venue = fixture.venue(theatre).await;
    fixture.venue(club).await;
    let cases = [
        ("the public", Scope::Public, false, 0),
        ("nobody's member", Scope::Organizations(vec![]), false, 0),
        ("a foreign organization", Scope::Organizations(vec![club]), false, 1),
        ("the owner", Scope::Organizations(vec![theatre]), true, 1),
        ("a member of both", Scope::Organizations(vec![club, theatre]), true, 2),
        ("an admin", Scope::All, true, 2),
    ];
    for (who, scope, sees, listed) in cases {
        assert_eq!(venues.get(venue.id, &scope).await.unwrap().is_some(), sees, "{who} gets");
        assert_eq!(venues.plan(venue.id, &scope).await.unwrap().is_some(), sees, "{who} gets the plan");
        let renamed = venues.update(venue.id, &scope, |_| Ok::<_, StoreError>(()), at(1)).await.unwrap();
        assert_eq!(renamed.is_some(), sees, "{who} changes");
        let list = venues.list(&scope, None, Page::FIRST).await.unwrap();
        assert_eq!((list.rows.len(), list.total), (listed, listed as u64), "{who} lists");
        let own = venues.list(&scope, Some(theatre), Page::FIRST).await.unwrap();
        assert_eq!(own.total, u64::from(sees), "{who} lists the theatre's");
    }
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    for second in 0..5 {
        let details = venue_details(&format!("Lifecycle {second}"), "Berlin", "", "DE", "Europe/Berlin");
        fixture.store.venues().create(new_venue(theatre, details), None, at(second)).await.unwrap();
    }
    let page = Page { limit: 2, offset: 1 };
    let list = fixture.store.venues().list(&Scope::All, None, page).await.unwrap();
    let names: Vec<_> = list.rows.iter().map(|venue| venue.details.name.as_str()).collect();
    assert_eq!((names, list.total), (vec!["Lifecycle 3", "Lifecycle 2"], 5));
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let fixture = Fixture::new().await;
    let venues = fixture.store.venues();
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let changed = venues
        .update(
            venue.id,
            &Scope::All,
            |details| {
                details.name = "Big Lifecycle".to_owned();
                Ok::<_, StoreError>(())
            },
            at(9),
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!((changed.details.name.as_str(), changed.updated_at), ("Big Lifecycle", at(9)));
    let refused = venues
        .update(
            venue.id,
            &Scope::All,
            |details| {
                details.name = "Lost".to_owned();
                Err(StoreError::Closed)
            },
            at(10),
        )
        .await;
    assert!(refused.is_err());
    assert_eq!(venues.get(venue.id, &Scope::All).await.unwrap(), Some(changed));
}
