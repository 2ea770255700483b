//! How much an organization may have at one time, so that nobody fills memory and disk by making venues and events.
//!
//! What must hold: what is counted and what is made are read and written in one transaction, so that simultaneous requests cannot exceed a
//! quota together. An organization has the usual amounts ([`Amounts::USUAL`]) unless an administrator has set others. All organizations that one
//! account founded and that have the usual amounts share them, so that founding more of them gains nothing.

use crate::database::Database;
use crate::error::StoreError;
use crate::events;
use crate::ids::OrganizationId;
use crate::sql::{Row, Sql, Value, cell, text_enum, values};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;

text_enum! {
    /// Something that is limited.
    Quota {
        /// Events that are drafts.
        DraftEvents = "draft_events",
        /// Events that are published and not over.
        PublishedEvents = "published_events",
        /// Seats of all venues, and of all events that are not over.
        Seats = "seats",
        /// Venues.
        Venues = "venues",
        /// Different pictures of events.
        Pictures = "pictures",
    }
}

/// An amount of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Events that are drafts.
    pub draft_events: u64,
    /// Events that are published and not over.
    pub published_events: u64,
    /// Seats of all venues, and of all events that are not over.
    pub seats: u64,
    /// Venues.
    pub venues: u64,
    /// Different pictures of events.
    pub pictures: u64,
}

impl Amounts {
    /// What an organization may have if no administrator has said otherwise: more than a venue with a daily programme needs.
    pub const USUAL: Self =
        Self { draft_events: 200, published_events: 1_000, seats: 3_000_000, venues: 200, pictures: 500 };
    /// The most that an administrator can set.
    pub const MAX: u64 = 1_000_000_000;

    /// One of them.
    #[must_use]
    pub const fn get(&self, quota: Quota) -> u64 {
        match quota {
            Quota::DraftEvents => self.draft_events,
            Quota::PublishedEvents => self.published_events,
            Quota::Seats => self.seats,
            Quota::Venues => self.venues,
            Quota::Pictures => self.pictures,
        }
    }
}

/// The quotas of an organization, and what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrganizationQuotas {
    /// What it may have.
    pub limits: Amounts,
    /// What it has.
    pub used: Amounts,
    /// Whether an administrator has set the limits.
    pub is_set: bool,
}

/// A quota that does not allow more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaReached {
    /// Which one.
    pub quota: Quota,
    /// The limit.
    pub limit: u64,
    /// What there is already.
    pub used: u64,
    /// Whether all organizations of the founder are counted together; otherwise it is the organization alone.
    pub of_founder: bool,
}

/// What a change of an event needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A new plan.
    Seats {
        /// The seats of the plan before.
        before: u64,
        /// The seats of the new plan.
        after: u64,
    },
    /// A draft becomes public.
    Publishing,
    /// A published event becomes a draft again.
    Withdrawing,
}

/// Why something was not made.
#[derive(Debug, thiserror::Error)]
pub enum QuotaError {
    /// A quota does not allow it.
    #[error("a quota is used up")]
    Reached(QuotaReached),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Quotas; from [`crate::Store::quotas`].
#[derive(Clone, Copy, Debug)]
pub struct Quotas<'s>(pub(crate) &'s Database);

impl Quotas<'_> {
    /// What an organization may have, and has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        &self,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<OrganizationQuotas, StoreError> {
        self.0
            .read("quotas.of", move |sql| {
                let set = set_limits(sql, organization)?;
                let whose = Whose::Organization(organization);
                let used = Amounts {
                    draft_events: used(sql, Quota::DraftEvents, whose, now)?,
                    published_events: used(sql, Quota::PublishedEvents, whose, now)?,
                    seats: used(sql, Quota::Seats, whose, now)?,
                    venues: used(sql, Quota::Venues, whose, now)?,
                    pictures: used(sql, Quota::Pictures, whose, now)?,
                };
                Ok(OrganizationQuotas { limits: set.unwrap_or(Amounts::USUAL), used, is_set: set.is_some() })
            })
            .await
    }

    /// Sets what an organization may have; `None` gives it the usual amounts again. What it has already stays.
    ///
    /// # Errors
    /// When the database fails, or there is no such organization.
    pub async fn set(&self, organization: OrganizationId, limits: Option<Amounts>) -> Result<(), StoreError> {
        let work = move |sql: &Sql<'_>| {
            let Some(Amounts { draft_events, published_events, seats, venues, pictures }) = limits else {
                return sql
                    .execute("DELETE FROM quotas WHERE organization_id = ?1", &values![organization])
                    .map(drop);
            };
            let text = "INSERT INTO quotas (organization_id, draft_events, published_events, seats, venues, pictures) \
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (organization_id) DO UPDATE SET \
                        draft_events = excluded.draft_events, published_events = excluded.published_events, \
                        seats = excluded.seats, venues = excluded.venues, pictures = excluded.pictures";
            let values = values![organization, draft_events, published_events, seats, venues, pictures];
            sql.execute(text, &values).map(drop)
        };
        self.0.write("quotas.set", work).await
    }

    /// Claims what a change of an event will need, if the quotas allow it: from now on it is counted. Release it with [`Self::release`] when
    /// the change is refused.
    ///
    /// # Errors
    /// [`QuotaError::Reached`], or when the database fails; then nothing is claimed.
    pub async fn claim(&self, event: EventNumber, claim: Claim, now: Timestamp) -> Result<(), QuotaError> {
        let work = move |sql: &Sql<'_>| {
            let Some(found) = events::by_number(sql, event)? else { return Ok(()) };
            let (quota, more) = match claim {
                Claim::Seats { before, after } => (Quota::Seats, after.saturating_sub(before)),
                Claim::Publishing => (Quota::PublishedEvents, found.details.draft.into()),
                Claim::Withdrawing => (Quota::DraftEvents, (!found.details.draft).into()),
            };
            check(sql, found.organization, (quota, more), now)?;
            let (seats, publishing) = match claim {
                Claim::Seats { after, .. } => (after, false),
                Claim::Publishing => (0, true),
                Claim::Withdrawing => (0, false),
            };
            Ok(set_claims(sql, event, seats, publishing)?)
        };
        self.0.write("quotas.claim", work).await
    }

    /// Forgets what was claimed for an event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, event: EventNumber) -> Result<(), StoreError> {
        self.0.write("quotas.release", move |sql| set_claims(sql, event, 0, false)).await
    }
}

