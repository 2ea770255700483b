//! `GET /openapi.json`, `GET /docs` and `GET /robots.txt`.

use crate::common::TestServer;
use crate::common::browser::html_of;
use fairseat_domain::limits::DEFAULT_HOLD;
use serde_json::Value;
use std::collections::HashSet;

#[tokio::test]
async fn the_document_describes_every_route_and_is_revalidated() {
    let server = TestServer::start().await;
    let nobody = server.anonymous();
    let answer = nobody.get("/openapi.json").await;
    let document = answer.expect(200);
    for (method, path) in fairseat_api::listed() {
        let operation = &document["paths"][&path][method.to_lowercase()];
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
    }
    let known = nobody.with_header("if-none-match", answer.header("etag").unwrap());
    known.get("/openapi.json").await.expect(304);
}

#[tokio::test]
async fn the_page_of_the_api_names_every_route() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/docs").await;
    answer.expect(200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let page = html_of(&answer);
    for (method, path) in fairseat_api::listed() {
        assert!(page.contains(&format!("<code>{method} {path}</code>")), "{method} {path}");
    }
    assert!(page.contains("id=\"seat_unavailable\"") && !page.contains("<script"));
}

#[tokio::test]
async fn crawlers_read_pages_and_no_data() {
    let server = TestServer::start().await;
    let answer = server.anonymous().get("/robots.txt").await;
    answer.expect(200);
    let rules = html_of(&answer);
    for rule in ["Disallow: /api/", "Disallow: /console", "Sitemap: http://fairseat.test/sitemap.xml"] {
        assert!(rules.lines().any(|line| line == rule), "{rule}: {rules}");
    }
}

#[test]
fn every_operation_has_a_tag_and_a_unique_id() {
    let mut ids = HashSet::new();
    for (method, path) in fairseat_api::listed() {
        let operation = &fairseat_api::document()["paths"][&path][method.to_lowercase()];
        let tags = operation["tags"].as_array();
        assert!(tags.is_some_and(|tags| !tags.is_empty()), "{method} {path} has no tag");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{method} {path}: the id {id} is taken");
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
    let document = fairseat_api::document();
    let mut found = Vec::new();
    references(document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn the_documented_default_of_a_hold_is_the_one_that_is_used() {
    let default =
        fairseat_api::document().pointer("/components/schemas/Reserve/properties/hold_duration/default");
    assert_eq!(default.and_then(Value::as_i64), Some(DEFAULT_HOLD.0 / 1_000));
}
