//! The parts of a seating plan that can have a price: sections and categories.

use super::fields::{Fields, amount};
use crate::render::encoded;
use fairseat_client::{ApiClient, PageError};
use fairseat_domain::seating_plan::section_kind;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The names of a plan's categories and sections, without its seats.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Outline {
    #[serde(default)]
    categories: Vec<NamedPart>,
    #[serde(default, alias = "sections")]
    zones: Vec<NamedPart>,
}

#[derive(Debug, Deserialize)]
struct NamedPart {
    #[serde(default)]
    name: String,
}

impl Outline {
    /// The outline of a venue's plan.
    pub(crate) async fn of(client: &ApiClient, venue: &str) -> Result<Self, PageError> {
        client.get(&format!("/venues/{}/seating-plan", encoded(venue))).await
    }

    /// The outline of an event's plan, which may have been replaced and then differs from the venue's.
    pub(crate) async fn of_event(client: &ApiClient, event: &str) -> Result<Self, PageError> {
        client.get(&format!("/events/{}/seatmap", encoded(event))).await
    }

    /// The names of its categories.
    pub(crate) fn categories(&self) -> Vec<&str> {
        names(&self.categories)
    }

    /// The names of its sections, except those that a category has as well.
    pub(crate) fn sections(&self) -> Vec<&str> {
        let categories = self.categories();
        names(&self.zones).into_iter().filter(|name| !categories.contains(name)).collect()
    }

    /// Names that have a price in the form but are not in this plan, for instance because the plan was replaced.
    pub(crate) fn others<'a>(&self, fields: &'a Fields) -> Vec<&'a str> {
        let (categories, sections) = (self.categories(), self.sections());
        let priced = fields.after("price.").map(|(name, _)| name);
        priced.filter(|name| !categories.contains(name) && !sections.contains(name)).collect()
    }
}

/// A group of names that differ only in a number and can be priced together; or a single name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group<'a> {
    pub(crate) kind: &'a str,
    pub(crate) names: Vec<&'a str>,
}

/// Groups with fewer names are split into single names.
const GROUP_LEAST: usize = 4;

/// Groups names in their order: a stadium may have a hundred sections but three prices.
pub(crate) fn groups<'a>(names: &[&'a str]) -> Vec<Group<'a>> {
    let mut kinds: Vec<Group<'a>> = Vec::new();
    for name in names {
        let kind = section_kind(name);
        match kinds.iter_mut().find(|group| group.kind == kind && kind != *name && !kind.is_empty()) {
            Some(group) => group.names.push(name),
            None => kinds.push(Group { kind, names: vec![name] }),
        }
    }
    let apart = |group: Group<'a>| match group.names.len() {
        1..GROUP_LEAST => {
            group.names.into_iter().map(|name| Group { kind: name, names: vec![name] }).collect()
        }
        _ => vec![group],
    };
    kinds.into_iter().flat_map(apart).collect::<Vec<_>>()
}

fn names(all: &[NamedPart]) -> Vec<&str> {
    let mut names: Vec<&str> =
        all.iter().map(|one| one.name.as_str()).filter(|name| !name.is_empty()).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

/// The prices that were filled in.
pub(crate) fn tiers(fields: &Fields, currency: &str) -> Value {
    let priced = fields.after("price.").filter(|(_, price)| !price.is_empty());
    Value::Object(
        priced.map(|(name, price)| (name.to_owned(), amount(price, currency))).collect::<Map<_, _>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_outline_has_what_can_be_priced() {
        let outline: Outline = serde_json::from_value(json!({
            "categories": [{"name": "Gold", "color": "#fc0"}, {"name": "Silver"}],
            "zones": [{"name": "Stalls", "rows": []}, {"name": "Stalls", "rows": []}, {"name": "Gold", "rows": []}],
        }))
        .unwrap();
        assert_eq!(outline.categories(), ["Gold", "Silver"]);
        assert_eq!(outline.sections(), ["Stalls"]);
        let fields = Fields::read(b"price.Gold=30&price.Stalls=&price.Old=12.50");
        assert_eq!(outline.others(&fields), ["Old"]);
        let of = |names: &[&str]| -> Vec<(String, usize)> {
            groups(names).into_iter().map(|group| (group.kind.to_owned(), group.names.len())).collect()
        };
        let seen =
            of(&["Pit", "Box 1", "Box 2", "Low 1", "Low 2", "Low 10", "Low 11", "101", "102", "103", "104"]);
        let expected = [
            ("Pit", 1),
            ("Box 1", 1),
            ("Box 2", 1),
            ("Low", 4),
            ("101", 1),
            ("102", 1),
            ("103", 1),
            ("104", 1),
        ];
        assert_eq!(seen, expected.map(|(kind, count)| (kind.to_owned(), count)));
        assert_eq!(tiers(&fields, "EUR"), json!({"Gold": 30, "Old": 12.5}));
    }
}
