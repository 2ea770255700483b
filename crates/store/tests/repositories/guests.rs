//! Guests, and the contacts that they give.

use crate::common::{Fixture, HOUR, at, event_details, new_user, token};
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber};
use fairseat_store::contacts::Contact;
use fairseat_store::users::SaveUserError;

const DAY: i64 = 24 * HOUR;

async fn guest(fixture: &Fixture) -> AccountId {
    let guest = fixture.store.users().create_guest(None, at(0)).await.unwrap();
    assert_eq!((guest.guest, guest.email.as_str(), guest.email_verified_at), (true, "", None));
    guest.id
}

async fn event(fixture: &Fixture) -> EventNumber {
    let (theatre, _) = fixture.organization("theatre").await;
    fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await
}

fn contact(email: &str) -> Contact {
    Contact { email: email.to_owned(), name: "Ada".to_owned() }
}

#[tokio::test]
async fn a_guest_becomes_an_account_that_keeps_its_id_and_its_sessions() {
    let fixture = Fixture::new().await;
    let (store, id) = (&fixture.store, guest(&fixture).await);
    let session = fixture.session(id, token('a'), 0).await;
    let event = event(&fixture).await;
    for (number, email) in [(0, "Ada@example.test"), (1, "else@example.test")] {
        store.contacts().set((event, ReservationNumber(number)), id, contact(email), at(1)).await.unwrap();
    }
    let registered = store.users().register_guest(id, new_user("ada@example.test"), None, at(DAY)).await;
    let registered = registered.unwrap().unwrap();
    assert_eq!((registered.id, registered.guest), (id, false));
    assert_eq!(registered.created_at, at(DAY), "it counts as an account from now on");
    let sessions = store.sessions().list(id, at(DAY)).await.unwrap();
    assert_eq!(sessions.first().map(|found| found.id), Some(session.id));
    assert_eq!(store.users().by_email("ada@example.test").await.unwrap(), Some(registered));
    assert_eq!(store.contacts().addresses_of(id).await.unwrap(), ["else@example.test"]);
    let again = store.users().register_guest(id, new_user("ben@example.test"), None, at(DAY)).await;
    assert_eq!(again.unwrap(), None, "an account is no guest");
}

#[tokio::test]
async fn a_guest_cannot_take_the_address_of_another() {
    let fixture = Fixture::new().await;
    let id = guest(&fixture).await;
    fixture.user("ada@example.test").await;
    let taken = fixture.store.users().register_guest(id, new_user("ADA@example.test"), None, at(1)).await;
    assert!(matches!(taken, Err(SaveUserError::EmailTaken)));
    assert!(fixture.store.users().by_id(id).await.unwrap().unwrap().guest);
}

#[tokio::test]
async fn many_guests_have_no_address() {
    let fixture = Fixture::new().await;
    let (first, second) = (guest(&fixture).await, guest(&fixture).await);
    assert_ne!(first, second);
    assert_eq!(fixture.store.users().by_email("").await.unwrap(), None);
}

#[tokio::test]
async fn the_newest_contact_counts_and_is_deleted_with_its_account() {
    let fixture = Fixture::new().await;
    let (id, event, contacts) = (guest(&fixture).await, event(&fixture).await, fixture.store.contacts());
    let reservation = ReservationNumber(7);
    for email in ["typo@example.test", "ada@example.test"] {
        contacts.set((event, reservation), id, contact(email), at(1)).await.unwrap();
    }
    let of = async || contacts.of(event, reservation).await.unwrap();
    assert_eq!(of().await, Some(contact("ada@example.test")));
    contacts.set((event, ReservationNumber(8)), id, contact("later@example.test"), at(2)).await.unwrap();
    assert_eq!(contacts.newest_of(id, event).await.unwrap(), Some(contact("later@example.test")));
    fixture.store.users().delete(id, at(3)).await.unwrap();
    assert_eq!(of().await, None);
}

#[tokio::test]
async fn old_guests_that_never_tried_to_buy_are_deleted() {
    let fixture = Fixture::new().await;
    let (store, event) = (&fixture.store, event(&fixture).await);
    let [idle, signed_in, buyer] = [guest(&fixture).await, guest(&fixture).await, guest(&fixture).await];
    fixture.session(idle, token('a'), 0).await;
    fixture.session(signed_in, token('b'), DAY).await;
    store.contacts().set((event, ReservationNumber(0)), buyer, contact("a@b.test"), at(1)).await.unwrap();
    let left = async || {
        let mut left = Vec::new();
        for id in [idle, signed_in, buyer] {
            left.push(store.users().by_id(id).await.unwrap().is_some());
        }
        left
    };
    store.purge(at(29 * DAY)).await.unwrap();
    assert_eq!(left().await, [true, true, true], "a browser may come back");
    store.purge(at(30 * DAY)).await.unwrap();
    assert_eq!(left().await, [false, true, true]);
    store.purge(at(32 * DAY)).await.unwrap();
    assert_eq!(left().await, [false, false, true]);
    // A year after the event, nobody needs the address any more.
    store.purge(at(102 * HOUR + 365 * DAY)).await.unwrap();
    assert_eq!(store.contacts().of(event, ReservationNumber(0)).await.unwrap(), None);
}
