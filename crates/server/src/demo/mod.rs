//! The demo's data: accounts, five venues of different kinds, thirty events, two of them sold out by real orders.
//!
//! Loading looks for each object before making it, so an interrupted load is resumed. When everything has been made, a file in the data
//! folder records that, and nothing is made again: data that a visitor renames or deletes does not come back.

mod events;
mod programme;

use anyhow::{Context as _, Result};
use events::EVENTS;
use fairseat_app::App;
use fairseat_app::access::Password;
use fairseat_app::catalogue::events as catalogue_events;
use fairseat_app::catalogue::events::CreatedBy;
use fairseat_app::catalogue::{currencies, plans, terms, timezones};
use fairseat_domain::best_available::BestAvailableRequest;
use fairseat_domain::command::Selection;
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::limits::MAX_HOLD;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{Request, Subject};
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::PriceTier;
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Command, Sale};
use fairseat_engine::{Authorization, Instrument, PaymentRef};
use fairseat_store::events::{EventDetails, NewEvent};
use fairseat_store::organizations::Role;
use fairseat_store::quotas::Amounts;
use fairseat_store::search::EventQuery;
use fairseat_store::users::{NewUser, PasswordHash};
use fairseat_store::venues::{NewVenue, Venue, VenueDetails};
use fairseat_store::{OrganizationId, Page, Scope};
use jiff::civil::{Date, date};
use jiff::{ToSpan as _, ZonedDateTime};
use programme::{Day, DemoEvent, DemoVenue, Plan, Selling, VENUES};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;

/// The password of every demo account.
pub const PASSWORD: &str = "demo-password";
/// The accounts and their purposes.
pub const ACCOUNTS: [(&str, &str); 4] = [
    ("buyer@demo.test", "buys tickets"),
    ("organizer@demo.test", "runs venues and events"),
    ("staff@demo.test", "lets people in"),
    ("admin@demo.test", "administers the platform"),
];

const ORGANIZATIONS: [&str; 2] = ["Curtain Call Presents", "Big Room Live"];
/// Seats in each order that sells an event out.
const BLOCK: u32 = 8;

/// The file in the data folder that records that everything has been made.
const LOADED_FILE: &str = "demo-loaded";

/// Makes the demo's data, unless that was done before.
///
/// # Errors
/// When the store or the journal fails; the next start continues.
pub async fn load(app: &App, data_dir: &Path) -> Result<()> {
    let loaded = data_dir.join(LOADED_FILE);
    if loaded.exists() {
        return Ok(());
    }
    make_what_is_missing(app).await?;
    Ok(std::fs::write(loaded, "")?)
}

async fn make_what_is_missing(app: &App) -> Result<()> {
    let organizer = accounts(app).await?;
    let mut organizations = Vec::new();
    for name in ORGANIZATIONS {
        organizations.push(organization(app, name, organizer).await?);
    }
    let mut known = BTreeMap::new();
    for organization in &organizations {
        known.extend(events_of(app, *organization).await?);
    }
    for (place, demo_venue) in VENUES.iter().enumerate() {
        let missing = |event: &&DemoEvent| event.venue == place && !known.contains_key(event.name);
        let missing: Vec<&DemoEvent> = EVENTS.iter().filter(missing).collect();
        if missing.is_empty() {
            continue;
        }
        // The first organization owns the theatre, the hall and the club; the second one the stadium and the arena.
        let big = matches!(demo_venue.layout_type, "stadium" | "arena");
        let owner =
            organizations.get(usize::from(big)).copied().context("the demo's data is inconsistent")?;
        let (venue, plan) = venue(app, owner, demo_venue).await?;
        for event in missing {
            let number = create_event(app, &venue, &plan, event, organizer).await?;
            known.insert(event.name.to_owned(), number);
        }
    }
    let sold_out = EVENTS.iter().filter(|event| event.selling == Selling::Out);
    for number in sold_out.filter_map(|event| known.get(event.name)) {
        sell_out(app, *number).await?;
    }
    Ok(())
}

/// What each organization of the demo may have.
const PLENTY: Amounts = Amounts { seats: Amounts::MAX, ..Amounts::USUAL };

/// Makes all accounts; returns the organizer's.
async fn accounts(app: &App) -> Result<AccountId> {
    let mut organizer = None;
    for (email, _) in ACCOUNTS {
        let id = account(app, email, Some(PASSWORD), email.starts_with("admin")).await?;
        if email.starts_with("organizer") {
            organizer = Some(id);
        }
    }
    organizer.context("the demo's data is inconsistent")
}

async fn account(app: &App, email: &str, password: Option<&str>, is_admin: bool) -> Result<AccountId> {
    if let Some(user) = app.store.users().by_email(email).await? {
        return Ok(user.id);
    }
    let password_hash = match password {
        Some(password) => app.access.passwords.hash(Password::new(password.to_owned()), [0, 0]).await?,
        // An account without a password: nobody can sign in to it.
        None => PasswordHash(String::new()),
    };
    let username = email.split('@').next().unwrap_or_default().to_owned();
    let new = NewUser {
        email: email.to_owned(),
        username,
        password_hash,
        phone_number: None,
        is_admin,
        email_verified: true,
    };
    Ok(app.store.users().create(new, None, app.now()).await?.id)
}

