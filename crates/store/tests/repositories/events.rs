//! Events: numbers, lifecycle, scopes, and the status computed from time and figures.

use crate::common::{Fixture, HOUR, at, event_details};
use fairseat_domain::ids::EventNumber;
use fairseat_store::events::{EventDetails, Lifecycle, NewEvent};
use fairseat_store::images::{Image, Size};
use fairseat_store::search::EventQuery;
use fairseat_store::views::{SaleFigures, ViewRows};
use fairseat_store::{EventStatus, ImageId, Page, Scope, StoreError};

#[tokio::test]
async fn an_event_is_stored_under_the_next_number() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let details = EventDetails {
        fees: Some(r#"{"per_order":1}"#.to_owned()),
        refund_policy: Some("{}".to_owned()),
        description: "Words".to_owned(),
        ..event_details("Hamlet")
    };
    for number in 1..=3 {
        assert_eq!(fixture.event(&venue, details.clone()).await, EventNumber(number));
    }
    let listing = fixture.store.events().get(EventNumber(2), &Scope::Public, at(0)).await.unwrap().unwrap();
    assert_eq!((&listing.event.details, &listing.venue), (&details, &venue));
    assert_eq!((listing.event.lifecycle, listing.figures), (Lifecycle::Ready, None));
}

#[tokio::test]
async fn a_picture_is_deleted_with_its_last_event() {
    let fixture = Fixture::new().await;
    let (events, images) = (fixture.store.events(), fixture.store.images());
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let image = |byte: u8| Image {
        id: ImageId(uuid::Uuid::from_bytes([byte; 16])),
        wide: vec![byte, 1],
        small: vec![byte, 2],
    };
    let is_kept = async |byte: u8| {
        let file = async |size| images.file(image(byte).id, size).await.unwrap();
        let files = (file(Size::Wide).await, file(Size::Small).await);
        let all = files == (Some(vec![byte, 1]), Some(vec![byte, 2]));
        assert!(all || files == (None, None), "half a picture: {files:?}");
        all
    };
    let set = async |number, image| images.set(number, image, at(5)).await.unwrap();
    let first = fixture.event(&venue, event_details("First")).await;
    assert_eq!(set(first, None).await.unwrap().updated_at, at(0), "nothing was changed");
    let changed = set(first, Some(image(7))).await.unwrap();
    assert_eq!((changed.details.image, changed.updated_at), (Some(image(7).id), at(5)));
    let copy =
        fixture.event(&venue, EventDetails { image: Some(image(7).id), ..event_details("Copy") }).await;
    set(first, Some(image(8))).await;
    assert_eq!((is_kept(7).await, is_kept(8).await), (true, true), "the copy has it still");
    set(first, None).await;
    assert_eq!((is_kept(7).await, is_kept(8).await), (true, false));
    events.move_to(copy, Lifecycle::Deleted, at(6)).await.unwrap();
    assert!(!is_kept(7).await);
    assert_eq!(set(EventNumber(99), Some(image(9))).await, None);
    assert!(!is_kept(9).await);
}

#[tokio::test]
async fn the_lifecycle_only_moves_forward() {
    use Lifecycle::{Cancelled, Creating, Deleted, Ready};
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let histories: &[&[(Lifecycle, bool)]] = &[
        &[(Cancelled, false), (Creating, true), (Ready, true), (Ready, true), (Creating, false)],
        &[(Ready, true), (Cancelled, true), (Cancelled, true), (Deleted, false), (Ready, false)],
        &[(Ready, true), (Deleted, true), (Ready, false), (Cancelled, false)],
        &[(Deleted, true), (Ready, false)],
    ];
    for history in histories {
        let new = NewEvent { organization: theatre, venue: venue.id, details: event_details("Hamlet") };
        let number = fixture.store.events().create(new, None, at(0)).await.unwrap().number;
        for &(stage, moves) in *history {
            assert_eq!(
                fixture.store.events().move_to(number, stage, at(1)).await.unwrap(),
                moves,
                "{history:?} {stage:?}"
            );
        }
    }
    assert!(!fixture.store.events().move_to(EventNumber(99), Ready, at(1)).await.unwrap());
}

#[tokio::test]
async fn unfinished_events_are_listed_for_recovery_and_hidden_from_all_scopes() {
    let fixture = Fixture::new().await;
    let events = fixture.store.events();
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let new = NewEvent { organization: theatre, venue: venue.id, details: event_details("Hamlet") };
    let event = events.create(new, None, at(0)).await.unwrap();
    assert_eq!(
        events.with_lifecycle(Lifecycle::Creating, EventNumber(0), 10).await.unwrap(),
        std::slice::from_ref(&event)
    );
    assert_eq!(events.get(event.number, &Scope::All, at(0)).await.unwrap(), None);
    events.move_to(event.number, Lifecycle::Ready, at(1)).await.unwrap();
    assert_eq!(events.with_lifecycle(Lifecycle::Creating, EventNumber(0), 10).await.unwrap(), []);
    assert!(events.get(event.number, &Scope::Public, at(0)).await.unwrap().is_some());
}

