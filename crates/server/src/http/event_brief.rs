//! An event as orders, tickets and reservations mention it: the one place that asks the catalogue on their behalf.
//!
//! What the catalogue says is remembered for a few seconds. An event it does not know (its sale was opened without one) is
//! told by what its sale knows.

use super::problem::Problem;
use crate::app::App;
use crate::money_json::JsonTime;
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use fairseat_store::{OrganizationId, Scope};
use moka::sync::Cache;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

const REMEMBERED: u64 = 10_000;
const REMEMBER_FOR: Duration = Duration::from_secs(5);

/// What the catalogue knows of an event and its venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whose event it is.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The venue's name.
    pub venue: String,
    /// Street, city and country, as far as they are known.
    pub address: Vec<String>,
    /// The venue's time zone.
    pub timezone: String,
    /// It begins.
    pub starts_at: Timestamp,
    /// It ends.
    pub ends_at: Timestamp,
}

/// Remembers what the catalogue said lately.
#[derive(Clone, Debug)]
pub struct EventBriefs(Cache<EventNumber, Option<Arc<Known>>>);

impl Default for EventBriefs {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBER_FOR).build())
    }
}

/// An event in a few words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EventBrief)]
pub struct EventBrief {
    event_id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// The venue's name
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    venue: Option<String>,
    /// The venue's street, city and country, as far as they are known
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    address: Option<String>,
    start_time: JsonTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    end_time: Option<JsonTime>,
    /// The venue's, an IANA name
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    timezone: Option<String>,
}

impl EventBrief {
    /// The words about a sale's event.
    #[must_use]
    pub fn of_sale(app: &App, sale: &Sale, known: Option<&Known>) -> Self {
        Self::of(app, sale.event(), sale.terms().starts_at, known)
    }

    /// The words about an event that begins at `starts_at`, unless the catalogue knows better.
    #[must_use]
    pub fn of(app: &App, event: EventNumber, starts_at: Timestamp, known: Option<&Known>) -> Self {
        Self {
            event_id: app.platform.ids.event(event),
            name: known.map(|known| known.name.clone()),
            venue: known.map(|known| known.venue.clone()),
            address: known.map(|known| known.address.join(", ")),
            start_time: JsonTime(known.map_or(starts_at, |known| known.starts_at)),
            end_time: known.map(|known| JsonTime(known.ends_at)),
            timezone: known.map(|known| known.timezone.clone()),
        }
    }
}

/// What the catalogue knows of an event; `None` when it does not.
///
/// # Errors
/// When the store fails.
pub async fn known(app: &App, event: EventNumber) -> Result<Option<Arc<Known>>, Problem> {
    let found = app.briefs.0.get(&event);
    app.metrics.cache("event_briefs", found.is_some());
    if let Some(known) = found {
        return Ok(known);
    }
    let known = read(app, event).await?.map(Arc::new);
    app.briefs.0.insert(event, known.clone());
    Ok(known)
}

async fn read(app: &App, event: EventNumber) -> Result<Option<Known>, Problem> {
    let store = &app.platform.store;
    let Some(event) = store.events().by_number(event).await? else { return Ok(None) };
    let venue = store.venues().get(event.venue, &Scope::All).await?.map(|venue| venue.details);
    let part = |part: fn(&fairseat_store::venues::VenueDetails) -> &String| {
        venue.as_ref().map(part).cloned().unwrap_or_default()
    };
    let address = [
        part(|venue| &venue.address),
        part(|venue| &venue.city),
        part(|venue| &venue.state),
        part(|venue| &venue.country),
    ];
    Ok(Some(Known {
        organization: event.organization,
        name: event.details.name,
        venue: part(|venue| &venue.name),
        address: address.into_iter().filter(|line| !line.is_empty()).collect(),
        timezone: part(|venue| &venue.timezone),
        starts_at: event.details.starts_at,
        ends_at: event.details.ends_at,
    }))
}