async fn organization(app: &App, name: &str, owner: AccountId) -> Result<OrganizationId> {
    let organizations = app.store.organizations();
    let known = organizations.by_name(name).await?.into_iter().next();
    let id = match known {
        Some(organization) => organization.id,
        None => organizations.create(name.to_owned(), owner, None, app.now()).await?.id,
    };
    // The demo shows stadiums.
    app.store.quotas().set(id, Some(PLENTY)).await?;
    if let Some(staff) = app.store.users().by_email("staff@demo.test").await? {
        organizations.set_member(id, staff.id, Role::Staff, app.now()).await?;
    }
    Ok(id)
}

async fn events_of(app: &App, organization: OrganizationId) -> Result<Vec<(String, EventNumber)>> {
    let query = EventQuery { organization: Some(organization), ..EventQuery::default() };
    let listing = app.store.search().events(query, &Scope::All, Page::FIRST, app.now()).await?;
    Ok(listing.rows.into_iter().map(|row| (row.event.details.name, row.event.number)).collect())
}

async fn venue(app: &App, organization: OrganizationId, demo: &DemoVenue) -> Result<(Venue, SeatingPlan)> {
    let venues = app.store.venues();
    let known = venues.list(&Scope::All, Some(organization), Page::FIRST).await?;
    if let Some(venue) = known.rows.into_iter().find(|venue| venue.details.name == demo.name) {
        let stored = venues.plan(venue.id, &Scope::All).await?.context("the demo's data is inconsistent")?;
        return Ok((venue, plans::unpack(stored).await?));
    }
    let plan = plans::import_document(RawValue::from_string(plan_json(demo))?, true, [0, 0]).await?.plan;
    let new = NewVenue {
        organization,
        details: VenueDetails {
            name: demo.name.to_owned(),
            address: demo.address.to_owned(),
            city: demo.city.to_owned(),
            state: demo.state.to_owned(),
            country: demo.country.to_owned(),
            timezone: timezones::of_place(demo.city, demo.state, demo.country)
                .context("a place of the demo has no time zone")?,
            layout_type: demo.layout_type.to_owned(),
        },
        capacity: u32::try_from(plan.seat_count()).unwrap_or(u32::MAX),
        plan: plans::pack(plan.clone()).await?,
    };
    Ok((venues.create(new, None, app.now()).await?, plan))
}

fn plan_json(demo: &DemoVenue) -> String {
    let (blocks, stage) = match &demo.plan {
        Plan::File(text, names) => {
            return names.iter().fold((*text).to_owned(), |text, (found, name)| text.replace(found, name));
        }
        Plan::Blocks(blocks, stage) => (blocks, stage),
    };
    let sections = blocks.iter().flat_map(|block| {
        (1..=block.sections).map(move |number| {
            let alone = block.sections == 1;
            let name = if alone { block.name.to_owned() } else { format!("{} {number}", block.name) };
            if block.rows == 0 {
                json!({ "name": name, "general_admission": block.seats })
            } else {
                json!({ "name": name, "rows": block.rows, "seats_per_row": block.seats, "accessible": ["A-1", "A-2"] })
            }
        })
    });
    json!({ "name": demo.name, "sections": sections.collect::<Vec<_>>(), "stage": stage }).to_string()
}

async fn create_event(
    app: &App,
    venue: &Venue,
    plan: &SeatingPlan,
    demo: &DemoEvent,
    organizer: AccountId,
) -> Result<EventNumber> {
    let details = details(app, venue, plan, demo)?;
    let new = NewEvent { organization: venue.organization, venue: venue.id, details };
    let by = CreatedBy { actor: Actor::Account(organizer), request: 0 };
    Ok(catalogue_events::create(app, new, plan.clone(), by, None).await?.0.number)
}

fn details(app: &App, venue: &Venue, plan: &SeatingPlan, demo: &DemoEvent) -> Result<EventDetails> {
    let currency = currencies::of_country(&venue.details.country).unwrap_or(Currency::USD);
    let times =
        Times::of(app.now(), demo, &venue.details.timezone).context("the demo's data is inconsistent")?;
    Ok(EventDetails {
        name: demo.name.to_owned(),
        description: demo.description.to_owned(),
        category: demo.category.to_owned(),
        starts_at: times.starts_at,
        ends_at: times.ends_at,
        on_sale_at: times.on_sale_at,
        sales_end_at: times.starts_at,
        currency,
        price_tiers: terms::to_json(&tiers(plan, demo.prices))?,
        fees: None,
        refund_policy: None,
        max_tickets_per_user: 8,
        draft: false,
        image: None,
        options: None,
        performer: demo.performer.to_owned(),
        doors_at: times.doors_at,
    })
}

/// The times of an event.
struct Times {
    doors_at: Option<Timestamp>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    on_sale_at: Timestamp,
}