#[tokio::test]
async fn each_scope_sees_its_own_events() {
    let fixture = Fixture::new().await;
    let events = fixture.store.events();
    let ((theatre, _), (club, _)) =
        (fixture.organization("theatre").await, fixture.organization("club").await);
    let venue = fixture.venue(theatre).await;
    let public = fixture.event(&venue, event_details("Public")).await;
    let draft = fixture.event(&venue, EventDetails { draft: true, ..event_details("Draft") }).await;
    let deleted = fixture.event(&venue, event_details("Deleted")).await;
    events.move_to(deleted, Lifecycle::Deleted, at(1)).await.unwrap();
    let cases = [
        ("the public", Scope::Public, [true, false, false], false),
        ("nobody's member", Scope::Organizations(vec![]), [true, false, false], false),
        ("a foreign organization", Scope::Organizations(vec![club]), [true, false, false], false),
        ("the owner", Scope::Organizations(vec![club, theatre]), [true, true, false], true),
        ("an admin", Scope::All, [true, true, false], true),
    ];
    for (who, scope, sees, changes) in cases {
        for (number, sees) in [public, draft, deleted].into_iter().zip(sees) {
            assert_eq!(
                events.get(number, &scope, at(0)).await.unwrap().is_some(),
                sees,
                "{who} gets {number}"
            );
        }
        let updated = events.update(public, &scope, |_| Ok::<_, StoreError>(()), at(1)).await.unwrap();
        assert_eq!(updated.is_some(), changes, "{who} changes");
        let deleted = events.update(deleted, &scope, |_| Ok::<_, StoreError>(()), at(1)).await.unwrap();
        assert_eq!(deleted, None, "{who} changes what is deleted");
        let query = EventQuery { organization: Some(theatre), ..EventQuery::default() };
        let found = fixture.store.search().events(query, &scope, Page::FIRST, at(0)).await.unwrap();
        assert_eq!(found.total, sees.iter().map(|sees| u64::from(*sees)).sum::<u64>(), "{who} finds");
    }
}

#[tokio::test]
async fn status_follows_time_and_figures() {
    use EventStatus::{Cancelled, OnSale, SoldOut, Upcoming};
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let event = async |figures: Option<(u32, u32)>| {
        let number = fixture.event(&venue, event_details("Hamlet")).await;
        if let Some((available, reserved)) = figures {
            let figures = SaleFigures { total: 10, available, reserved, ..SaleFigures::default() };
            let rows = ViewRows { figures, ..ViewRows::default() };
            fixture.store.views().apply(number, 0, 1, rows).await.unwrap();
        }
        number
    };
    let (unseen, open, in_carts, gone) =
        (event(None).await, event(Some((5, 0))).await, event(Some((0, 1))).await, event(Some((0, 0))).await);
    let cancelled = event(Some((5, 0))).await;
    fixture.store.events().move_to(cancelled, Lifecycle::Cancelled, at(1)).await.unwrap();
    let cases = [
        (unseen, 1, OnSale),
        (open, 0, Upcoming),
        (open, 1, OnSale),
        (open, 99, OnSale),
        (open, 100, SoldOut),
        (in_carts, 50, OnSale),
        (gone, 0, Upcoming),
        (gone, 50, SoldOut),
        (cancelled, 0, Cancelled),
        (cancelled, 50, Cancelled),
        (cancelled, 200, Cancelled),
    ];
    for (number, hour, expected) in cases {
        let now = at(hour * HOUR);
        let got = fixture.store.events().get(number, &Scope::Public, now).await.unwrap().unwrap();
        assert_eq!(got.status, expected, "event {number} at hour {hour}");
        let query = EventQuery { status: Some(expected), ..EventQuery::default() };
        let found = fixture.store.search().events(query, &Scope::Public, Page::FIRST, now).await.unwrap();
        assert!(found.rows.contains(&got), "event {number} at hour {hour} is found by its status");
        assert!(found.rows.iter().all(|row| row.status == expected), "and no other is");
    }
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let fixture = Fixture::new().await;
    let events = fixture.store.events();
    let (theatre, _) = fixture.organization("theatre").await;
    let number = fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await;
    let change = |details: &mut EventDetails| {
        details.name = "Macbeth".to_owned();
        Ok::<_, StoreError>(())
    };
    let changed = events.update(number, &Scope::All, change, at(7)).await.unwrap().unwrap();
    assert_eq!((changed.details.name.as_str(), changed.updated_at), ("Macbeth", at(7)));
    let refuse = |details: &mut EventDetails| {
        details.name = "Lost".to_owned();
        Err(StoreError::Closed)
    };
    assert!(events.update(number, &Scope::All, refuse, at(8)).await.is_err());
    assert_eq!(events.by_number(number).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn a_row_never_goes_back_to_an_older_version_of_its_sale() {
    let fixture = Fixture::new().await;
    let (theatre, _) = fixture.organization("theatre").await;
    let venue = fixture.venue(theatre).await;
    let number = fixture.event(&venue, event_details("First")).await;
    let events = fixture.store.events();
    let follow = async |position: u64, draft: bool, name: &'static str| {
        let change = move |details: &mut EventDetails, is_newer: bool| {
            name.clone_into(&mut details.name);
            details.draft = if is_newer { details.draft } else { draft };
            Ok::<_, StoreError>(())
        };
        events.follow_sale(number, position, change, at(5)).await.unwrap();
        let event = events.by_number(number).await.unwrap().unwrap();
        (event.sale_position, event.details.draft, event.details.name)
    };
    assert_eq!(follow(3, true, "a").await, (3, true, "a".to_owned()));
    assert_eq!(follow(3, false, "b").await, (3, false, "b".to_owned()));
    assert_eq!(
        follow(2, true, "c").await,
        (3, false, "c".to_owned()),
        "what the catalogue alone has is written"
    );
    events.move_to(number, Lifecycle::Deleted, at(6)).await.unwrap();
    assert_eq!(follow(9, true, "d").await, (3, false, "c".to_owned()), "a deleted event stays as it was");
}
