//! Events as organizers describe them. The sale has the seats, the current prices and everything sold; lists read these from its view.
//!
//! Creating an event takes several steps: it is stored here as `creating`, its sale is opened in the journal, then it becomes `ready`.
//! After a crash in between, [`Events::with_lifecycle`] finds the event, and the remaining steps are repeated.

use crate::database::Database;
use crate::error::StoreError;
use crate::idempotency::{self, ScopeKey};
use crate::ids::{ImageId, OrganizationId, VenueId};
use crate::images;
use crate::listing::{self, EventListing};
use crate::quotas::{self, Quota, QuotaError};
use crate::scope::Scope;
use crate::search::index::{self, Searchable};
use crate::sql::{Filter, Row, Sql, text_enum, values};
use crate::venues::{self, Venue};
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::Currency;
use fairseat_domain::time::Timestamp;

text_enum! {
    /// An event's stage between its creation and its end.
    Lifecycle {
        /// Its sale may not be open yet; nobody sees the event.
        Creating = "creating",
        /// Its sale is open, and it takes place.
        Ready = "ready",
        /// It was cancelled.
        Cancelled = "cancelled",
        /// It was deleted before anything was sold; nobody sees the event.
        Deleted = "deleted",
    }
}

/// The details of an event that organizers enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDetails {
    /// Its name.
    pub name: String,
    /// The description; may be empty.
    pub description: String,
    /// Concert, sports, theater, …
    pub category: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When sales begin.
    pub on_sale_at: Timestamp,
    /// When sales end.
    pub sales_end_at: Timestamp,
    /// The currency of all amounts.
    pub currency: Currency,
    /// Prices by tier, as JSON.
    pub price_tiers: String,
    /// Fees, as JSON.
    pub fees: Option<String>,
    /// The refund policy, as JSON.
    pub refund_policy: Option<String>,
    /// Tickets that one buyer may have.
    pub max_tickets_per_user: u32,
    /// Whether it is a draft, which only its organization sees.
    pub draft: bool,
    /// Its picture, if it has one; see [`crate::images`].
    pub image: Option<ImageId>,
    /// Options of its sale as JSON; `None` for the usual ones.
    pub options: Option<String>,
    /// Who performs or plays: an artist, a band, a company, a team; may be empty.
    pub performer: String,
    /// When the doors open, if the organizer said so.
    pub doors_at: Option<Timestamp>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, which is part of every id of its sale; from 1, never reused.
    pub number: EventNumber,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The venue.
    pub venue: VenueId,
    /// Its stage between its creation and its end.
    pub lifecycle: Lifecycle,
    /// The details that organizers enter.
    pub details: EventDetails,
    /// The start as first announced, if the event has been rescheduled since.
    pub moved_from: Option<Timestamp>,
    /// The version of its sale that the details show, as a position in the sale's journal.
    pub sale_position: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A new event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The venue.
    pub venue: VenueId,
    /// The details that organizers enter.
    pub details: EventDetails,
}

/// The columns of an event called `e`, as [`read`] expects them.
pub(crate) const COLUMNS: &str = "e.number, e.organization_id, e.venue_id, e.stage, e.name, e.description, e.category, \
                                  e.starts_at, e.ends_at, e.on_sale_at, e.sales_end_at, e.currency, e.price_tiers, \
                                  e.fees, e.refund_policy, e.max_tickets_per_user, e.draft, e.image, e.options, e.performer, e.doors_at, \
                                  e.moved_from, e.sale_position, e.created_at, e.updated_at";

pub(crate) fn read(row: &Row<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        number: row.next()?,
        organization: row.next()?,
        venue: row.next()?,
        lifecycle: row.next()?,
        details: EventDetails {
            name: row.next()?,
            description: row.next()?,
            category: row.next()?,
            starts_at: row.next()?,
            ends_at: row.next()?,
            on_sale_at: row.next()?,
            sales_end_at: row.next()?,
            currency: row.next()?,
            price_tiers: row.next()?,
            fees: row.next()?,
            refund_policy: row.next()?,
            max_tickets_per_user: row.next()?,
            draft: row.next()?,
            image: row.next()?,
            options: row.next()?,
            performer: row.next()?,
            doors_at: row.next()?,
        },
        moved_from: row.next()?,
        sale_position: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

/// Events; from [`crate::Store::events`].
#[derive(Clone, Copy, Debug)]
pub struct Events<'s>(pub(crate) &'s Database);

