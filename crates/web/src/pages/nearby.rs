//! Finding events near the visitor: the cities with events, and where they are.
//!
//! The page lists the cities, so that anybody can choose one. If the visitor asks for it, the script `near.js` compares their position with
//! those of the cities. The position does not leave the browser.

use crate::render::encoded;
use fairseat_client::{ApiClient, PageError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Names and positions of cities, `Berlin 52.5 13.4`: those after which time zones are named, from the public-domain time zone database, and
/// other large ones.
const CITIES: &str = include_str!("cities.txt");

/// The most cities offered.
const MOST: usize = 24;

/// Latitudes and longitudes in degrees, by name in lower case.
static POSITIONS: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (rest, _) = line.rsplit_once(' ')?;
        let (name, _) = rest.rsplit_once(' ')?;
        Some((name.to_lowercase(), line.get(name.len() + 1..)?))
    };
    CITIES.lines().filter(|line| !line.starts_with('#')).filter_map(line).collect()
});

/// A city with events.
#[derive(Debug, Deserialize)]
pub(crate) struct City {
    pub(crate) city: String,
    country: String,
    pub(crate) events: u64,
}

impl City {
    /// The name as a search has it: `Berlin, Germany`.
    pub(crate) fn place(&self) -> String {
        format!("{}, {}", self.city, self.country)
    }

    /// The search for its events.
    pub(crate) fn address(&self) -> String {
        format!("/events?location={}", encoded(&self.place()))
    }

    /// `52.5 13.4`; empty if it is not known.
    pub(crate) fn position(&self) -> &'static str {
        POSITIONS.get(&self.city.to_lowercase()).copied().unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
struct Cities {
    cities: Vec<City>,
}

/// The cities with the most events.
pub(crate) async fn cities(client: &ApiClient) -> Result<Vec<City>, PageError> {
    let Cities { mut cities } = client.get("/cities").await?;
    cities.truncate(MOST);
    Ok(cities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_on_earth() {
        assert!(POSITIONS.len() > 400, "{}", POSITIONS.len());
        for (city, position) in POSITIONS.iter() {
            let degrees: Vec<f32> = position.split(' ').map(|part| part.parse().unwrap()).collect();
            let [latitude, longitude] = degrees[..] else { panic!("{city}: {position}") };
            assert!(latitude.abs() <= 90.0 && longitude.abs() <= 180.0, "{city}: {position}");
        }
        for (city, position) in [("berlin", "52.5 13.37"), ("new york", "40.71 -74.01")] {
            assert_eq!(POSITIONS.get(city).copied(), Some(position));
        }
    }
}
