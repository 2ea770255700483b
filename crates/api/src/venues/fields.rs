//! The rules for a venue's fields.

use fairseat_app::catalogue::timezones;
use fairseat_edge::check::Check;
use fairseat_store::venues::VenueDetails;

pub(crate) fn checked(check: &mut Check, details: VenueDetails) -> VenueDetails {
    let zone = timezones::named(&details.timezone);
    check.that(zone.is_some(), "timezone", "must be an IANA name such as America/New_York");
    VenueDetails {
        name: check.text("name", &details.name, 1..=200),
        address: check.text("address", &details.address, 0..=500),
        city: check.text("city", &details.city, 1..=100),
        state: check.text("state", &details.state, 0..=100),
        country: check.text("country", &details.country, 1..=100),
        timezone: zone.unwrap_or(details.timezone),
        layout_type: check.text("layout_type", &details.layout_type, 1..=50),
    }
}