impl Times {
    fn of(now: Timestamp, demo: &DemoEvent, timezone: &str) -> Result<Self> {
        let here = jiff::Timestamp::from_millisecond(now.as_millis())?.in_tz(timezone)?;
        let (hour, minute) = demo.when.starts;
        let at = |day: Date, hour, minute| -> Result<ZonedDateTime> {
            Ok(day.at(hour, minute, 0, 0).in_tz(timezone)?)
        };
        let mut starts = at(day_of(demo.when.day, here.date())?, hour, minute)?;
        // What begins within two hours could hardly be sold any more.
        if starts < here.checked_add(2.hours())? {
            starts = starts.checked_add(1.day())?;
        }
        let millis = |zoned: &ZonedDateTime| Timestamp::from_millis(zoned.timestamp().as_millisecond());
        let on_sale = match demo.selling {
            Selling::Now | Selling::Out => at(here.date().checked_sub(3.days())?, 10, 0)?,
            Selling::Later => {
                let month_before = starts.date().checked_sub(30.days())?;
                at(month_before.max(here.date().checked_add(2.days())?), 10, 0)?
            }
        };
        let doors = starts.checked_sub(demo.when.doors_minutes.minutes())?;
        Ok(Self {
            doors_at: (demo.when.doors_minutes > 0).then(|| millis(&doors)),
            starts_at: millis(&starts),
            ends_at: millis(&starts.checked_add(demo.when.minutes.minutes())?),
            on_sale_at: millis(&on_sale),
        })
    }
}

/// The day of an event when it is `today` at its venue.
fn day_of(day: Day, today: Date) -> Result<Date> {
    Ok(match day {
        Day::Today => today,
        Day::Weekday(weekday, days) => {
            let earliest = today.checked_add(days.days())?;
            earliest.checked_add(i64::from(earliest.weekday().until(weekday)).days())?
        }
        Day::Date(month, day) => {
            let this_year = date(today.year(), month, day);
            let is_near = this_year < today.checked_add(3.days())?;
            if is_near { date(today.year() + 1, month, day) } else { this_year }
        }
    })
}

/// Prices by section, by its kind. The theatre has prices by category, and one category is not for sale.
fn tiers(plan: &SeatingPlan, prices: &[i64]) -> Vec<PriceTier> {
    let by_category = plan.categories().iter().any(|category| &*category.name == "NOT AVAILABLE");
    let names: Vec<String> = if by_category {
        plan.categories().iter().map(|category| category.name.to_string()).collect()
    } else {
        plan.sections().map(|section| section.name().to_owned()).collect()
    };
    let kind = |name: &str| name.trim_end_matches(|last: char| last.is_ascii_digit()).trim().to_owned();
    let mut kinds: Vec<String> = Vec::new();
    let mut tiers = Vec::new();
    for name in names.into_iter().filter(|name| name != "NOT AVAILABLE") {
        let kind = if by_category { name.clone() } else { kind(&name) };
        let place = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            kinds.len() - 1
        });
        let price = prices.get(place).or(prices.last()).copied().unwrap_or_default();
        tiers.push(PriceTier { name, price: Amount(price * 100) });
    }
    tiers
}

/// Sells all seats, through reservations and orders like a buyer's.
async fn sell_out(app: &App, event: EventNumber) -> Result<()> {
    for fan in 1_u32.. {
        let published = app.engine.sale(event).await?.published();
        let left = published.state.counts().available;
        if left == 0 {
            return Ok(());
        }
        let buyer = account(app, &format!("fan-{}-{fan}@demo.invalid", event.0), None, false).await?;
        if !buy(app, event, buyer, left.min(BLOCK)).await? {
            // No longer enough seats together: buy a single one.
            buy(app, event, buyer, 1).await?;
        }
    }
    Ok(())
}

async fn buy(app: &App, event: EventNumber, buyer: AccountId, quantity: u32) -> Result<bool> {
    let wanted = BestAvailableRequest { quantity, section: None, max_price: None, accessible: false };
    let place =
        Command::PlaceReservation { buyer, selection: Selection::BestAvailable(wanted), hold: MAX_HOLD };
    let Some((Subject::Reservation(reservation), _)) = decide(app, event, buyer, place).await? else {
        return Ok(false);
    };
    let order =
        Command::PlaceOrder { reservation, buyer, method: "credit_card".to_owned(), instrument: None };
    let Some((Subject::Payment(_, Some(payment)), sale)) = decide(app, event, buyer, order).await? else {
        return Ok(false);
    };
    let amount = sale.payment(payment).map(|payment| payment.amount).unwrap_or_default();
    let authorization = Authorization {
        reference: PaymentRef { event, payment },
        amount,
        currency: sale.terms().currency,
        instrument: Instrument("4242424242424242".to_owned()),
    };
    let followed = app.effects.pay(authorization).await;
    Ok(followed.is_some())
}

async fn decide(
    app: &App,
    event: EventNumber,
    buyer: AccountId,
    command: Command,
) -> Result<Option<(Subject, Sale)>> {
    let request =
        Request { command, actor: Actor::Account(buyer), request: 0, idempotency: None, holder: None };
    let answered = app.engine.submit(event, request).await?;
    Ok(answered.answer.ok().map(|decision| (decision.subject, answered.published.state.clone())))
}
