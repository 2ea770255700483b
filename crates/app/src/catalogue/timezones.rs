//! Guesses the time zone of a venue from its address when the organizer gives none: for a state or country with several
//! time zones, the one in which most people live. A zone that the organizer gives is never changed.

/// Zones of US states and Canadian provinces by code and name: for a state with several zones, the one where most people live.
const STATES: &[(&str, &str, &str)] = &[
    ("AL", "Alabama", "America/Chicago"),
    ("AK", "Alaska", "America/Anchorage"),
    ("AZ", "Arizona", "America/Phoenix"),
    ("AR", "Arkansas", "America/Chicago"),
    ("CA", "California", "America/Los_Angeles"),
    ("CO", "Colorado", "America/Denver"),
    ("CT", "Connecticut", "America/New_York"),
    ("DE", "Delaware", "America/New_York"),
    ("DC", "District of Columbia", "America/New_York"),
    ("FL", "Florida", "America/New_York"),
    ("GA", "Georgia", "America/New_York"),
    ("HI", "Hawaii", "Pacific/Honolulu"),
    ("ID", "Idaho", "America/Boise"),
    ("IL", "Illinois", "America/Chicago"),
    ("IN", "Indiana", "America/Indiana/Indianapolis"),
    ("IA", "Iowa", "America/Chicago"),
    ("KS", "Kansas", "America/Chicago"),
    ("KY", "Kentucky", "America/New_York"),
    ("LA", "Louisiana", "America/Chicago"),
    ("ME", "Maine", "America/New_York"),
    ("MD", "Maryland", "America/New_York"),
    ("MA", "Massachusetts", "America/New_York"),
    ("MI", "Michigan", "America/Detroit"),
    ("MN", "Minnesota", "America/Chicago"),
    ("MS", "Mississippi", "America/Chicago"),
    ("MO", "Missouri", "America/Chicago"),
    ("MT", "Montana", "America/Denver"),
    ("NE", "Nebraska", "America/Chicago"),
    ("NV", "Nevada", "America/Los_Angeles"),
    ("NH", "New Hampshire", "America/New_York"),
    ("NJ", "New Jersey", "America/New_York"),
    ("NM", "New Mexico", "America/Denver"),
    ("NY", "New York", "America/New_York"),
    ("NC", "North Carolina", "America/New_York"),
    ("ND", "North Dakota", "America/Chicago"),
    ("OH", "Ohio", "America/New_York"),
    ("OK", "Oklahoma", "America/Chicago"),
    ("OR", "Oregon", "America/Los_Angeles"),
    ("PA", "Pennsylvania", "America/New_York"),
    ("RI", "Rhode Island", "America/New_York"),
    ("SC", "South Carolina", "America/New_York"),
    ("SD", "South Dakota", "America/Chicago"),
    ("TN", "Tennessee", "America/Chicago"),
    ("TX", "Texas", "America/Chicago"),
    ("UT", "Utah", "America/Denver"),
    ("VT", "Vermont", "America/New_York"),
    ("VA", "Virginia", "America/New_York"),
    ("WA", "Washington", "America/Los_Angeles"),
    ("WV", "West Virginia", "America/New_York"),
    ("WI", "Wisconsin", "America/Chicago"),
    ("WY", "Wyoming", "America/Denver"),
];

