//! The time zone of a venue from its address, when the organizer gives none: from its state or city, or from its country if nearly everybody
//! there has the same time. It is never a guess: a place that is not known has no zone, and the organizer is asked.

use fairseat_store::search::folded_key;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Countries with their zones and names; its first lines say how to read it.
const COUNTRIES: &str = include_str!("../static/countries.txt");

/// Names without a place, which jiff knows but which are fixed or obsolete clocks. A venue in New York is not always on "EST".
const CLOCKS: &[&str] = &[
    "CET", "CST6CDT", "EET", "EST", "EST5EDT", "Factory", "GMT+0", "GMT-0", "GMT0", "HST", "MET", "MST",
    "MST7MDT", "PST8PDT", "UCT", "WET",
];

/// Zones of states by the country's code, and the state's code and name: for a state with several zones, the one where most people live.
const STATES: &[(&str, &str, &str, &str)] = &[
    ("US", "AL", "Alabama", "America/Chicago"),
    ("US", "AK", "Alaska", "America/Anchorage"),
    ("US", "AZ", "Arizona", "America/Phoenix"),
    ("US", "AR", "Arkansas", "America/Chicago"),
    ("US", "CA", "California", "America/Los_Angeles"),
    ("US", "CO", "Colorado", "America/Denver"),
    ("US", "CT", "Connecticut", "America/New_York"),
    ("US", "DE", "Delaware", "America/New_York"),
    ("US", "DC", "District of Columbia", "America/New_York"),
    ("US", "FL", "Florida", "America/New_York"),
    ("US", "GA", "Georgia", "America/New_York"),
    ("US", "HI", "Hawaii", "Pacific/Honolulu"),
    ("US", "ID", "Idaho", "America/Boise"),
    ("US", "IL", "Illinois", "America/Chicago"),
    ("US", "IN", "Indiana", "America/Indiana/Indianapolis"),
    ("US", "IA", "Iowa", "America/Chicago"),
    ("US", "KS", "Kansas", "America/Chicago"),
    ("US", "KY", "Kentucky", "America/New_York"),
    ("US", "LA", "Louisiana", "America/Chicago"),
    ("US", "ME", "Maine", "America/New_York"),
    ("US", "MD", "Maryland", "America/New_York"),
    ("US", "MA", "Massachusetts", "America/New_York"),
    ("US", "MI", "Michigan", "America/Detroit"),
    ("US", "MN", "Minnesota", "America/Chicago"),
    ("US", "MS", "Mississippi", "America/Chicago"),
    ("US", "MO", "Missouri", "America/Chicago"),
    ("US", "MT", "Montana", "America/Denver"),
    ("US", "NE", "Nebraska", "America/Chicago"),
    ("US", "NV", "Nevada", "America/Los_Angeles"),
    ("US", "NH", "New Hampshire", "America/New_York"),
    ("US", "NJ", "New Jersey", "America/New_York"),
    ("US", "NM", "New Mexico", "America/Denver"),
    ("US", "NY", "New York", "America/New_York"),
    ("US", "NC", "North Carolina", "America/New_York"),
    ("US", "ND", "North Dakota", "America/Chicago"),
    ("US", "OH", "Ohio", "America/New_York"),
    ("US", "OK", "Oklahoma", "America/Chicago"),
    ("US", "OR", "Oregon", "America/Los_Angeles"),
    ("US", "PA", "Pennsylvania", "America/New_York"),
    ("US", "RI", "Rhode Island", "America/New_York"),
    ("US", "SC", "South Carolina", "America/New_York"),
    ("US", "SD", "South Dakota", "America/Chicago"),
    ("US", "TN", "Tennessee", "America/Chicago"),
    ("US", "TX", "Texas", "America/Chicago"),
    ("US", "UT", "Utah", "America/Denver"),
    ("US", "VT", "Vermont", "America/New_York"),
    ("US", "VA", "Virginia", "America/New_York"),
    ("US", "WA", "Washington", "America/Los_Angeles"),
    ("US", "WV", "West Virginia", "America/New_York"),
    ("US", "WI", "Wisconsin", "America/Chicago"),
    ("US", "WY", "Wyoming", "America/Denver"),
    ("CA", "AB", "Alberta", "America/Edmonton"),
    ("CA", "BC", "British Columbia", "America/Vancouver"),
    ("CA", "MB", "Manitoba", "America/Winnipeg"),
    ("CA", "NB", "New Brunswick", "America/Moncton"),
    ("CA", "NL", "Newfoundland and Labrador", "America/St_Johns"),
    ("CA", "NS", "Nova Scotia", "America/Halifax"),
    ("CA", "NT", "Northwest Territories", "America/Yellowknife"),
    ("CA", "NU", "Nunavut", "America/Iqaluit"),
    ("CA", "ON", "Ontario", "America/Toronto"),
    ("CA", "PE", "Prince Edward Island", "America/Halifax"),
    ("CA", "QC", "Quebec", "America/Toronto"),
    ("CA", "SK", "Saskatchewan", "America/Regina"),
    ("CA", "YT", "Yukon", "America/Whitehorse"),
    ("AU", "ACT", "Australian Capital Territory", "Australia/Sydney"),
    ("AU", "NSW", "New South Wales", "Australia/Sydney"),
    ("AU", "NT", "Northern Territory", "Australia/Darwin"),
    ("AU", "QLD", "Queensland", "Australia/Brisbane"),
    ("AU", "SA", "South Australia", "Australia/Adelaide"),
    ("AU", "TAS", "Tasmania", "Australia/Hobart"),
    ("AU", "VIC", "Victoria", "Australia/Melbourne"),
    ("AU", "WA", "Western Australia", "Australia/Perth"),
    ("BR", "AM", "Amazonas", "America/Manaus"),
    ("BR", "BA", "Bahia", "America/Bahia"),
    ("BR", "CE", "Ceará", "America/Fortaleza"),
    ("BR", "DF", "Distrito Federal", "America/Sao_Paulo"),
    ("BR", "MG", "Minas Gerais", "America/Sao_Paulo"),
    ("BR", "PE", "Pernambuco", "America/Recife"),
    ("BR", "PR", "Paraná", "America/Sao_Paulo"),
    ("BR", "RJ", "Rio de Janeiro", "America/Sao_Paulo"),
    ("BR", "RS", "Rio Grande do Sul", "America/Sao_Paulo"),
    ("BR", "SC", "Santa Catarina", "America/Sao_Paulo"),
    ("BR", "SP", "São Paulo", "America/Sao_Paulo"),
    ("ES", "CN", "Canarias", "Atlantic/Canary"),
    ("ES", "GC", "Las Palmas", "Atlantic/Canary"),
    ("ES", "TF", "Santa Cruz de Tenerife", "Atlantic/Canary"),
    ("ES", "IC", "Canary Islands", "Atlantic/Canary"),
    ("PT", "20", "Açores", "Atlantic/Azores"),
    ("PT", "AZ", "Azores", "Atlantic/Azores"),
    ("CL", "IP", "Isla de Pascua", "Pacific/Easter"),
];

