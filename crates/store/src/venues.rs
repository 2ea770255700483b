//! Venues and their seating plans. Only the venue's organization sees a venue itself; the public sees it through its events.

use crate::database::Database;
use crate::error::StoreError;
use crate::events;
use crate::idempotency::{self, ScopeKey};
use crate::ids::{OrganizationId, VenueId};
use crate::page::{Listing, Page};
use crate::quotas::{self, Quota, QuotaError};
use crate::scope::Scope;
use crate::search::places::{self, Place};
use crate::sql::{Filter, Row, Sql, values};
use fairseat_domain::time::Timestamp;

/// The details of a venue that organizers enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueDetails {
    /// Its name.
    pub name: String,
    /// Street and number.
    pub address: String,
    /// The city.
    pub city: String,
    /// The state, as a code or a name; may be empty.
    pub state: String,
    /// The country, as a code or a name.
    pub country: String,
    /// The time zone, an IANA name.
    pub timezone: String,
    /// Stadium, theater, arena, …
    pub layout_type: String,
}

impl VenueDetails {
    /// The venue's place, in the form that search compares.
    pub(crate) fn place(&self) -> Place<'_> {
        let Self { name, city, state, country, .. } = self;
        Place { name, city, state, country }
    }
}

/// A venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Its id.
    pub id: VenueId,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The details that organizers enter.
    pub details: VenueDetails,
    /// The number of seats of its plan.
    pub capacity: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// The columns of a venue called `v`, as [`read`] expects them.
pub(crate) const COLUMNS: &str = "v.id, v.organization_id, v.name, v.address, v.city, v.state, v.country, \
                                  v.timezone, v.layout_type, v.capacity, v.created_at, v.updated_at";

pub(crate) fn read(row: &Row<'_>) -> Result<Venue, StoreError> {
    Ok(Venue {
        id: row.next()?,
        organization: row.next()?,
        details: VenueDetails {
            name: row.next()?,
            address: row.next()?,
            city: row.next()?,
            state: row.next()?,
            country: row.next()?,
            timezone: row.next()?,
            layout_type: row.next()?,
        },
        capacity: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

/// A seating plan in the two forms that are stored; the store does not parse either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenuePlan {
    /// The imported document, compressed by the caller.
    pub document: Vec<u8>,
    /// The domain's compact form, with which new sales are opened.
    pub compact: Vec<u8>,
}

/// A new venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVenue {
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The details that organizers enter.
    pub details: VenueDetails,
    /// The number of seats of the plan.
    pub capacity: u32,
    /// The plan.
    pub plan: VenuePlan,
}

/// The outcome of deleting a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenueDeletion {
    /// It is deleted.
    Deleted,
    /// The scope sees no such venue.
    NotFound,
    /// So many events take place there; nothing is changed.
    HasEvents(u64),
}

/// Venues; from [`crate::Store::venues`].
#[derive(Clone, Copy, Debug)]
pub struct Venues<'s>(pub(crate) &'s Database);

impl Venues<'_> {
    /// Creates a venue with its plan under a new random id.
    ///
    /// `claim` is the key of the request that creates it, claimed in [`crate::Store::idempotency`].
    ///
    /// # Errors
    /// [`QuotaError::Reached`] if the organization has too many venues or seats; or when the database fails, or there is no such organization.
    pub async fn create(
        &self,
        new: NewVenue,
        claim: Option<ScopeKey>,
        now: Timestamp,
    ) -> Result<Venue, QuotaError> {
        self.0
            .write("venues.create", move |sql| {
                quotas::check(sql, new.organization, (Quota::Venues, 1), now)?;
                quotas::check(sql, new.organization, (Quota::Seats, new.capacity.into()), now)?;
                let venue = create(sql, new.clone(), now)?;
                idempotency::record_created(sql, claim, venue.id.0.as_u128())?;
                Ok(venue)
            })
            .await
    }

    /// A venue, if the scope may see it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(&self, id: VenueId, scope: &Scope) -> Result<Option<Venue>, StoreError> {
        let scope = scope.clone();
        self.0.read("venues.get", move |sql| get(sql, id, &scope)).await
    }

    /// A venue's plan, if the scope may see the venue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan(&self, id: VenueId, scope: &Scope) -> Result<Option<VenuePlan>, StoreError> {
        let mut filter = one_in(id, scope);
        filter.and("p.venue_id = v.id");
        let text =
            format!("SELECT p.document, p.compact FROM venues v, venue_plans p WHERE {}", filter.condition());
        self.0
            .read("venues.plan", move |sql| {
                sql.one(&text, filter.values(), |row| {
                    Ok(VenuePlan { document: row.next()?, compact: row.next()? })
                })
            })
            .await
    }

    /// The venues that the scope may see, the newest first, optionally those of one organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        scope: &Scope,
        organization: Option<OrganizationId>,
        page: Page,
    ) -> Result<Listing<Venue>, StoreError> {
        let mut filter = Filter::new();
        filter.and("v.deleted_at IS NULL");
        let owned = scope.owns("v.organization_id", &mut filter);
        filter.and(owned);
        if let Some(organization) = organization {
            let organization = filter.bind(organization);
            filter.and(format!("v.organization_id = {organization}"));
        }
        self.0.read("venues.list", move |sql| list(sql, filter, page)).await
    }

    /// Applies `change` to the current details of a venue; `change` may refuse. Also updates the search index and the local dates of the
    /// venue's events. Returns `None` when the scope may not see the venue.
    ///
    /// # Errors
    /// The refusal of `change`, or when the database fails. Then nothing is changed.
    pub async fn update<E: From<StoreError> + Send + 'static>(
        &self,
        id: VenueId,
        scope: &Scope,
        change: impl Fn(&mut VenueDetails) -> Result<(), E> + Send + 'static,
        now: Timestamp,
    ) -> Result<Option<Venue>, E> {
        let scope = scope.clone();
        self.0
            .write("venues.update", move |sql| {
                let Some(mut venue) = get(sql, id, &scope)? else { return Ok(None) };
                change(&mut venue.details)?;
                venue.updated_at = now;
                save(sql, &venue)?;
                Ok(Some(venue))
            })
            .await
    }

    /// Replaces the plan of a venue, for events that are made later: an event has a plan of its own. Returns `None` when the scope sees no such
    /// venue.
    ///
    /// # Errors
    /// [`QuotaError::Reached`] if the organization would have too many seats; or when the database fails.
    pub async fn replace_plan(
        &self,
        id: VenueId,
        scope: &Scope,
        capacity: u32,
        plan: VenuePlan,
        now: Timestamp,
    ) -> Result<Option<Venue>, QuotaError> {
        let scope = scope.clone();
        self.0
            .write("venues.replace_plan", move |sql| {
                let Some(venue) = get(sql, id, &scope)? else { return Ok(None) };
                let more = capacity.saturating_sub(venue.capacity);
                quotas::check(sql, venue.organization, (Quota::Seats, more.into()), now)?;
                let text = "UPDATE venue_plans SET document = ?2, compact = ?3 WHERE venue_id = ?1";
                sql.execute(text, &values![id, plan.document, plan.compact])?;
                let text = "UPDATE venues SET capacity = ?2, updated_at = ?3 WHERE id = ?1";
                sql.execute(text, &values![id, capacity, now])?;
                Ok(Some(Venue { capacity, updated_at: now, ..venue }))
            })
            .await
    }

    /// Deletes a venue where no event takes place, took place or was cancelled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(
        &self,
        id: VenueId,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<VenueDeletion, StoreError> {
        let scope = scope.clone();
        self.0
            .write("venues.delete", move |sql| {
                if get(sql, id, &scope)?.is_none() {
                    return Ok(VenueDeletion::NotFound);
                }
                let count = "SELECT COUNT(*) FROM events WHERE venue_id = ?1 AND stage <> 'deleted'";
                let events = sql.count(count, &values![id])?;
                if events > 0 {
                    return Ok(VenueDeletion::HasEvents(events));
                }
                sql.execute("DELETE FROM venue_plans WHERE venue_id = ?1", &values![id])?;
                sql.execute("UPDATE venues SET deleted_at = ?2 WHERE id = ?1", &values![id, now])?;
                Ok(VenueDeletion::Deleted)
            })
            .await
    }
}

