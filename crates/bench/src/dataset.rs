//! The data folder with which a measurement begins: many signed-in accounts, and events on sale.
//!
//! Events are created through the application. Accounts are written directly into the store's tables, because a hundred thousand sign-ins
//! would take an hour for Argon2; their tokens are signed with the installation's keys.

use anyhow::{Context, Result, anyhow};
use fairseat_app::App;
use fairseat_app::access::{AccessTokens, SessionClaims};
use fairseat_app::catalogue::events::{self, CreatedBy};
use fairseat_app::catalogue::{plans, terms};
use fairseat_app::data_dir::ServedDataDir;
use fairseat_app::ids::PublicIds;
use fairseat_app::keys::Keys;
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::PriceTier;
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::wire::encode_plan;
use fairseat_engine::{Clock as _, SystemClock};
use fairseat_server::Server;
use fairseat_server::config::Settings;
use fairseat_store::STORE_FILE;
use fairseat_store::SessionId;
use fairseat_store::events::{EventDetails, NewEvent};
use fairseat_store::quotas::Amounts;
use fairseat_store::users::{NewUser, PasswordHash};
use fairseat_store::venues::{NewVenue, VenueDetails, VenuePlan};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fs;
use std::path::Path;
use uuid::Uuid;

const DATASET_FILE: &str = "dataset.json";
const TOKENS_FILE: &str = "tokens.txt";
/// Seats in a row of every hall.
pub(crate) const ROW: u32 = 100;
/// Rows in a section.
pub(crate) const ROWS: u32 = 50;
/// The price of every seat in minor units.
pub(crate) const PRICE: i64 = 50_00;

/// The contents of the folder.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Dataset {
    /// Seats of each event.
    pub(crate) seats: u32,
    /// Numbers of the events whose seats are sold one after the other.
    pub(crate) events: Vec<u64>,
    /// The number of the event for whose same few seats all buyers compete.
    pub(crate) hot_event: u64,
}

/// The wanted contents of the folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DatasetSize {
    /// Seats of each event: a multiple of a row.
    pub(crate) seats: u32,
    /// The number of events, without the contended one.
    pub(crate) events: usize,
    /// Accounts that are signed in.
    pub(crate) accounts: u32,
}

impl Dataset {
    /// Creates the folder.
    ///
    /// # Errors
    /// When the server's code refuses something.
    pub(crate) async fn create(folder: &Path, wanted: DatasetSize) -> Result<Self> {
        let locked = ServedDataDir::take(folder)?;
        let keys = Keys::load_or_create(folder)?;
        let server = Server::open(Settings::new(folder.to_owned()), keys, "http://bench").await?;
        let made = create_events(&server.app, wanted).await;
        server.app.engine.stop().await;
        let dataset = made?;
        drop(server);
        sign_in(folder, wanted.accounts)?;
        fs::write(folder.join(DATASET_FILE), serde_json::to_vec(&dataset)?)?;
        drop(locked);
        Ok(dataset)
    }

    /// Reads the description of a folder that [`Self::create`] made.
    ///
    /// # Errors
    /// When the folder has none.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let file = folder.join(DATASET_FILE);
        let json = fs::read(&file).with_context(|| format!("no {}", file.display()))?;
        Ok(serde_json::from_slice(&json)?)
    }
}

/// The access tokens of all accounts in a folder.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn tokens(folder: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(folder.join(TOKENS_FILE)).context("no tokens")?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The hall in the short form: sections of 50 rows of 100 seats, the last one smaller.
pub(crate) fn plan_json(seats: u32) -> String {
    let sections = (0..seats.div_ceil(ROW * ROWS)).map(|number| {
        let rows = (seats / ROW - number * ROWS).clamp(1, ROWS);
        let row = ROW.min(seats);
        format!("{{\"name\":\"Block {number}\",\"rows\":{rows},\"seats_per_row\":{row}}}")
    });
    format!("{{\"name\":\"Hall\",\"sections\":[{}]}}", sections.collect::<Vec<_>>().join(","))
}

/// A price for every section of a plan.
pub(crate) fn tiers(plan: &SeatingPlan) -> Vec<PriceTier> {
    plan.sections()
        .map(|section| PriceTier { name: section.name().to_owned(), price: Amount(PRICE) })
        .collect()
}

