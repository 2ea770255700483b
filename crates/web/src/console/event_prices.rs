//! What can have a price: the sections and categories of a venue's plan.

use super::fields::{Fields, amount};
use crate::api::{ApiClient, PageError};
use crate::render::encoded;
use fairseat_domain::seating_plan::section_kind;
use serde::Deserialize;
use serde_json::{Map, Value};

/// As much of a plan as prices need; its seats are passed over.
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
    /// Of a venue's plan.
    pub(crate) async fn of(client: &ApiClient, venue: &str) -> Result<Self, PageError> {
        client.get(&format!("/venues/{}/seating-plan", encoded(venue))).await
    }

    /// Of an event's own plan, which may be another than its venue's by now.
    pub(crate) async fn of_event(client: &ApiClient, event: &str) -> Result<Self, PageError> {
        client.get(&format!("/events/{}/seatmap", encoded(event))).await
    }

    /// The names of its categories.
    pub(crate) fn categories(&self) -> Vec<&str> {
        names(&self.categories)
    }

    /// The names of its sections that are not those of categories as well.
    pub(crate) fn sections(&self) -> Vec<&str> {
        let categories = self.categories();
        names(&self.zones).into_iter().filter(|name| !categories.contains(name)).collect()
    }

    /// Prices a form has for what is not in this plan: of the event's own plan, or of one it had before.
    pub(crate) fn others<'a>(&self, fields: &'a Fields) -> Vec<&'a str> {
        let (categories, sections) = (self.categories(), self.sections());
        let priced = fields.after("price.").map(|(name, _)| name);
        priced.filter(|name| !categories.contains(name) && !sections.contains(name)).collect()
    }
}

/// Things to be priced that differ by nothing but a number, or one alone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Group<'a> {
    pub(crate) kind: &'a str,
    pub(crate) names: Vec<&'a str>,
}

/// Fewer of a kind are priced one by one.
const GROUP_LEAST: usize = 4;

/// Names in their order, those of a kind together: a stadium has a hundred sections and three prices.
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

/// The prices of a form: those that were filled in.
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
    fn a_plan_is_read_for_what_can_have_a_price() {
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
