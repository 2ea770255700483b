//! The OpenAPI document and its page, over all routes.

use crate::openapi::operations;
use crate::{document, listed, routes};
use fairseat_domain::limits::DEFAULT_HOLD;
use fairseat_edge::docs_page;
use serde_json::Value;

#[test]
fn every_operation_has_a_summary_a_tag_and_a_unique_id() {
    let (_router, document) = routes().split();
    let mut ids = std::collections::HashSet::new();
    for (method, path, operation) in operations(&document.paths) {
        assert!(operation.summary.is_some(), "{method} {path} has no summary");
        assert!(operation.tags.as_ref().is_some_and(|tags| !tags.is_empty()), "{method} {path} has no tag");
        let id = operation.operation_id.clone().unwrap_or_default();
        assert!(ids.insert(id.clone()), "{method} {path}: the id {id} is taken");
    }
}

#[test]
fn every_reference_resolves() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    references(document(), &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(document().pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn the_documented_default_of_a_hold_is_the_one_that_is_used() {
    let default = document().pointer("/components/schemas/Reserve/properties/hold_duration/default");
    assert_eq!(default.and_then(Value::as_i64), Some(DEFAULT_HOLD.0 / 1_000));
}

#[test]
fn every_route_and_code_is_on_the_page() {
    let page = docs_page::html(document(), "/icon", "/styles");
    for (method, path) in listed() {
        assert!(page.contains(&format!("<code>{method} {path}</code>")), "{method} {path}");
    }
    assert!(page.contains("id=\"seat_unavailable\""));
    assert!(!page.contains("<script"));
}