impl Events<'_> {
    /// Creates an event under the next number, as [`Lifecycle::Creating`].
    ///
    /// `claim` is the key of the request that creates it, claimed in [`crate::Store::idempotency`].
    ///
    /// # Errors
    /// [`QuotaError::Reached`] if the organization has too many drafts, published events or seats; or when the database fails, or there is no such organization
    /// or venue.
    pub async fn create(
        &self,
        new: NewEvent,
        claim: Option<ScopeKey>,
        now: Timestamp,
    ) -> Result<Event, QuotaError> {
        self.0
            .write("events.create", move |sql| {
                let text = "SELECT capacity FROM venues WHERE id = ?1";
                let seats = sql.one(text, &values![new.venue], crate::sql::cell)?.unwrap_or(0);
                quotas::check(sql, new.organization, (Quota::Seats, seats), now)?;
                let kind = if new.details.draft { Quota::DraftEvents } else { Quota::PublishedEvents };
                quotas::check(sql, new.organization, (kind, 1), now)?;
                let event = create(sql, &new, now)?;
                idempotency::record_created(sql, claim, event.number.0.into())?;
                Ok(event)
            })
            .await
    }

    /// Events with this lifecycle and a number above `after`, by number. Those that are `Creating` still need their sale opened.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn with_lifecycle(
        &self,
        lifecycle: Lifecycle,
        after: EventNumber,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        // The lifecycle is part of the text rather than a parameter, so that SQLite uses the partial index of unfinished events.
        let text = format!(
            "SELECT {COLUMNS} FROM events e WHERE e.stage = '{}' AND e.number > ?1 ORDER BY e.number LIMIT ?2",
            lifecycle.name()
        );
        let values = values![after, limit];
        self.0.read("events.with_lifecycle", move |sql| sql.all(&text, &values, read)).await
    }

    /// An event with any lifecycle, without a scope: for work inside the server.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_number(&self, number: EventNumber) -> Result<Option<Event>, StoreError> {
        self.0.read("events.by_number", move |sql| by_number(sql, number)).await
    }

    /// An event with its venue, figures and status at `now`, if the scope may see it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(
        &self,
        number: EventNumber,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Option<EventListing>, StoreError> {
        let mut filter = Filter::new();
        let columns = listing::columns(&mut filter, now);
        let number = filter.bind(number);
        filter.and(format!("e.number = {number}"));
        listing::visible(scope, &mut filter);
        let text = format!("SELECT {columns} FROM {} WHERE {}", listing::TABLES, filter.condition());
        self.0.read("events.get", move |sql| sql.one(&text, filter.values(), listing::read)).await
    }

    /// Applies `change` to the current details of an event of the scope's organizations; `change` may refuse. Returns `None` when they have
    /// no such event or it is deleted.
    ///
    /// # Errors
    /// The refusal of `change`, or when the database fails. Then nothing is changed.
    pub async fn update<E: From<StoreError> + Send + 'static>(
        &self,
        number: EventNumber,
        scope: &Scope,
        change: impl Fn(&mut EventDetails) -> Result<(), E> + Send + 'static,
        now: Timestamp,
    ) -> Result<Option<Event>, E> {
        let scope = scope.clone();
        self.0
            .write("events.update", move |sql| {
                let Some(mut event) = owned(sql, number, &scope)? else { return Ok(None) };
                let before = event.details.clone();
                change(&mut event.details)?;
                event.moved_from = moved_from(event.moved_from, &before, &event.details);
                event.updated_at = now;
                save(sql, &event)?;
                Ok(Some(event))
            })
            .await
    }

    /// Changes the details of an event that is not deleted, to show this version of its sale. `change` learns whether the row shows a newer version
    /// already, which another node wrote: then it must leave alone what comes from the sale.
    ///
    /// # Errors
    /// Those of `change`, and when the database fails; then nothing was changed.
    pub async fn follow_sale<E: From<StoreError> + Send + 'static>(
        &self,
        number: EventNumber,
        position: u64,
        change: impl Fn(&mut EventDetails, bool) -> Result<(), E> + Send + 'static,
        now: Timestamp,
    ) -> Result<(), E> {
        self.0
            .write("events.follow_sale", move |sql| {
                let known = by_number(sql, number)?.filter(|event| event.lifecycle != Lifecycle::Deleted);
                let Some(mut event) = known else { return Ok(()) };
                let before = event.details.clone();
                change(&mut event.details, event.sale_position > position)?;
                event.moved_from = moved_from(event.moved_from, &before, &event.details);
                event.sale_position = event.sale_position.max(position);
                event.updated_at = now;
                Ok(save(sql, &event)?)
            })
            .await
    }

    /// Moves an event forward in its lifecycle: from creating to ready or deleted, from ready to cancelled or deleted. Returns whether the event
    /// has that lifecycle now, so a repeated call is harmless.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn move_to(
        &self,
        number: EventNumber,
        lifecycle: Lifecycle,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.write("events.move_to", move |sql| move_to(sql, number, lifecycle, now)).await
    }
}

pub(crate) fn by_number(sql: &Sql<'_>, number: EventNumber) -> Result<Option<Event>, StoreError> {
    let text = format!("SELECT {COLUMNS} FROM events e WHERE e.number = ?1");
    sql.one(&text, &values![number], read)
}

fn owned(sql: &Sql<'_>, number: EventNumber, scope: &Scope) -> Result<Option<Event>, StoreError> {
    let mut filter = Filter::new();
    let number = filter.bind(number);
    filter.and(format!("e.number = {number} AND e.stage <> 'deleted'"));
    let owned = scope.owns("e.organization_id", &mut filter);
    filter.and(owned);
    let text = format!("SELECT {COLUMNS} FROM events e WHERE {}", filter.condition());
    sql.one(&text, filter.values(), read)
}