async fn create_events(app: &App, wanted: DatasetSize) -> Result<Dataset> {
    let plan =
        plans::import_document(RawValue::from_string(plan_json(wanted.seats))?, false, [0, 0]).await?.plan;
    let organizer = NewUser {
        email: "organizer@bench.test".to_owned(),
        username: "organizer".to_owned(),
        password_hash: PasswordHash(String::new()),
        phone_number: None,
        is_admin: false,
        email_verified: true,
    };
    let now = app.now();
    let store = &app.store;
    let organizer = store.users().create(organizer, None, now).await?.id;
    let organization = store.organizations().create("Bench".to_owned(), organizer, None, now).await?.id;
    let most = Amounts::MAX;
    let plenty =
        Amounts { draft_events: most, published_events: most, seats: most, venues: most, pictures: most };
    store.quotas().set(organization, Some(plenty)).await?;
    let text = |text: &str| text.to_owned();
    let venue = NewVenue {
        organization,
        details: VenueDetails {
            name: text("Hall"),
            address: text("1 Main Street"),
            city: text("New York"),
            state: text("NY"),
            country: text("US"),
            timezone: text("America/New_York"),
            layout_type: text("arena"),
        },
        capacity: wanted.seats,
        plan: VenuePlan { document: Vec::new(), compact: encode_plan(&plan)? },
    };
    let venue = store.venues().create(venue, None, now).await?.id;
    let mut numbers = Vec::new();
    for _ in 0..=wanted.events {
        let new = NewEvent { organization, venue, details: details(&plan, now)? };
        let entered_by = CreatedBy { actor: Actor::Account(organizer), request: 0 };
        let created = events::create(app, new, plan.clone(), entered_by, None).await?;
        numbers.push(created.0.number.0);
    }
    let hot_event = numbers.pop().context("no event")?;
    Ok(Dataset { seats: wanted.seats, events: numbers, hot_event })
}

fn details(plan: &SeatingPlan, now: Timestamp) -> Result<EventDetails> {
    let hours = |count: i64| now.plus(Millis::from_seconds(count * 3_600));
    Ok(EventDetails {
        name: "The Night Everybody Wants".to_owned(),
        description: "A concert.".to_owned(),
        category: "concert".to_owned(),
        starts_at: hours(24 * 90),
        ends_at: hours(24 * 90 + 3),
        on_sale_at: hours(-1),
        sales_end_at: hours(24 * 90),
        currency: Currency::USD,
        price_tiers: terms::to_json(&tiers(plan)).map_err(|problem| anyhow!("{problem:?}"))?,
        fees: None,
        refund_policy: None,
        max_tickets_per_user: 1_000,
        draft: false,
        image: None,
        options: None,
        performer: String::new(),
        doors_at: None,
    })
}

/// Writes accounts with one session each into the store, and their tokens into a file beside it.
fn sign_in(folder: &Path, accounts: u32) -> Result<()> {
    let tokens = AccessTokens::new(&Keys::load_or_create(folder)?.tokens);
    let now = SystemClock.now();
    let (now_ms, later_ms) = (now.as_millis(), now.plus(Millis::from_seconds(24 * 3_600)).as_millis());
    let mut store = Connection::open(folder.join(STORE_FILE))?;
    let transaction = store.transaction()?;
    let mut lines = String::new();
    {
        let mut user = transaction.prepare(
            "INSERT INTO users (id, email, email_key, username, password_hash, is_admin, auth_epoch, email_verified_at, \
             created_at, updated_at) VALUES (?1, ?2, ?2, 'buyer', '', 0, 0, ?3, ?3, ?3)",
        )?;
        let mut session = transaction.prepare(
            "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)",
        )?;
        for number in 0..accounts {
            let (account, session_id) = (Uuid::new_v4(), Uuid::new_v4());
            user.execute(params![account.as_bytes(), format!("buyer-{number}@bench.test"), now_ms])?;
            session.execute(params![session_id.as_bytes(), account.as_bytes(), now_ms, later_ms])?;
            let account = AccountId(account.as_u128());
            let claims = SessionClaims { account, session: SessionId(session_id) };
            lines.push_str(&tokens.issue(claims, now)?);
            lines.push('\n');
        }
    }
    transaction.commit()?;
    Ok(fs::write(folder.join(TOKENS_FILE), lines)?)
}

/// The public id of the event that is sold first.
///
/// # Errors
/// When the folder has no data set.
pub(crate) fn first_event_id(folder: &Path) -> Result<Uuid> {
    let first = Dataset::read(folder)?.events.first().copied().context("no event")?;
    public_id(folder, first)
}

/// The public id of the contended event.
///
/// # Errors
/// When the folder has no data set.
pub(crate) fn hot_event_id(folder: &Path) -> Result<Uuid> {
    public_id(folder, Dataset::read(folder)?.hot_event)
}

fn public_id(folder: &Path, event: u64) -> Result<Uuid> {
    let ids = PublicIds::new(Keys::load_or_create(folder)?.ids.expose());
    Ok(ids.event(EventNumber(event)))
}