/// Checks that an organization may have `more` of something; called in the transaction that makes it.
pub(crate) fn check(
    sql: &Sql<'_>,
    organization: OrganizationId,
    (quota, more): (Quota, u64),
    now: Timestamp,
) -> Result<(), QuotaError> {
    let set = set_limits(sql, organization)?;
    let limit = set.unwrap_or(Amounts::USUAL).get(quota);
    let allow = |whose, of_founder| -> Result<(), QuotaError> {
        let used = used(sql, quota, whose, now)?;
        if more == 0 || used.saturating_add(more) <= limit {
            return Ok(());
        }
        Err(QuotaError::Reached(QuotaReached { quota, limit, used, of_founder }))
    };
    allow(Whose::Organization(organization), false)?;
    let founder = sql.one("SELECT founder FROM organizations WHERE id = ?1", &values![organization], cell)?;
    match founder.flatten().filter(|_| set.is_none()) {
        Some(founder) => allow(Whose::Founder(founder), true),
        None => Ok(()),
    }
}

fn set_claims(sql: &Sql<'_>, event: EventNumber, seats: u64, publishing: bool) -> Result<(), StoreError> {
    let text = "UPDATE events SET claimed_seats = ?2, claimed_publishing = ?3 WHERE number = ?1";
    sql.execute(text, &values![event, seats, publishing]).map(drop)
}

/// Whose things are counted.
#[derive(Clone, Copy)]
enum Whose {
    Organization(OrganizationId),
    /// All organizations of the account that have the usual amounts.
    Founder(AccountId),
}

impl Whose {
    /// The condition on the column with the organization, and the value of `?1` in it.
    fn condition(self, column: &str) -> (String, Value) {
        use crate::sql::Column as _;
        match self {
            Self::Organization(id) => (format!("{column} = ?1"), id.value()),
            Self::Founder(account) => {
                let theirs = "SELECT o.id FROM organizations o WHERE o.founder = ?1 \
                              AND NOT EXISTS (SELECT 1 FROM quotas q WHERE q.organization_id = o.id)";
                (format!("{column} IN ({theirs})"), account.value())
            }
        }
    }
}

fn used(sql: &Sql<'_>, quota: Quota, whose: Whose, now: Timestamp) -> Result<u64, StoreError> {
    let (of_event, id) = whose.condition("e.organization_id");
    let (of_venue, _) = whose.condition("v.organization_id");
    let exists = "e.stage IN ('creating', 'ready')";
    match quota {
        Quota::DraftEvents => sql.count(
            &format!("SELECT COUNT(*) FROM events e WHERE {of_event} AND {exists} AND e.draft = 1"),
            &[id],
        ),
        Quota::PublishedEvents => {
            let [now] = values![now];
            sql.count(
                &format!(
                    "SELECT COUNT(*) FROM events e WHERE {of_event} AND {exists} AND (e.draft = 0 OR e.claimed_publishing = 1) \
                     AND e.ends_at > ?2"
                ),
                &[id, now],
            )
        }
        Quota::Venues => sql.count(
            &format!("SELECT COUNT(*) FROM venues v WHERE {of_venue} AND v.deleted_at IS NULL"),
            &[id],
        ),
        Quota::Pictures => {
            sql.count(&format!("SELECT COUNT(DISTINCT e.image) FROM events e WHERE {of_event}"), &[id])
        }
        Quota::Seats => {
            let of_venues = format!(
                "SELECT CAST(COALESCE(SUM(v.capacity), 0) AS BIGINT) FROM venues v WHERE {of_venue} AND v.deleted_at IS NULL"
            );
            let of_venues = sql.count(&of_venues, std::slice::from_ref(&id))?;
            // An event's plan may have been replaced by another since it was made. Its view has the number of seats.
            let of_events = format!(
                "SELECT CAST(COALESCE(SUM(CASE WHEN e.claimed_seats > COALESCE(w.total, v.capacity) THEN e.claimed_seats \
                 ELSE COALESCE(w.total, v.capacity) END), 0) AS BIGINT) FROM events e JOIN venues v ON v.id = e.venue_id \
                 LEFT JOIN event_views w ON w.event = e.number WHERE {of_event} AND {exists} AND e.ends_at > ?2"
            );
            let [now] = values![now];
            Ok(of_venues.saturating_add(sql.count(&of_events, &[id, now])?))
        }
    }
}

fn set_limits(sql: &Sql<'_>, organization: OrganizationId) -> Result<Option<Amounts>, StoreError> {
    let text = "SELECT draft_events, published_events, seats, venues, pictures FROM quotas WHERE organization_id = ?1";
    sql.one(text, &values![organization], read)
}

fn read(row: &Row<'_>) -> Result<Amounts, StoreError> {
    Ok(Amounts {
        draft_events: row.next()?,
        published_events: row.next()?,
        seats: row.next()?,
        venues: row.next()?,
        pictures: row.next()?,
    })
}
