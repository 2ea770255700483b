//! Moving tables from files into a database: what is left out, what goes on, and what the comparison notices.

use crate::common::{FOR_TESTS, Fixture, at, event_details, new_user, new_venue, venue_details};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::{Amount, Currency};
use fairseat_store::provider_records::{NewPayment, ProviderRecords};
use fairseat_store::transfer::{Destination, DestinationState, Source, TransferError};
use fairseat_store::{Page, Scope, Store};
use fairseat_test_postgres::TestDatabase;
use std::path::PathBuf;
use std::sync::Arc;

const KEYS: [u8; 32] = [7; 32];
/// More rows than one chunk has.
const MANY: usize = 12_000;

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    /// A venue with an event, many words, and a payment.
    async fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        let store = Store::open(files.store()).await.unwrap();
        let owner = store.users().create(new_user("ada@example.test"), None, at(0)).await.unwrap();
        let theatre =
            store.organizations().create("Theätre".to_owned(), owner.id, None, at(0)).await.unwrap();
        let details = venue_details("Hall", "Berlin", "", "Germany", "Europe/Berlin");
        let venue = store.venues().create(new_venue(theatre.id, details), None, at(0)).await.unwrap();
        let new = fairseat_store::events::NewEvent {
            organization: theatre.id,
            venue: venue.id,
            details: event_details("Hamlet"),
        };
        let event = store.events().create(new, None, at(0)).await.unwrap();
        let ready = fairseat_store::events::Lifecycle::Ready;
        assert!(store.events().move_to(event.number, ready, at(0)).await.unwrap());
        drop(store);
        let many = format!(
            "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < {MANY})
             INSERT INTO word_trigrams (trigram, word) SELECT 'x' || (n % 97), 'word' || n FROM n;
             -- The number of a row that was deleted is not given again.
             UPDATE sqlite_sequence SET seq = 41 WHERE name = 'events';"
        );
        rusqlite::Connection::open(files.store()).unwrap().execute_batch(&many).unwrap();
        let payment = NewPayment {
            key: (EventNumber(1), 1),
            amount: Amount(100),
            currency: Currency::USD,
            state: "captured",
            reason: None,
            authorized: Amount(100),
        };
        ProviderRecords::in_file(&files.records()).unwrap().record(payment).await.unwrap();
        files
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn records(&self) -> PathBuf {
        self.folder.path().join("sandbox.db")
    }

    fn locked(&self) -> Source {
        Source::lock(&self.store(), Some(&self.records())).unwrap()
    }
}

async fn begun() -> (TestDatabase, Destination) {
    let database = Fixture::new().await.database.unwrap();
    let destination = Destination::open(&database.url(), FOR_TESTS).await.unwrap();
    assert_eq!(destination.state().await.unwrap(), DestinationState::Empty);
    destination.begin("5f", KEYS).await.unwrap();
    assert_eq!(destination.state().await.unwrap(), DestinationState::Begun("5f".to_owned()));
    (database, destination)
}

