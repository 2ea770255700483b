//! The catalogue's description of an event, for orders, tickets, reservations and messages.
//!
//! It is cached for a few seconds. An event whose sale was opened without a row has no description.

use crate::app::App;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use fairseat_store::{OrganizationId, Scope, StoreError};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

const REMEMBERED: u64 = 10_000;
const REMEMBER_FOR: Duration = Duration::from_secs(5);

/// What the catalogue says about an event and its venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventInfo {
    /// The organization that sells it.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The venue's name.
    pub venue: String,
    /// Street, city and country; empty parts are left out.
    pub address: Vec<String>,
    /// The venue's time zone.
    pub timezone: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// The cache of descriptions.
#[derive(Clone, Debug)]
pub struct EventInfos(Cache<EventNumber, Option<Arc<EventInfo>>>);

impl Default for EventInfos {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBER_FOR).build())
    }
}

/// The description of an event; `None` if it has no row.
///
/// # Errors
/// When the store fails.
pub async fn lookup(app: &App, event: EventNumber) -> Result<Option<Arc<EventInfo>>, StoreError> {
    let found = app.event_infos.0.get(&event);
    app.metrics.cache("event_briefs", found.is_some());
    if let Some(known) = found {
        return Ok(known);
    }
    let known = read(app, event).await?.map(Arc::new);
    app.event_infos.0.insert(event, known.clone());
    Ok(known)
}

async fn read(app: &App, event: EventNumber) -> Result<Option<EventInfo>, StoreError> {
    let store = &app.store;
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
    Ok(Some(EventInfo {
        organization: event.organization,
        name: event.details.name,
        venue: part(|venue| &venue.name),
        address: address.into_iter().filter(|line| !line.is_empty()).collect(),
        timezone: part(|venue| &venue.timezone),
        starts_at: event.details.starts_at,
        ends_at: event.details.ends_at,
    }))
}
