//! An event as orders, tickets and reservations mention it.

use fairseat_app::App;
use fairseat_app::catalogue::EventInfo;
use fairseat_contract::JsonTime;
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An event in a few words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = EventBrief)]
pub(crate) struct EventSummary {
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

impl EventSummary {
    /// The words about a sale's event.
    #[must_use]
    pub(crate) fn of_sale(app: &App, sale: &Sale, known: Option<&EventInfo>) -> Self {
        Self::of(app, sale.event(), sale.terms().starts_at, known)
    }

    /// The words about an event that begins at `starts_at`, unless the catalogue knows better.
    #[must_use]
    pub(crate) fn of(app: &App, event: EventNumber, starts_at: Timestamp, known: Option<&EventInfo>) -> Self {
        Self {
            event_id: app.ids.event(event),
            name: known.map(|known| known.name.clone()),
            venue: known.map(|known| known.venue.clone()),
            address: known.map(|known| known.address.join(", ")),
            start_time: JsonTime(known.map_or(starts_at, |known| known.starts_at)),
            end_time: known.map(|known| JsonTime(known.ends_at)),
            timezone: known.map(|known| known.timezone.clone()),
        }
    }
}