#[tokio::test]
async fn a_copy_goes_on_within_a_table_and_is_equal_in_the_end() {
    let files = Files::new().await;
    let source = files.locked();
    let (database, destination) = begun().await;
    let mut chunks = Vec::new();
    destination.copy(&source, &mut |done| chunks.push((done.table.to_owned(), done.rows))).await.unwrap();
    let words = chunks.iter().filter(|(table, _)| table == "word_trigrams").count();
    assert!(words >= 3, "{chunks:?}");
    destination.build_search().await.unwrap();
    let contents = destination.compare(&source).await.unwrap().unwrap();
    let rows = |table: &str| contents.iter().find(|content| content.table == table).unwrap().rows;
    assert!(rows("word_trigrams") >= MANY as u64);
    assert_eq!((rows("users"), rows("payments"), rows("mailbox")), (1, 1, 0));

    // As if the process had been killed after the second chunk of a table.
    let cut = "DELETE FROM fairseat_store.word_trigrams WHERE (trigram, word) IN
               (SELECT trigram, word FROM fairseat_store.word_trigrams ORDER BY trigram, word OFFSET 10000)";
    database.by_hand(cut).unwrap();
    let mut again = Vec::new();
    destination.copy(&source, &mut |done| again.push(done.table.to_owned())).await.unwrap();
    assert!(!again.is_empty() && again.iter().all(|table| table == "word_trigrams"), "{again:?}");
    assert_eq!(destination.compare(&source).await.unwrap().unwrap(), contents);
    drop(source);

    let open = async || Store::open_postgres(&database.url(), FOR_TESTS, Arc::new(|_, _| {})).await;
    let refused = open().await.unwrap_err().to_string();
    assert!(refused.contains("run `fairseat migrate` with that folder again"), "{refused}");
    destination.finish().await.unwrap();
    assert_eq!(destination.state().await.unwrap(), DestinationState::Used(Some(KEYS)));
    let store = open().await.unwrap();
    assert_eq!(store.installation_keys().await.unwrap(), Some(KEYS));
    let fixture = Fixture { store, folder: tempfile::tempdir().unwrap(), database: Some(database) };
    let (club, _) = fixture.organization("club").await;
    let next = fixture.event(&fixture.venue(club).await, event_details("Othello")).await;
    assert_eq!(next, EventNumber(42), "after the last number that was ever given");
    let query = fairseat_store::search::EventQuery { text: Some("haml".to_owned()), ..Default::default() };
    let found = fixture.store.search().events(query, &Scope::Public, Page::FIRST, at(0)).await.unwrap();
    assert_eq!(found.total, 1);
}

#[tokio::test]
async fn a_difference_is_named() {
    let files = Files::new().await;
    let (database, destination) = begun().await;
    let source = files.locked();
    destination.copy(&source, &mut |_| {}).await.unwrap();
    destination.build_search().await.unwrap();
    for (damage, repair, table) in [
        ("UPDATE users SET username = 'Somebodx'", "UPDATE users SET username = 'Somebody'", "users"),
        ("UPDATE payments SET reason = ''", "UPDATE payments SET reason = NULL", "payments"),
        (
            "DELETE FROM word_trigrams WHERE word = 'word77'",
            "INSERT INTO word_trigrams VALUES ('x77', 'word77')",
            "word_trigrams",
        ),
        ("UPDATE event_text SET rowid = 9", "UPDATE event_text SET rowid = 1", "the search finds 1 events"),
    ] {
        let by_hand =
            |text: &str| database.by_hand(&format!("SET search_path = fairseat_store; {text}")).unwrap();
        by_hand(damage);
        let differences = destination.compare(&source).await.unwrap().unwrap_err();
        assert!(differences.len() == 1 && differences[0].contains(table), "{damage}: {differences:?}");
        by_hand(repair);
        destination.compare(&source).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn only_an_empty_database_and_one_move_at_a_time() {
    let files = Files::new().await;
    let (database, destination) = begun().await;
    let second = Destination::open(&database.url(), FOR_TESTS).await;
    assert!(matches!(second, Err(TransferError::AnotherRuns)), "{second:?}");
    drop(destination);
    let source = files.locked();
    let writer = rusqlite::Connection::open(files.store()).unwrap();
    let refused = writer.execute_batch("PRAGMA busy_timeout = 0; DELETE FROM users").unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
    drop(source);

    let used = Fixture::new().await;
    used.user("somebody@example.test").await;
    let destination = Destination::open(&used.database.unwrap().url(), FOR_TESTS).await.unwrap();
    assert_eq!(destination.state().await.unwrap(), DestinationState::Used(None));

    let newer = Fixture::new().await.database.unwrap();
    newer.by_hand("UPDATE fairseat_store.version SET version = version + 1").unwrap();
    let refused = Destination::open(&newer.url(), FOR_TESTS).await;
    assert!(matches!(refused, Err(TransferError::NewerSchema)), "{refused:?}");
}
