//! Every document that pretix's `seating-plan.schema.json` allows, and that has a seat, is imported and exported again
//! with the same meaning.
//!
//! The schema sets no limits, and we do: names and labels have at most 200 characters and no control characters, and
//! coordinates are at most 1,000,000 from the origin. [`documents`] keeps to these limits where seats depend on them, and
//! goes beyond them everywhere else.

mod documents;
mod meaning;
mod rules;

use super::{plan, read, repaired};
use documents::{any_document, with_different_guids_and_labels};
use fairseat_domain::seating_plan::{
    ImportOptions, LeftOut, SeatmapFormat, export_pretix, import, seatmap_json, seatmap_svg,
};
use fairseat_domain::wire::{decode_plan, encode_plan};
use meaning::Meaning;
use proptest::prelude::*;
use rules::is_allowed;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn exported(json: &str) -> Value {
    serde_json::from_str(json).expect("JSON")
}

proptest! {
    #[test]
    fn every_document_is_imported_and_exported_with_the_same_meaning(document in any_document()) {
        let document = with_different_guids_and_labels(document);
        prop_assert!(is_allowed(&document), "the generator breaks the schema: {document:#}");
        let imported = read(&document.to_string()).expect("a plan");
        let paths: BTreeSet<String> = imported.left_out.iter().map(|part| part.path.clone()).collect();
        let mut expected = Meaning::of(&document);
        prop_assert_eq!(paths, std::mem::take(&mut expected.left_out));

        let json = export_pretix(&imported.plan);
        prop_assert!(is_allowed(&exported(&json)), "the export breaks the schema: {json}");
        let mut found = Meaning::of(&exported(&json));
        if expected.document["size"].is_null() {
            found.document["size"] = Value::Null;
        }
        prop_assert_eq!(found, expected);

        let again = read(&json).expect("our own export");
        prop_assert_eq!(again.left_out, []);
        prop_assert_eq!(&again.plan, &imported.plan);
        let changed = again.plan.changed_to(&imported.plan).expect("a plan");
        prop_assert_eq!(export_pretix(&changed), json);
        let bytes = encode_plan(&imported.plan).expect("bytes");
        prop_assert_eq!(decode_plan(&bytes), Ok(imported.plan));
    }

    #[test]
    fn every_document_with_empty_or_duplicate_guids_is_repaired_and_drawn(document in any_document()) {
        let imported = repaired(&document.to_string());
        let guids: BTreeSet<&str> = imported.plan.seats().map(|seat| seat.guid).collect();
        prop_assert_eq!(guids.len(), imported.plan.seat_count());
        prop_assert!(!guids.contains(""));
        prop_assert_eq!(&plan(&export_pretix(&imported.plan)), &imported.plan);
        prop_assert!(serde_json::from_slice::<Value>(&seatmap_json(&imported.plan, SeatmapFormat::EveryRow, &[], |_seat| None)).is_ok());
        let svg = seatmap_svg(&imported.plan, |_seat| None);
        prop_assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    }
}

/// A document of one seat with these areas.
fn with_areas(areas: &str) -> String {
    format!(
        r#"{{"zones": [{{"rows": [{{"seats": [{{"seat_guid": "g", "position": {{"x": 0, "y": 0}}}}]}}], "areas": {areas}}}]}}"#
    )
}

/// What is left out, as the sentences that path and reason make.
fn sentences(left_out: &[LeftOut]) -> Vec<String> {
    left_out.iter().map(|part| format!("{} {}", part.path, part.reason)).collect()
}

