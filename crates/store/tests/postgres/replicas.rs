//! Lists that are read from a replica: a standby of the server, whose replay tests stop, which is as if it were slow.

use crate::common::{FOR_TESTS, Fixture, at, event_details};
use fairseat_store::venues::Venue;
use fairseat_store::{Store, StoreError};
use fairseat_test_postgres::PostgresServer;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::interval;

const SETTINGS: [&str; 3] = ["fsync=off", "max_connections=60", "jit=off"];

/// A store on a server with a replica.
struct Replicated {
    fixture: Fixture,
    venue: Venue,
    primary: PostgresServer,
    replica: PostgresServer,
}

async fn open(url: &str, replicas: &[String]) -> Result<Store, StoreError> {
    Store::open_replicated(url, replicas, FOR_TESTS, Arc::new(|_, _| {})).await
}

async fn until(holds: impl AsyncFn() -> bool) {
    let mut ticks = interval(Duration::from_millis(20));
    for _ in 0..3_000 {
        ticks.tick().await;
        if holds().await {
            return;
        }
    }
    panic!("it did not become true within a minute");
}

/// How many events a list shows.
async fn listed(store: &Store) -> u64 {
    let cities = store.search().cities(at(0)).await.unwrap();
    cities.iter().map(|city| city.events).sum()
}

impl Replicated {
    /// With one event, which the replica has as well.
    async fn open() -> Self {
        let primary = PostgresServer::start(&SETTINGS).unwrap();
        let replica = primary.standby(&SETTINGS).unwrap();
        Store::prepare_postgres(&primary.url("postgres")).await.unwrap();
        let store = open(&primary.url("postgres"), &[replica.url("postgres")]).await.unwrap();
        let fixture = Fixture { store, folder: tempfile::tempdir().unwrap(), database: None };
        let (organization, _) = fixture.organization("promoter").await;
        let venue = fixture.venue(organization).await;
        let replicated = Self { fixture, venue, primary, replica };
        replicated.add_event("first").await;
        until(async || replicated.asked()).await;
        replicated.replica_has(1).await;
        replicated
    }

    /// Waits until the replica has so many events.
    async fn replica_has(&self, events: u64) {
        let count = "SELECT count(*) FROM fairseat_store.events";
        until(async || self.replica.by_hand(count).is_ok_and(|text| text.trim() == events.to_string())).await;
    }

    async fn add_event(&self, name: &str) {
        self.fixture.event(&self.venue, event_details(name)).await;
    }

    /// Whether the replica is asked.
    fn asked(&self) -> bool {
        self.fixture.store.replicas().iter().any(|replica| replica.delay.is_some())
    }

    fn late(&self) -> Store {
        self.fixture.store.for_lists(true)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_answers_lists_that_may_be_late_until_it_is_too_late() {
    let replicated = Replicated::open().await;
    let mut events = 1;
    loop {
        replicated.replica.by_hand("SELECT pg_wal_replay_pause()").unwrap();
        let state = "SELECT pg_get_wal_replay_pause_state()";
        until(async || replicated.replica.by_hand(state).unwrap().trim() == "paused").await;
        replicated.add_event("another").await;
        events += 1;
        let shown = listed(&replicated.late()).await;
        // On a busy machine all this may take so long that the replica is too late already. Then it is tried again.
        if replicated.asked() {
            assert_eq!(shown, events - 1, "the replica does not have the new event yet");
            break;
        }
        replicated.replica.by_hand("SELECT pg_wal_replay_resume()").unwrap();
        replicated.replica_has(events).await;
        until(async || replicated.asked()).await;
    }
    assert_eq!(listed(&replicated.fixture.store.for_lists(false)).await, events, "the primary has it");
    let unsaid = listed(&replicated.fixture.store).await;
    assert_eq!(unsaid, events, "who does not say that it may be late asks the primary");
    until(async || listed(&replicated.late()).await == events).await;
    assert!(!replicated.asked(), "it is too late to be asked");
    replicated.replica.by_hand("SELECT pg_wal_replay_resume()").unwrap();
    until(async || replicated.asked()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_primary_answers_while_a_replica_is_away() {
    let mut replicated = Replicated::open().await;
    replicated.replica.crash();
    replicated.add_event("second").await;
    assert_eq!(listed(&replicated.late()).await, 2);
    assert!(!replicated.asked());
    replicated.replica.restart(&SETTINGS).unwrap();
    until(async || replicated.asked()).await;
    // A replica that is away when a program starts is used once it is there.
    replicated.replica.crash();
    let store =
        open(&replicated.primary.url("postgres"), &[replicated.replica.url("postgres")]).await.unwrap();
    assert_eq!(listed(&store.for_lists(true)).await, 2);
    replicated.replica.restart(&SETTINGS).unwrap();
    until(async || store.replicas().iter().all(|replica| replica.delay.is_some())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_of_another_database_is_refused() {
    let (one, other) =
        (Fixture::new().await.database.unwrap().url(), Fixture::new().await.database.unwrap().url());
    for (url, keys) in [(&one, [1; 32]), (&other, [2; 32])] {
        open(url, &[]).await.unwrap().claim_installation(keys).await.unwrap();
    }
    let refused = open(&one, std::slice::from_ref(&other)).await.expect_err("it was accepted");
    let StoreError::Unreachable(cause) = refused else { panic!("{refused:?}") };
    assert!(cause.to_string().contains("is no replica of this database"), "{cause}");
    let refused = open(&one, &["postgres://shop:Gallery7@[".to_owned()]).await.expect_err("it was accepted");
    let StoreError::Unreachable(cause) = refused else { panic!("{refused:?}") };
    assert_eq!(
        cause.to_string(),
        "a database replica's connection string cannot be used: the value of `host` is not allowed"
    );
}
