//! The price list in the form of an event: names in groups, and the prices that were filled in.

use super::fields::{Fields, amount};
use fairseat_domain::seating_plan::section_kind;
use serde_json::{Map, Value};

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
    fn names_are_grouped_and_prices_are_read() {
        let fields = Fields::read(b"price.Gold=30&price.Stalls=&price.Old=12.50");
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