#[test]
fn areas_that_cannot_be_drawn_are_left_out_and_listed() {
    let areas = [
        r#"{"shape": "polygon"}"#,
        r#"{"shape": "circle", "text": {"text": "Bar", "position": {"x": 1, "y": 2}}}"#,
        r#"{"shape": "rectangle", "rectangle": {"width": 1}}"#,
        r#"{"shape": "polygon", "polygon": {"points": [{"x": 0, "y": 0}, {"x": "far", "y": 0}]}}"#,
        r#"{"shape": "circle", "circle": {"radius": 1e9}}"#,
        r#"{"shape": "ellipse", "ellipse": {"radius": {"x": 2, "y": 3}}, "color": ["red"], "uuid": "7", "text": "a\u0007"}"#,
        r#"{"position": {"x": 1000001, "y": 0}}"#,
        r#"{"rotation": 1e300, "text": "turned"}"#,
        r#"{"shape": "star"}"#,
        r#"{"shape": 7, "color": "red", "color": "blue"}"#,
        "7",
    ];
    let imported = read(&with_areas(&format!("[{}]", areas.join(", ")))).expect("a plan");
    insta::assert_snapshot!(sentences(&imported.left_out).join("\n"), @"
    zones[0].areas[0] polygon is missing
    zones[0].areas[1].circle is missing
    zones[0].areas[2] rectangle.height is missing
    zones[0].areas[3] polygon.points[1].x must be a number
    zones[0].areas[4] circle.radius must be a number from -1000000 to 1000000
    zones[0].areas[5].text must have at most 200 characters, and no control characters but line breaks and tabs
    zones[0].areas[5].color must be a string or a number
    zones[0].areas[5].uuid must be a UUID that is not all zeros
    zones[0].areas[6] position.x must be a number from -1000000 to 1000000
    zones[0].areas[7] rotation must be a number from -1000000 to 1000000
    zones[0].areas[8].shape must be rectangle, circle, ellipse, polygon or text
    zones[0].areas[9] color is given twice
    zones[0].areas[10] must be an object
    ");
    let texts: Vec<&str> = imported
        .plan
        .decorations()
        .iter()
        .map(|area| area.text.as_ref().map_or("no text", |text| &text.text))
        .collect();
    assert_eq!(texts, ["Bar", "no text", "no text"], "the circle without a radius, the ellipse, the star");
}

#[test]
fn areas_that_are_no_list_are_left_out() {
    let imported = read(&with_areas("3")).expect("a plan");
    assert_eq!(sentences(&imported.left_out), ["zones[0].areas must be a list"]);
}

#[test]
fn areas_beyond_the_limit_are_left_out_and_counted() {
    let imported = read(&with_areas(&format!("[{}]", vec!["{}"; 7_000].join(",")))).expect("a plan");
    assert_eq!(imported.plan.decorations().len(), 5_000);
    assert_eq!((imported.left_out.len(), imported.more_left_out), (1_000, 1_000));
    assert_eq!(
        sentences(&imported.left_out)[0],
        "zones[0].areas[5000] comes after the first 5000 areas of the plan"
    );
    let large = format!(
        r#"[{{"shape": "polygon", "polygon": {{"points": [{}]}}}}]"#,
        vec![r#"{"x":0,"y":0}"#; 2_001].join(",")
    );
    let imported = read(&with_areas(&large)).expect("a plan");
    assert_eq!(
        sentences(&imported.left_out),
        ["zones[0].areas[0] polygon.points must have at most 2000 elements"]
    );
}

#[test]
fn fields_that_seats_do_not_need_are_left_out_and_listed() {
    let long = "x".repeat(201);
    let document = json!({
        "name": long, "size": {"width": -1, "height": 10},
        "categories": [{"name": ""}, {"name": "Gold", "color": "a\u{7}"}, {"name": "Gold", "color": "red"}],
        "zones": [{"name": "Floor", "zone_id": long, "uuid": "zone", "position": {"x": 0, "y": 0}, "rows": [{
            "row_number": "A", "row_label": "\n", "seat_label": long, "row_number_position": "middle", "uuid": "row",
            "seats": [{"seat_guid": "g", "seat_number": "1", "category": "Gold", "position": {"x": 0.5, "y": 1},
                "uuid": "00000000-0000-0000-0000-000000000000", "radius": 1e9, "start_direction": "up"}]}]}],
    });
    let imported = read(&document.to_string()).expect("a plan");
    insta::assert_snapshot!(sentences(&imported.left_out).join("\n"), @"
    name must have at most 200 characters, and no control characters
    size must not be negative
    categories[0] has no name, so that no price can be given for it
    categories[1].color must have at most 200 characters, and no control characters
    categories[2] has the name of an earlier category with another color
    zones[0].zone_id must have at most 200 characters, and no control characters
    zones[0].uuid must be a UUID that is not all zeros
    zones[0].rows[0].row_label must have at most 200 characters, and no control characters
    zones[0].rows[0].seat_label must have at most 200 characters, and no control characters
    zones[0].rows[0].row_number_position must be start, end or both
    zones[0].rows[0].uuid must be a UUID that is not all zeros
    zones[0].rows[0].seats[0].radius must be a number from -1000000 to 1000000
    zones[0].rows[0].seats[0].uuid must be a UUID that is not all zeros
    zones[0].rows[0].seats[0].start_direction must be <, > or <>
    ");
    let size = imported.plan.size();
    assert_eq!((size.width, size.height), (51_000, 51_000), "measured, in whole units");
}

#[test]
fn seats_without_a_guid_are_named_after_their_place_when_asked() {
    let seat = |guid: &str, number: &str| json!({"seat_guid": guid, "seat_number": number, "category": "", "position": {"x": 0, "y": 0}});
    let seats = [seat("", "1"), seat("S-A-1", "2"), seat("", "1"), seat("S-A-1", "3"), seat("", "")];
    let document =
        json!({"zones": [{"name": "S", "rows": [{"row_number": "A", "seats": seats}]}]}).to_string();
    let refused = read(&document).expect_err("empty guids");
    assert_eq!(refused.problems[0].path, "zones[0].rows[0].seats[0].seat_guid");
    let imported = repaired(&document);
    let guids: Vec<&str> = imported.plan.seats().map(|seat| seat.guid).collect();
    assert_eq!(guids, ["S-A-1~2", "S-A-1", "S-A-1~3", "S-A-1~4", "S-A"]);
    assert_eq!(imported.repairs.len(), 4);
}

/// A suffix must not make a name longer than a name may be.
#[test]
fn the_longest_names_and_guids_are_made_different() {
    let long = "ß".repeat(200);
    let zone =
        json!({"name": long, "rows": [{"seats": [{"seat_guid": long, "position": {"x": 0, "y": 0}}]}]});
    let document = json!({"zones": [zone, zone, zone]}).to_string();
    let imported = import(&document, ImportOptions { repair: true }).expect("a plan");
    let ends = |texts: Vec<&str>| -> Vec<String> {
        texts.iter().map(|text| text.trim_start_matches('ß').to_owned()).collect()
    };
    assert_eq!(ends(imported.plan.sections().map(|section| section.name()).collect()), ["", " (2)", " (3)"]);
    assert_eq!(ends(imported.plan.seats().map(|seat| seat.guid).collect()), ["", "~2", "~3"]);
    assert_eq!(plan(&export_pretix(&imported.plan)), imported.plan);
}