/// Zones of cities by the country's code, where the country has other clocks as well and no zone has the city's name.
const CITIES: &[(&str, &str, &str)] = &[
    ("AU", "Canberra", "Australia/Sydney"),
    ("AU", "Gold Coast", "Australia/Brisbane"),
    ("BR", "Belo Horizonte", "America/Sao_Paulo"),
    ("BR", "Brasília", "America/Sao_Paulo"),
    ("BR", "Curitiba", "America/Sao_Paulo"),
    ("BR", "Porto Alegre", "America/Sao_Paulo"),
    ("BR", "Rio de Janeiro", "America/Sao_Paulo"),
    ("BR", "Salvador", "America/Bahia"),
    ("CA", "Calgary", "America/Edmonton"),
    ("CA", "Montreal", "America/Toronto"),
    ("CA", "Ottawa", "America/Toronto"),
    ("CA", "Quebec", "America/Toronto"),
    ("ES", "Las Palmas de Gran Canaria", "Atlantic/Canary"),
    ("ES", "Las Palmas", "Atlantic/Canary"),
    ("ES", "Santa Cruz de Tenerife", "Atlantic/Canary"),
    ("ID", "Bandung", "Asia/Jakarta"),
    ("ID", "Denpasar", "Asia/Makassar"),
    ("ID", "Surabaya", "Asia/Jakarta"),
    ("MX", "Guadalajara", "America/Mexico_City"),
    ("MX", "Puebla", "America/Mexico_City"),
    ("PT", "Ponta Delgada", "Atlantic/Azores"),
    ("RU", "Saint Petersburg", "Europe/Moscow"),
    ("RU", "Санкт-Петербург", "Europe/Moscow"),
    ("RU", "Москва", "Europe/Moscow"),
    ("US", "New York City", "America/New_York"),
    ("US", "San Francisco", "America/Los_Angeles"),
];

