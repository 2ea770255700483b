//! A real store, in a temporary folder or in a database of its own on a private server, and short constructors of common values.

use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::money::Currency;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_store::events::{EventDetails, Lifecycle, NewEvent};
use fairseat_store::sessions::{NewSession, Session, SessionSecret, TokenHash};
use fairseat_store::users::{NewUser, PasswordHash, User};
use fairseat_store::venues::{NewVenue, Venue, VenueDetails, VenuePlan};
use fairseat_store::{Demands, OrganizationId, Store};
use fairseat_test_postgres::TestDatabase;
use std::path::PathBuf;
use std::sync::Arc;

/// Whether this program tests the store on PostgreSQL: its name says so.
pub(crate) const ON_POSTGRES: bool = matches!(env!("CARGO_CRATE_NAME").as_bytes(), b"repositories_postgres");

/// The private server forgets everything when it ends.
pub(crate) const FOR_TESTS: Demands = Demands { require_standby: false, allow_unsafe_server: true };

/// A store, and what is removed with it: the folder with its file, or the database of a private server.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) database: Option<TestDatabase>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if !ON_POSTGRES {
            let store = Store::open(folder.path().join("store.db")).await.unwrap();
            return Self { store, folder, database: None };
        }
        let database = TestDatabase::create().unwrap();
        Store::prepare_postgres(&database.url()).await.unwrap();
        let store = Store::open_postgres(&database.url(), FOR_TESTS, Arc::new(|_, _| {})).await.unwrap();
        Self { store, folder, database: Some(database) }
    }

    /// Opens the same database once more.
    pub(crate) async fn reopened(&self) -> Store {
        match &self.database {
            Some(database) => {
                Store::open_postgres(&database.url(), FOR_TESTS, Arc::new(|_, _| {})).await.unwrap()
            }
            None => Store::open(self.file()).await.unwrap(),
        }
    }

    /// Changes the database as somebody would who has access to it, without regard to references.
    pub(crate) async fn by_hand(&self, text: &str) {
        match &self.database {
            Some(database) => {
                let replica = "SET session_replication_role = replica; SET search_path = fairseat_store";
                connect(database).await.batch_execute(&format!("{replica}; {text}")).await.unwrap();
            }
            None => {
                let text = format!("PRAGMA foreign_keys = OFF; {text}");
                rusqlite::Connection::open(self.file()).unwrap().execute_batch(&text).unwrap();
            }
        }
    }

    /// The only column of the only row of a query, a text.
    pub(crate) async fn text(&self, query: &str) -> String {
        match &self.database {
            Some(database) => {
                let client = connect(database).await;
                client.batch_execute("SET search_path = fairseat_store").await.unwrap();
                client.query_one(query, &[]).await.unwrap().get(0)
            }
            None => {
                let file = rusqlite::Connection::open(self.file()).unwrap();
                file.query_row(query, [], |row| row.get(0)).unwrap()
            }
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    pub(crate) async fn user(&self, email: &str) -> User {
        self.store.users().create(new_user(email), None, at(0)).await.unwrap()
    }

    /// A session with this first refresh token.
    pub(crate) async fn session(&self, user: AccountId, token: TokenHash, second: i64) -> Session {
        let new = new_session(user, SessionSecret::RefreshToken(token));
        self.store.sessions().create(new, at(second)).await.unwrap().unwrap()
    }

    pub(crate) async fn organization(&self, name: &str) -> (OrganizationId, AccountId) {
        let owner = self.user(&format!("owner@{name}.test")).await.id;
        let organization =
            self.store.organizations().create(name.to_owned(), owner, None, at(0)).await.unwrap();
        (organization.id, owner)
    }
}

async fn connect(database: &TestDatabase) -> tokio_postgres::Client {
    connect_to(&database.url()).await
}

/// A connection to the database of a connection string.
pub(crate) async fn connect_to(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    drop(tokio::spawn(connection));
    client
}

/// A session of an account that has never changed its password, to begin with this secret.
pub(crate) fn new_session(user: AccountId, secret: SessionSecret) -> NewSession {
    NewSession { user, auth_epoch: 0, secret }
}

/// The instant so many seconds after the time at which all tests begin.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000).plus(Millis::from_seconds(seconds))
}

pub(crate) fn new_user(email: &str) -> NewUser {
    NewUser {
        email: email.to_owned(),
        username: "Somebody".to_owned(),
        password_hash: PasswordHash("$argon2id$…".to_owned()),
        phone_number: None,
        is_admin: false,
        email_verified: false,
    }
}

/// The hash of a token that is named by one letter.
pub(crate) fn token(letter: char) -> [u8; 32] {
    [u8::try_from(letter).unwrap(); 32]
}

/// Details of a venue.
pub(crate) fn venue_details(
    name: &str,
    city: &str,
    state: &str,
    country: &str,
    timezone: &str,
) -> VenueDetails {
    VenueDetails {
        name: name.to_owned(),
        address: "1 Main Street".to_owned(),
        city: city.to_owned(),
        state: state.to_owned(),
        country: country.to_owned(),
        timezone: timezone.to_owned(),
        layout_type: "theater".to_owned(),
    }
}

pub(crate) fn new_venue(organization: OrganizationId, details: VenueDetails) -> NewVenue {
    let plan = VenuePlan { document: b"document".to_vec(), compact: b"compact".to_vec() };
    NewVenue { organization, details, capacity: 100, plan }
}

/// Details of an event that is on sale from hour 1 to hour 100, when it starts; it takes two hours.
pub(crate) fn event_details(name: &str) -> EventDetails {
    EventDetails {
        name: name.to_owned(),
        description: String::new(),
        category: "concert".to_owned(),
        starts_at: at(100 * HOUR),
        ends_at: at(102 * HOUR),
        on_sale_at: at(HOUR),
        sales_end_at: at(100 * HOUR),
        currency: Currency::USD,
        price_tiers: r#"{"Floor":300.00}"#.to_owned(),
        fees: None,
        refund_policy: None,
        max_tickets_per_user: 8,
        draft: false,
        image: None,
        options: None,
        performer: String::new(),
        doors_at: None,
    }
}

pub(crate) const HOUR: i64 = 3600;

impl Fixture {
    /// A small venue in Berlin.
    pub(crate) async fn venue(&self, organization: OrganizationId) -> Venue {
        let details = venue_details("Lifecycle", "Berlin", "", "Germany", "Europe/Berlin");
        self.store.venues().create(new_venue(organization, details), None, at(0)).await.unwrap()
    }

    /// An event whose sale is open.
    pub(crate) async fn event(&self, venue: &Venue, details: EventDetails) -> EventNumber {
        let new = NewEvent { organization: venue.organization, venue: venue.id, details };
        let event = self.store.events().create(new, None, at(0)).await.unwrap();
        assert!(self.store.events().move_to(event.number, Lifecycle::Ready, at(0)).await.unwrap());
        event.number
    }
}