fn create(sql: &Sql<'_>, new: &NewEvent, now: Timestamp) -> Result<Event, StoreError> {
    let text = "INSERT INTO events (organization_id, venue_id, stage, name, description, category, starts_at, ends_at, \
                on_sale_at, sales_end_at, currency, price_tiers, fees, refund_policy, max_tickets_per_user, draft, \
                name_key, category_key, local_date, created_at, updated_at) \
                VALUES (?1, ?2, 'creating', '', '', '', 0, 0, 0, 0, 'USD', '', NULL, NULL, 0, 0, '', '', '', ?3, ?3) \
                RETURNING number";
    let number = sql
        .one(text, &values![new.organization, new.venue, now], crate::sql::cell)?
        .ok_or(StoreError::Unreadable("an event just entered"))?;
    let event = Event {
        number,
        organization: new.organization,
        venue: new.venue,
        lifecycle: Lifecycle::Creating,
        details: new.details.clone(),
        moved_from: None,
        sale_position: 0,
        created_at: now,
        updated_at: now,
    };
    save(sql, &event)?;
    Ok(event)
}

/// The value of [`Event::moved_from`] after a change. A draft was never announced, and an event moved back to its first date counts as
/// not moved.
fn moved_from(known: Option<Timestamp>, before: &EventDetails, after: &EventDetails) -> Option<Timestamp> {
    let announced = known.or_else(|| (!before.draft).then_some(before.starts_at));
    announced.filter(|announced| *announced != after.starts_at)
}

/// Writes the details and the search index.
pub(crate) fn save(sql: &Sql<'_>, event: &Event) -> Result<(), StoreError> {
    let find = format!("SELECT {} FROM venues v WHERE v.id = ?1 AND v.deleted_at IS NULL", venues::COLUMNS);
    let venue = sql
        .one(&find, &values![event.venue], venues::read)?
        .ok_or(StoreError::Unreadable("an event's venue"))?;
    let text = "UPDATE events SET name = ?2, description = ?3, category = ?4, starts_at = ?5, ends_at = ?6, \
                on_sale_at = ?7, sales_end_at = ?8, currency = ?9, price_tiers = ?10, fees = ?11, refund_policy = ?12, \
                max_tickets_per_user = ?13, draft = ?14, updated_at = ?15, moved_from = ?16, image = ?17, options = ?18, performer = ?19, doors_at = ?20, \
                sale_position = ?21, claimed_publishing = 0 WHERE number = ?1";
    let details = &event.details;
    let values = values![
        event.number,
        details.name,
        details.description,
        details.category,
        details.starts_at,
        details.ends_at,
        details.on_sale_at,
        details.sales_end_at,
        details.currency,
        details.price_tiers,
        details.fees,
        details.refund_policy,
        details.max_tickets_per_user,
        details.draft,
        event.updated_at,
        event.moved_from,
        details.image,
        details.options,
        details.performer,
        details.doors_at,
        event.sale_position,
    ];
    sql.execute(text, &values)?;
    index_event(sql, event, &venue)
}

fn index_event(sql: &Sql<'_>, event: &Event, venue: &Venue) -> Result<(), StoreError> {
    let EventDetails { name, description, category, starts_at, performer, .. } = &event.details;
    let (place, timezone) = (venue.details.place(), &venue.details.timezone);
    let searchable = Searchable {
        number: event.number,
        name,
        performer,
        description,
        category,
        starts_at: *starts_at,
        place,
        timezone,
    };
    index::put(sql, &searchable)
}

/// Indexes the events of a venue again, because the venue was changed.
pub(crate) fn index_events_of(sql: &Sql<'_>, venue: &Venue) -> Result<(), StoreError> {
    let text = format!(
        "SELECT {COLUMNS} FROM events e WHERE e.venue_id = ?1 AND e.stage <> 'deleted' ORDER BY e.number"
    );
    for event in sql.all(&text, &values![venue.id], read)? {
        index_event(sql, &event, venue)?;
    }
    Ok(())
}

fn move_to(
    sql: &Sql<'_>,
    number: EventNumber,
    lifecycle: Lifecycle,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(event) = by_number(sql, number)? else { return Ok(false) };
    let allowed = match lifecycle {
        Lifecycle::Creating => false,
        Lifecycle::Ready => event.lifecycle == Lifecycle::Creating,
        Lifecycle::Cancelled => event.lifecycle == Lifecycle::Ready,
        Lifecycle::Deleted => matches!(event.lifecycle, Lifecycle::Creating | Lifecycle::Ready),
    };
    if allowed {
        // Becoming ready completes the creation and is not a change of the event, so `updated_at` stays.
        let text = "UPDATE events SET stage = ?2, updated_at = CASE WHEN ?2 = 'ready' THEN updated_at ELSE ?3 END \
                    WHERE number = ?1";
        sql.execute(text, &values![number, lifecycle, now])?;
        if lifecycle == Lifecycle::Deleted {
            index::remove(sql, number)?;
            sql.execute("UPDATE events SET image = NULL WHERE number = ?1", &values![number])?;
            images::drop_unused(sql, event.details.image)?;
        }
    }
    Ok(allowed || event.lifecycle == lifecycle)
}