/// A country of the table.
#[derive(Clone, Copy, Debug)]
struct Country {
    code: &'static str,
    /// Separated by commas.
    zones: &'static str,
}

/// The countries by their folded codes and names.
static BY_NAME: LazyLock<HashMap<String, Country>> = LazyLock::new(|| {
    let lines = COUNTRIES.lines().filter(|line| !line.starts_with('#'));
    let named = lines.filter_map(|line| {
        let (code, rest) = line.split_once('|')?;
        let (zones, names) = rest.split_once('|')?;
        let names = std::iter::once(code).chain(names.split('|'));
        Some(names.map(move |name| (folded_key(name), Country { code, zones })))
    });
    named.flatten().collect()
});

/// The zone of a place: of its state, else of its city, else of its country if that has one. `None` if it cannot be told.
#[must_use]
pub fn of_place(city: &str, state: &str, country: &str) -> Option<String> {
    let country = country_named(country)?;
    let zone = of_state(country.code, state).or_else(|| of_city(country, city));
    let only = || Some(country.zones).filter(|zones| !zones.contains(','));
    zone.or_else(only).map(str::to_owned)
}

fn country_named(name: &str) -> Option<&'static Country> {
    let name = folded_key(name);
    BY_NAME.get(name.strip_prefix("the ").unwrap_or(&name))
}

/// The ISO 3166 code of a country, by its code or its name in many languages.
pub(super) fn country_code(name: &str) -> Option<&'static str> {
    country_named(name).map(|country| country.code)
}

fn of_state(country: &str, state: &str) -> Option<&'static str> {
    let state = folded_key(state);
    let is_it = |entry: &&(&str, &str, &str, &str)| {
        entry.0 == country && (folded_key(entry.1) == state || folded_key(entry.2) == state)
    };
    STATES.iter().find(is_it).map(|(_, _, _, zone)| *zone)
}

fn of_city(country: &Country, city: &str) -> Option<&'static str> {
    let city = folded_key(city);
    let listed = CITIES.iter().find(|(code, name, _)| *code == country.code && folded_key(name) == city);
    let is_named = |zone: &&str| zone.rsplit('/').next().is_some_and(|name| folded_key(name) == city);
    listed.map(|(_, _, zone)| *zone).or_else(|| country.zones.split(',').find(is_named))
}

/// The name of an IANA time zone of a place, in IANA's spelling, by that name or by the zone's city (`Berlin`, `new york`); `None` if it is
/// unknown or an abbreviation such as "EST".
#[must_use]
pub fn named(name: &str) -> Option<String> {
    let Ok(zone) = jiff::tz::TimeZone::get(name) else { return of_zone_city(name) };
    zone.iana_name().filter(|name| !CLOCKS.contains(name)).map(str::to_owned)
}

