//! The summary of an event in orders, tickets and reservations.

use fairseat_app::App;
use fairseat_app::catalogue::EventInfo;
use fairseat_contract::JsonTime;
use fairseat_contract::events::EventSummary;
use fairseat_domain::Sale;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;

/// The summary of a sale's event.
#[must_use]
pub(crate) fn summary_of_sale(app: &App, sale: &Sale, known: Option<&EventInfo>) -> EventSummary {
    event_summary(app, sale.event(), sale.terms().starts_at, known)
}

/// The summary of an event; `starts_at` is used when the catalogue has no row for it.
#[must_use]
pub(crate) fn event_summary(
    app: &App,
    event: EventNumber,
    starts_at: Timestamp,
    known: Option<&EventInfo>,
) -> EventSummary {
    EventSummary {
        event_id: app.ids.event(event),
        name: known.map(|known| known.name.clone()),
        venue: known.map(|known| known.venue.clone()),
        address: known.map(|known| known.address.join(", ")),
        start_time: JsonTime(known.map_or(starts_at, |known| known.starts_at)),
        doors_time: known.and_then(|known| known.doors_at).map(JsonTime),
        end_time: known.map(|known| JsonTime(known.ends_at)),
        timezone: known.map(|known| known.timezone.clone()),
    }
}