/// Zones of countries by code and name: for a country with several zones, that of its largest city.
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("AR", "Argentina", "America/Argentina/Buenos_Aires"),
    ("AT", "Austria", "Europe/Vienna"),
    ("AU", "Australia", "Australia/Sydney"),
    ("BE", "Belgium", "Europe/Brussels"),
    ("BR", "Brazil", "America/Sao_Paulo"),
    ("CA", "Canada", "America/Toronto"),
    ("CH", "Switzerland", "Europe/Zurich"),
    ("CL", "Chile", "America/Santiago"),
    ("CN", "China", "Asia/Shanghai"),
    ("CO", "Colombia", "America/Bogota"),
    ("CZ", "Czechia", "Europe/Prague"),
    ("DE", "Germany", "Europe/Berlin"),
    ("DK", "Denmark", "Europe/Copenhagen"),
    ("EG", "Egypt", "Africa/Cairo"),
    ("ES", "Spain", "Europe/Madrid"),
    ("FI", "Finland", "Europe/Helsinki"),
    ("FR", "France", "Europe/Paris"),
    ("GB", "United Kingdom", "Europe/London"),
    ("UK", "Great Britain", "Europe/London"),
    ("GR", "Greece", "Europe/Athens"),
    ("HK", "Hong Kong", "Asia/Hong_Kong"),
    ("HU", "Hungary", "Europe/Budapest"),
    ("ID", "Indonesia", "Asia/Jakarta"),
    ("IE", "Ireland", "Europe/Dublin"),
    ("IL", "Israel", "Asia/Jerusalem"),
    ("IN", "India", "Asia/Kolkata"),
    ("IT", "Italy", "Europe/Rome"),
    ("JP", "Japan", "Asia/Tokyo"),
    ("KE", "Kenya", "Africa/Nairobi"),
    ("KR", "South Korea", "Asia/Seoul"),
    ("MX", "Mexico", "America/Mexico_City"),
    ("MY", "Malaysia", "Asia/Kuala_Lumpur"),
    ("NG", "Nigeria", "Africa/Lagos"),
    ("NL", "Netherlands", "Europe/Amsterdam"),
    ("NO", "Norway", "Europe/Oslo"),
    ("NZ", "New Zealand", "Pacific/Auckland"),
    ("PH", "Philippines", "Asia/Manila"),
    ("PL", "Poland", "Europe/Warsaw"),
    ("PT", "Portugal", "Europe/Lisbon"),
    ("SE", "Sweden", "Europe/Stockholm"),
    ("SG", "Singapore", "Asia/Singapore"),
    ("TH", "Thailand", "Asia/Bangkok"),
    ("TR", "Turkey", "Europe/Istanbul"),
    ("TW", "Taiwan", "Asia/Taipei"),
    ("UA", "Ukraine", "Europe/Kyiv"),
    ("US", "United States", "America/New_York"),
    ("USA", "United States of America", "America/New_York"),
    ("VN", "Vietnam", "Asia/Ho_Chi_Minh"),
    ("ZA", "South Africa", "Africa/Johannesburg"),
];

/// Countries with several zones that are named after cities, by the region of their names.
const WITH_SEVERAL: &[&str] =
    &["America/Mexico_City", "America/Sao_Paulo", "America/Toronto", "Asia/Jakarta", "Australia/Sydney"];

/// The zone of a place: of its state if the country is the United States or unknown; else of its city if the country has several zones; else
/// of its country; else UTC.
#[must_use]
pub fn of_place(city: &str, state: &str, country: &str) -> String {
    let american = ["", "US", "USA", "U.S.", "United States", "United States of America"];
    let by_state =
        american.iter().any(|name| name.eq_ignore_ascii_case(country.trim())).then(|| find(STATES, state));
    let zone = by_state.flatten().or_else(|| find(COUNTRIES, country)).unwrap_or("UTC");
    of_city(city, zone).unwrap_or_else(|| zone.to_owned())
}

fn of_city(city: &str, zone: &str) -> Option<String> {
    let (region, _) = zone.split_once('/').filter(|_| WITH_SEVERAL.contains(&zone))?;
    let name = format!("{region}/{}", city.trim().replace(' ', "_"));
    let named = jiff::tz::TimeZone::get(&name).ok()?;
    named.iana_name().map(str::to_owned)
}

fn find(table: &'static [(&str, &str, &'static str)], place: &str) -> Option<&'static str> {
    let place = place.trim();
    let named = |entry: &&(&str, &str, &str)| {
        entry.0.eq_ignore_ascii_case(place) || entry.1.eq_ignore_ascii_case(place)
    };
    table.iter().find(named).map(|(_, _, zone)| *zone)
}

/// The name of an IANA time zone in IANA's spelling; `None` if it is unknown.
#[must_use]
pub fn named(name: &str) -> Option<String> {
    jiff::tz::TimeZone::get(name).ok()?.iana_name().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_zones() {
        for (city, state, country, zone) in [
            ("New York", "NY", "USA", "America/New_York"),
            ("Los Angeles", "california", "us", "America/Los_Angeles"),
            ("Hamburg", "", "Germany", "Europe/Berlin"),
            ("Paris", "Bayern", "DE", "Europe/Berlin"),
            ("Ottawa", "CA", "Canada", "America/Toronto"),
            (" vancouver ", "BC", "Canada", "America/Vancouver"),
            ("Perth", "WA", "Australia", "Australia/Perth"),
            ("Cairns", "QLD", "Australia", "Australia/Sydney"),
            ("../Perth", "", "AU", "Australia/Sydney"),
            ("", "", "AU", "Australia/Sydney"),
            ("Berlin", "", "Atlantis", "UTC"),
            ("Paris", "TX", "", "America/Chicago"),
        ] {
            assert_eq!(of_place(city, state, country), zone, "{city}, {state}, {country}");
        }
    }

    #[test]
    fn zones_are_named_as_iana_does() {
        assert_eq!(named("europe/berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(named("Mars/Base"), None);
    }

    #[test]
    fn every_zone_of_the_tables_exists() {
        for (_, place, zone) in STATES.iter().chain(COUNTRIES) {
            assert_eq!(named(zone).as_deref(), Some(*zone), "{place}");
        }
    }
}
