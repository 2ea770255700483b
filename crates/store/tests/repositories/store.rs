//! The store as a file: old and newer versions, several processes, copies, and the observer.

use crate::common::{Fixture, at, event_details, new_user, token};
use fairseat_domain::ids::AccountId;
use fairseat_domain::time::Timestamp;
use fairseat_store::organizations::Role;
use fairseat_store::search::EventQuery;
use fairseat_store::sessions::Rotation;
use fairseat_store::{OrganizationId, Page, Scope, Store, StoreError};
use parking_lot::Mutex;
use std::sync::Arc;
use uuid::Uuid;

/// Each version's own dump, and the account, organization and refresh token that are in all of them.
#[tokio::test]
async fn stores_of_every_version_open_with_all_their_rows() {
    for (version, dump) in [(1, include_str!("fixtures/version-1.sql"))] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(dump).unwrap();
        let store = Store::open(&path).await.unwrap();
        let anna = store.users().by_email("anna@first.test").await.unwrap().unwrap();
        assert_eq!(
            (anna.id, anna.is_admin, anna.auth_epoch),
            (AccountId(u128::from_be_bytes([1; 16])), true, 2)
        );
        let access = store.organizations().access_of(anna.id).await.unwrap().unwrap();
        assert_eq!(
            access.memberships,
            [(OrganizationId(Uuid::from_bytes([3; 16])), Role::Owner)],
            "version {version}"
        );
        let now = Timestamp::from_millis(1_700_000_001_000);
        let rotation = store.sessions().rotate(token('a'), token('b'), now).await.unwrap();
        assert!(matches!(rotation, Rotation::Rotated(_)));
        let fixture = Fixture { store, folder, database: None };
        let (theatre, _) = fixture.organization("theatre").await;
        fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await;
    }
}

#[tokio::test]
async fn texts_that_an_older_release_folded_are_found() {
    let Fixture { store, folder, .. } = Fixture::new().await;
    let path = folder.path().join("store.db");
    let fixture = Fixture { store, folder, database: None };
    let (theatre, _) = fixture.organization("theatre").await;
    fixture.event(&fixture.venue(theatre).await, event_details("東京交響楽団")).await;
    let older =
        "UPDATE search_format SET format = 0; DELETE FROM event_text; UPDATE users SET search_key = ''";
    rusqlite::Connection::open(&path).unwrap().execute_batch(older).unwrap();
    let search = EventQuery { text: Some("楽団".to_owned()), ..EventQuery::default() };
    let store = Store::open(&path).await.unwrap();
    let found = store.search().events(search, &Scope::Public, Page::FIRST, at(0)).await.unwrap();
    assert_eq!(found.total, 1);
    let unfolded = "SELECT COUNT(*) FROM users WHERE search_key = ''";
    let unfolded: i64 =
        rusqlite::Connection::open(&path).unwrap().query_row(unfolded, [], |row| row.get(0)).unwrap();
    assert_eq!(unfolded, 0);
}

#[tokio::test]
async fn a_store_of_a_newer_release_is_refused() {
    let Fixture { store, folder, .. } = Fixture::new().await;
    drop(store);
    let path = folder.path().join("store.db");
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 1_000).unwrap();
    let opened = Store::open(&path).await;
    assert!(matches!(opened, Err(StoreError::TooNew { found: 1_000, .. })), "{opened:?}");
}

#[tokio::test]
async fn two_processes_may_create_and_use_one_file_at_once() {
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let open = |name: &'static str| {
            let path = path.clone();
            tokio::spawn(async move {
                let store = Store::open(path).await.unwrap();
                store.users().create(new_user(&format!("{name}@x.test")), None, at(0)).await.unwrap();
                store
            })
        };
        let (server, tool) = (open("server"), open("tool"));
        let (server, tool) = (server.await.unwrap(), tool.await.unwrap());
        assert!(server.users().by_email("tool@x.test").await.unwrap().is_some());
        assert!(tool.users().by_email("server@x.test").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_copy_is_complete_and_the_store_stays_in_use() {
    let fixture = Fixture::new().await;
    let (theatre, owner) = fixture.organization("theatre").await;
    let number = fixture.event(&fixture.venue(theatre).await, event_details("Hamlet")).await;
    let path = fixture.folder.path().join("copy.db");
    let writing = {
        let store = fixture.store.clone();
        tokio::spawn(async move {
            for round in 0..50 {
                store.users().create(new_user(&format!("during{round}@x.test")), None, at(0)).await.unwrap();
            }
        })
    };
    fixture.store.backup(&path).await.unwrap();
    writing.await.unwrap();
    fixture.user("after@x.test").await;
    assert!(matches!(fixture.store.backup(&path).await, Err(StoreError::File(_))), "nothing is overwritten");
    let copy = Store::open(path).await.unwrap();
    assert!(copy.users().by_id(owner).await.unwrap().is_some());
    assert!(copy.users().by_email("after@x.test").await.unwrap().is_none());
    let found = copy.search().events(Default::default(), &Scope::Public, Page::FIRST, at(0)).await.unwrap();
    assert_eq!(found.rows.iter().map(|row| row.event.number).collect::<Vec<_>>(), [number]);
}

#[tokio::test]
async fn the_observer_gets_the_name_of_every_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let observer = Arc::new(move |name, _duration| hear.lock().push(name));
    let store = Store::open_observed(folder.path().join("store.db"), observer).await.unwrap();
    store.users().by_email("x@x.test").await.unwrap();
    store.outbox().count().await.unwrap();
    assert_eq!(*heard.lock(), ["users.by_email", "outbox.count"]);
}

#[tokio::test]
async fn purging_an_empty_store_succeeds() {
    Fixture::new().await.store.purge(at(0)).await.unwrap();
}