fn one_in(id: VenueId, scope: &Scope) -> Filter {
    let mut filter = Filter::new();
    let id = filter.bind(id);
    filter.and(format!("v.id = {id} AND v.deleted_at IS NULL"));
    let owned = scope.owns("v.organization_id", &mut filter);
    filter.and(owned);
    filter
}

fn get(sql: &Sql<'_>, id: VenueId, scope: &Scope) -> Result<Option<Venue>, StoreError> {
    let filter = one_in(id, scope);
    let text = format!("SELECT {COLUMNS} FROM venues v WHERE {}", filter.condition());
    sql.one(&text, filter.values(), read)
}

fn list(sql: &Sql<'_>, mut filter: Filter, page: Page) -> Result<Listing<Venue>, StoreError> {
    let count = format!("SELECT COUNT(*) FROM venues v WHERE {}", filter.condition());
    let total = sql.count(&count, filter.values())?;
    let page = page.bind(&mut filter);
    let condition = filter.condition();
    let text =
        format!("SELECT {COLUMNS} FROM venues v WHERE {condition} ORDER BY v.created_at DESC, v.id {page}");
    Ok(Listing { rows: sql.all(&text, filter.values(), read)?, total })
}

fn create(sql: &Sql<'_>, new: NewVenue, now: Timestamp) -> Result<Venue, StoreError> {
    let venue = Venue {
        id: VenueId::random(),
        organization: new.organization,
        details: new.details,
        capacity: new.capacity,
        created_at: now,
        updated_at: now,
    };
    let text = "INSERT INTO venues (id, organization_id, name, address, city, state, country, timezone, layout_type, \
                capacity, place, created_at, updated_at) \
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)";
    let details = &venue.details;
    let values = values![
        venue.id,
        venue.organization,
        details.name,
        details.address,
        details.city,
        details.state,
        details.country,
        details.timezone,
        details.layout_type,
        venue.capacity,
        places::column(&details.place()),
        now,
    ];
    sql.execute(text, &values)?;
    let text = "INSERT INTO venue_plans (venue_id, document, compact) VALUES (?1, ?2, ?3)";
    sql.execute(text, &values![venue.id, new.plan.document, new.plan.compact])?;
    Ok(venue)
}

/// Folds the places of all venues, and the texts of their events, again.
pub(crate) fn refold(sql: &Sql<'_>) -> Result<(), StoreError> {
    for venue in sql.all(&format!("SELECT {COLUMNS} FROM venues v"), &[], read)? {
        save(sql, &venue)?;
    }
    Ok(())
}

fn save(sql: &Sql<'_>, venue: &Venue) -> Result<(), StoreError> {
    let text = "UPDATE venues SET name = ?2, address = ?3, city = ?4, state = ?5, country = ?6, timezone = ?7, \
                layout_type = ?8, place = ?9, updated_at = ?10 WHERE id = ?1";
    let details = &venue.details;
    let values = values![
        venue.id,
        details.name,
        details.address,
        details.city,
        details.state,
        details.country,
        details.timezone,
        details.layout_type,
        places::column(&details.place()),
        venue.updated_at,
    ];
    sql.execute(text, &values)?;
    events::index_events_of(sql, venue)
}
