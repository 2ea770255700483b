//! The rules for a venue's fields.

use fairseat_app::catalogue::timezones;
use fairseat_edge::check::Check;
use fairseat_store::venues::VenueDetails;

/// Checks the details of a venue. `kept` is the time zone that the venue has already, which is not refused. An empty time zone is one that
/// was not given and cannot be told from the place.
pub(crate) fn checked(check: &mut Check, details: VenueDetails, kept: Option<&str>) -> VenueDetails {
    let zone = timezones::named(&details.timezone)
        .or_else(|| kept.filter(|kept| *kept == details.timezone).map(str::to_owned));
    if details.timezone.is_empty() {
        check.refuse("timezone", "is required for this place: an IANA name such as America/New_York");
    } else if zone.is_none() {
        check.refuse(
            "timezone",
            "must be the IANA name of a place on the same clocks, such as America/New_York; abbreviations such as EST have no summer time",
        );
    }
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
