//! The parts of a seating plan that can have a price: categories and sections, each with its count of seats and its colour.

use super::fields::Fields;
use fairseat_client::{ApiClient, PageError};
use fairseat_web::render::encoded;
use serde::Deserialize;
use std::collections::HashMap;

/// A category or a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlanPart {
    pub(crate) name: String,
    /// The colour on the map, if the plan says one.
    pub(crate) color: Option<String>,
    pub(crate) seats: u64,
}

impl PlanPart {
    /// The name for people. Some editors give categories random ids as names; such a name is said to be none.
    pub(crate) fn shown(&self) -> String {
        shown(&self.name)
    }
}

/// A name for people: an id becomes `Unnamed c52f5fd6`.
pub(crate) fn shown(name: &str) -> String {
    match uuid::Uuid::try_parse(name) {
        Ok(_) => format!("Unnamed {}", name.get(..8).unwrap_or(name)),
        Err(_a_name) => name.to_owned(),
    }
}

/// A plan without the places of its seats.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    categories: Vec<PlanPart>,
    sections: Vec<PlanPart>,
}

/// A venue's plan, as `GET /venues/{id}/seating-plan` writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PlanDocument {
    categories: Vec<Category>,
    zones: Vec<Zone>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Category {
    name: String,
    color: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Zone {
    name: String,
    rows: Vec<Row>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    seats: Vec<Seat>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Seat {
    category: String,
}

/// An event's plan, as `GET /events/{id}/seatmap` writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MapDocument {
    categories: Vec<Category>,
    sections: Vec<MapSection>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MapSection {
    name: String,
    rows: Vec<MapRow>,
    runs: Vec<Run>,
}

impl MapSection {
    fn all_runs(&self) -> impl Iterator<Item = &Run> {
        self.rows.iter().flat_map(|row| &row.runs).chain(&self.runs)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MapRow {
    runs: Vec<Run>,
}

/// Seats of one row.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Run {
    count: u64,
    category: Option<AlongRun>,
}

/// The category of every seat of a run, or of each part of it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AlongRun {
    All(usize),
    Parts(Vec<(u64, Option<usize>)>),
}

impl Run {
    fn count(&self, seats_of: &mut HashMap<usize, u64>) {
        let mut add = |category: Option<usize>, count: u64| {
            if let Some(category) = category {
                *seats_of.entry(category).or_default() += count;
            }
        };
        match &self.category {
            None => {}
            Some(AlongRun::All(category)) => add(Some(*category), self.count),
            Some(AlongRun::Parts(parts)) => parts.iter().for_each(|(count, category)| add(*category, *count)),
        }
    }
}

impl From<PlanDocument> for Outline {
    fn from(plan: PlanDocument) -> Self {
        let mut seats_of: HashMap<&str, u64> = HashMap::new();
        for seat in plan.zones.iter().flat_map(|zone| &zone.rows).flat_map(|row| &row.seats) {
            *seats_of.entry(&seat.category).or_default() += 1;
        }
        let count = |zone: &Zone| zone.rows.iter().map(|row| row.seats.len() as u64).sum();
        let sections = plan.zones.iter().map(|zone| PlanPart {
            name: zone.name.clone(),
            color: None,
            seats: count(zone),
        });
        let categories = plan.categories.iter().map(|category| PlanPart {
            name: category.name.clone(),
            color: category.color.clone(),
            seats: seats_of.get(&*category.name).copied().unwrap_or(0),
        });
        Self { categories: merged(categories), sections: merged(sections) }
    }
}

impl From<MapDocument> for Outline {
    fn from(map: MapDocument) -> Self {
        let mut seats_of = HashMap::new();
        map.sections.iter().flat_map(MapSection::all_runs).for_each(|run| run.count(&mut seats_of));
        let sections = map.sections.iter().map(|section| PlanPart {
            name: section.name.clone(),
            color: None,
            seats: section.all_runs().map(|run| run.count).sum(),
        });
        let categories = (0..).zip(&map.categories).map(|(at, category)| PlanPart {
            name: category.name.clone(),
            color: category.color.clone(),
            seats: seats_of.get(&at).copied().unwrap_or(0),
        });
        Self { categories: merged(categories), sections: merged(sections) }
    }
}

/// The parts with a name, in their order; parts of one name together.
fn merged(parts: impl Iterator<Item = PlanPart>) -> Vec<PlanPart> {
    let mut all: Vec<PlanPart> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for part in parts.filter(|part| !part.name.is_empty()) {
        if let Some(known) = places.get(&part.name).and_then(|at| all.get_mut(*at)) {
            known.seats += part.seats;
        } else {
            places.insert(part.name.clone(), all.len());
            all.push(part);
        }
    }
    all
}

impl Outline {
    /// The outline of a venue's plan.
    pub(crate) async fn of(client: &ApiClient, venue: &str) -> Result<Self, PageError> {
        let path = format!("/venues/{}/seating-plan", encoded(venue));
        Ok(client.get::<PlanDocument>(&path).await?.into())
    }

    /// The outline of an event's plan, which may have been replaced and then differs from the venue's.
    pub(crate) async fn of_event(client: &ApiClient, event: &str) -> Result<Self, PageError> {
        let path = format!("/events/{}/seatmap", encoded(event));
        Ok(client.get::<MapDocument>(&path).await?.into())
    }

    /// All its categories.
    pub(crate) fn all_categories(&self) -> &[PlanPart] {
        &self.categories
    }

    /// The categories that can have a name of their own, with their places among all: those of a section are named like it.
    pub(crate) fn own_categories(&self) -> Vec<(usize, PlanPart)> {
        let is_section = |name: &str| self.sections.iter().any(|section| section.name == name);
        let all = self.categories.iter().cloned().enumerate();
        all.filter(|(_, part)| part.seats > 0 && !is_section(&part.name)).collect()
    }

    /// The names of the categories that have seats, or a price in the form.
    pub(crate) fn categories(&self, fields: &Fields) -> Vec<&str> {
        let is_shown =
            |part: &&PlanPart| part.seats > 0 || fields.given(&format!("price.{}", part.name)).is_some();
        self.categories.iter().filter(is_shown).map(|part| part.name.as_str()).collect()
    }

    /// The names of its sections, except those that a category has as well.
    pub(crate) fn sections(&self) -> Vec<&str> {
        let is_category = |name: &str| self.categories.iter().any(|category| category.name == name);
        self.sections.iter().map(|part| part.name.as_str()).filter(|name| !is_category(name)).collect()
    }

    /// The category or else the section of this name.
    pub(crate) fn part(&self, name: &str) -> Option<&PlanPart> {
        self.categories.iter().chain(&self.sections).find(|part| part.name == name)
    }

    /// Whether a category has no name for people yet.
    pub(crate) fn has_unnamed(&self) -> bool {
        self.categories.iter().any(|part| part.seats > 0 && part.shown() != part.name)
    }

    /// Names that have a price in the form but are not in this plan, for instance because the plan was replaced.
    pub(crate) fn others<'a>(&self, fields: &'a Fields) -> Vec<&'a str> {
        let priced = fields.after("price.").map(|(name, _)| name);
        priced.filter(|name| self.part(name).is_none()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn part(name: &str, color: Option<&str>, seats: u64) -> PlanPart {
        PlanPart { name: name.to_owned(), color: color.map(str::to_owned), seats }
    }

    #[test]
    fn the_outline_of_a_venue_counts_seats() {
        let seat = |category: &str| json!({"seat_number": "1", "category": category});
        let plan: PlanDocument = serde_json::from_value(json!({
            "categories": [{"name": "Gold", "color": "#fc0"}, {"name": "Silver"}],
            "zones": [{"name": "Stalls", "rows": [{"seats": [seat("Gold"), seat("")]}]},
                {"name": "Stalls", "rows": [{"seats": [seat("Gold")]}]}, {"name": "Gold", "rows": []}],
        }))
        .unwrap();
        let outline = Outline::from(plan);
        assert_eq!(outline.all_categories(), [part("Gold", Some("#fc0"), 2), part("Silver", None, 0)]);
        assert_eq!(outline.sections(), ["Stalls"]);
        assert!(outline.own_categories().is_empty(), "Gold is a section, and Silver has no seats");
        assert_eq!(outline.part("Stalls"), Some(&part("Stalls", None, 3)));
        let fields = Fields::read(b"price.Gold=30&price.Stalls=&price.Old=12.50");
        assert_eq!((outline.categories(&fields), outline.others(&fields)), (vec!["Gold"], vec!["Old"]));
        let priced = Fields::read(b"price.Silver=3");
        assert_eq!(
            outline.categories(&priced),
            ["Gold", "Silver"],
            "a category with a price is shown in any case"
        );
    }

    #[test]
    fn the_outline_of_an_event_counts_seats() {
        let map: MapDocument = serde_json::from_value(json!({
            "categories": [{"name": "Gold"}, {"name": "Silver"}],
            "sections": [
                {"name": "Stalls", "rows": [{"label": "A", "runs": [{"from": 0, "count": 3, "category": 0}, {"count": 4, "category": [[1, 0], [2, 1], [1, null]]}]}]},
                {"name": "Floor", "general_admission": true, "box": [0, 0, 1, 1], "runs": [{"count": 500}]},
            ],
        }))
        .unwrap();
        let outline = Outline::from(map);
        assert_eq!(outline.all_categories(), [part("Gold", None, 4), part("Silver", None, 2)]);
        assert_eq!(outline.part("Floor"), Some(&part("Floor", None, 500)));
    }

    #[test]
    fn an_id_is_no_name() {
        assert_eq!(shown("c52f5fd6-3f0e-4a86-9e52-0f3f2a6b7a11"), "Unnamed c52f5fd6");
        assert_eq!(shown("Gold"), "Gold");
    }
}