/// The zone that is named after this city, among those that the countries have.
fn of_zone_city(city: &str) -> Option<String> {
    let city = folded_key(&city.replace('_', " "));
    let in_countries = BY_NAME.values().flat_map(|country| country.zones.split(','));
    let listed = CITIES.iter().filter(|(_, name, _)| folded_key(name) == city).map(|(_, _, zone)| *zone);
    let is_named =
        |zone: &&str| zone.rsplit('/').next().is_some_and(|name| folded_key(&name.replace('_', " ")) == city);
    let mut found: Vec<&str> = in_countries.filter(is_named).chain(listed).collect();
    found.sort_unstable();
    found.dedup();
    // Several places with one name are no answer.
    <[&str; 1]>::try_from(found).ok().map(|[zone]| zone.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_found_by_its_city_and_an_abbreviation_is_none() {
        for (name, zone) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("Berlin", Some("Europe/Berlin")),
            ("new york", Some("America/New_York")),
            ("San Francisco", Some("America/Los_Angeles")),
            ("EST", None),
            ("Nowhere", None),
            ("", None),
        ] {
            assert_eq!(named(name).as_deref(), zone, "{name}");
        }
    }

    #[test]
    fn places_have_zones() {
        for (city, state, country, zone) in [
            ("New York", "NY", "USA", "America/New_York"),
            ("Los Angeles", "california", "us", "America/Los_Angeles"),
            ("Los Angeles", "", "U.S.A.", "America/Los_Angeles"),
            ("Paris", "TX", "Estados Unidos", "America/Chicago"),
            ("Hamburg", "", "Germany", "Europe/Berlin"),
            ("Paris", "Bayern", "DE", "Europe/Berlin"),
            ("Köln", "", "DEUTSCHLAND", "Europe/Berlin"),
            ("Leeds", "", "England", "Europe/London"),
            ("Glasgow", "", "Scotland", "Europe/London"),
            ("Cardiff", "", "Wales", "Europe/London"),
            ("Belfast", "", "UK", "Europe/London"),
            ("Prague", "", "Czech Republic", "Europe/Prague"),
            ("Praha", "", "Česko", "Europe/Prague"),
            ("Utrecht", "", "The Netherlands", "Europe/Amsterdam"),
            ("Utrecht", "", "Holland", "Europe/Amsterdam"),
            ("Sevilla", "Andalucía", "España", "Europe/Madrid"),
            ("Santa Cruz de Tenerife", "", "Spain", "Atlantic/Canary"),
            ("Abidjan", "", "Cote d'Ivoire", "Africa/Abidjan"),
            ("大阪", "", "日本", "Asia/Tokyo"),
            ("Москва", "", "Россия", "Europe/Moscow"),
            ("القاهرة", "", "مصر", "Africa/Cairo"),
            ("Ottawa", "", "Canada", "America/Toronto"),
            ("Montréal", "", "Canada", "America/Toronto"),
            (" vancouver ", "BC", "Canada", "America/Vancouver"),
            ("Perth", "WA", "Australia", "Australia/Perth"),
            ("Perth", "", "AU", "Australia/Perth"),
            ("Cairns", "QLD", "Australia", "Australia/Brisbane"),
            ("São Paulo", "", "Brasil", "America/Sao_Paulo"),
        ] {
            assert_eq!(of_place(city, state, country).as_deref(), Some(zone), "{city}, {state}, {country}");
        }
    }

    #[test]
    fn a_place_that_may_be_on_several_clocks_has_no_zone() {
        for (city, state, country) in [
            ("Berlin", "", "Atlantis"),
            ("Cairns", "", "Australia"),
            ("Springfield", "", "USA"),
            ("Омск", "", ""),
        ] {
            assert_eq!(of_place(city, state, country), None, "{city}, {state}, {country}");
        }
    }

    #[test]
    fn zones_are_named_as_iana_does() {
        for (name, zone) in [
            ("europe/berlin", Some("Europe/Berlin")),
            ("UTC", Some("UTC")),
            ("Japan", Some("Japan")),
            ("Mars/Base", None),
            ("EST", None),
            ("cet", None),
            ("PST8PDT", None),
        ] {
            assert_eq!(named(name).as_deref(), zone, "{name}");
        }
    }

    #[test]
    fn every_zone_of_the_tables_exists() {
        let of_countries = BY_NAME.values().flat_map(|country| country.zones.split(','));
        let of_states = STATES.iter().map(|(_, _, _, zone)| *zone);
        let of_cities = CITIES.iter().map(|(_, _, zone)| *zone);
        for zone in of_countries.chain(of_states).chain(of_cities) {
            assert_eq!(named(zone).as_deref(), Some(zone));
        }
    }
}
