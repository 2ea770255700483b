//! The description of an event for orders, tickets, reservations and letters; only this module reads it from the catalogue.
//!
//! Descriptions are cached for a few seconds, until the catalogue changes. An event without a row (its sale was opened without one) is described by its sale.

use crate::metrics::Metrics;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use fairseat_store::{OrganizationId, Scope, Store, StoreError};
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

const CACHED_EVENTS: u64 = 10_000;
const CACHE_FOR: Duration = Duration::from_secs(5);

/// What the catalogue says about an event and its venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventInfo {
    /// The organization that sells it.
    pub organization: OrganizationId,
    /// The organization's name.
    pub organizer: String,
    /// Its name.
    pub name: String,
    /// The venue's name.
    pub venue: String,
    /// Street, city and country; empty parts are left out.
    pub address: Vec<String>,
    /// The venue's time zone.
    pub timezone: String,
    /// When the doors open, if the organizer said so and they open before it begins.
    pub doors_at: Option<Timestamp>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl EventInfo {
    /// The venue and its address on one line.
    #[must_use]
    pub fn place(&self) -> String {
        let lines = std::iter::once(&self.venue).chain(&self.address).filter(|line| !line.is_empty());
        lines.cloned().collect::<Vec<_>>().join(", ")
    }
}

/// Reads events from the catalogue, with a cache of those read lately.
#[derive(Clone, Debug)]
pub struct EventInfos {
    store: Store,
    metrics: Arc<Metrics>,
    /// Each with the catalogue's version that it was read from.
    cache: Cache<EventNumber, (u64, Option<Arc<EventInfo>>)>,
}

impl EventInfos {
    /// With an empty cache.
    #[must_use]
    pub fn new(store: Store, metrics: Arc<Metrics>) -> Self {
        let cache = Cache::builder().max_capacity(CACHED_EVENTS).time_to_live(CACHE_FOR).build();
        Self { store, metrics, cache }
    }

    /// The catalogue's description of an event; `None` when the event has no row. What another process changed is shown a few seconds later.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get(&self, event: EventNumber) -> Result<Option<Arc<EventInfo>>, StoreError> {
        // Read before the rows, so that a change in between makes the description outdated.
        let version = self.store.catalogue_version();
        let cached = self.cache.get(&event).filter(|(read_at, _)| *read_at == version);
        self.metrics.cache("event_briefs", cached.is_some());
        if let Some((_, info)) = cached {
            return Ok(info);
        }
        let info = read(&self.store, event).await?.map(Arc::new);
        self.cache.insert(event, (version, info.clone()));
        Ok(info)
    }
}

async fn read(store: &Store, event: EventNumber) -> Result<Option<EventInfo>, StoreError> {
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
    let organizer = store.organizations().by_id(event.organization).await?;
    Ok(Some(EventInfo {
        organization: event.organization,
        organizer: organizer.map(|by| by.name).unwrap_or_default(),
        name: event.details.name,
        venue: part(|venue| &venue.name),
        address: address.into_iter().filter(|line| !line.is_empty()).collect(),
        timezone: part(|venue| &venue.timezone),
        doors_at: event.details.doors_at.filter(|doors| *doors < event.details.starts_at),
        starts_at: event.details.starts_at,
        ends_at: event.details.ends_at,
    }))
}
