//! Malicious and broken files: each is refused quickly, with a reason, and never with a panic.

use super::{SMALL_THEATRE, read};
use fairseat_domain::seating_plan::{
    ImportError, ImportOptions, MAX_PLAN_BYTES, import, import_pretix, import_short,
};
use proptest::prelude::*;

fn refused(json: &str) -> ImportError {
    read(json).map(|imported| imported.plan).expect_err("should be refused")
}

/// The first problem as `path: message`.
fn first_problem(json: &str) -> String {
    let error = refused(json);
    error
        .problems
        .first()
        .map_or_else(|| "none".to_owned(), |problem| format!("{}: {}", problem.path, problem.message))
}

/// A plan of one seat, with one of its values replaced.
fn with(placeholder: &str, value: &str) -> String {
    r#"{"zones": [{"name": NAME, "position": ZONE, "rows": [
        {"row_number": "A", "position": {"x": 0, "y": 0}, "seats": [{"seat_guid": GUID, "seat_number": NUMBER, "position": {"x": X, "y": 0}}]}]}]}"#
        .replace(placeholder, value)
        .replace("NAME", r#""n""#)
        .replace("ZONE", "null")
        .replace("GUID", r#""g""#)
        .replace("NUMBER", "1")
        .replace('X', "0")
}

#[test]
fn every_problem_has_a_path_and_says_what_is_accepted() {
    let long = format!("\"{}\"", "x".repeat(201));
    let cases = [
        ("", ""),
        ("", "nonsense"),
        ("", "[]"),
        ("", "{}"),
        ("", r#"{"zones": []}"#),
        ("", r#"{"zones": {}}"#),
        ("", r#"{"zones": [], "zones": []}"#),
        ("", r#"{"zones": [{"rows": [{"seats": []}]}]}"#),
        ("", r#"{"zones": [7]}"#),
        ("", r#"{"zones": [{"rows": [{}]}]}"#),
        ("NAME", r#""a\u0000b""#),
        ("NAME", r#""\ud800""#),
        ("NAME", "true"),
        ("NAME", &long),
        (
            "",
            r#"{"zones": [{"position": {"x": 1e6, "y": 0}, "rows": [{"seats": [{"seat_guid": "g", "position": {"x": 0.001, "y": 0}}]}]}]}"#,
        ),
        ("ZONE", "[0, 0]"),
        ("GUID", r#""""#),
        ("GUID", "null"),
        ("GUID", r#""g\u0007""#),
        ("NUMBER", "{}"),
        ("X", "\"0\""),
        ("X", "1e999999999"),
        ("X", "-1000000.001"),
        ("X", "99999999999999999999999999999999999999999999"),
        ("", r#"{"sections": []}"#),
        ("", r#"{"sections": [{"rows": 1, "seats_per_row": 1}]}"#),
        ("", r#"{"sections": [{"name": "S"}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 1000000000, "seats_per_row": 1}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 50000, "seats_per_row": 250000}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 1e9, "seats_per_row": 1}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 1.5, "seats_per_row": 0}]}"#),
        ("", r#"{"sections": [{"name": "S", "general_admission": 0}]}"#),
        ("", r#"{"sections": [{"name": "S", "general_admission": 5, "rows": 1, "seats_per_row": 1}]}"#),
        (
            "",
            r#"{"sections": [{"name": "S", "general_admission": 5}, {"name": "S", "general_admission": 5}]}"#,
        ),
        ("", r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 1, "accessible": ["A-2"]}]}"#),
        (
            "",
            r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 1, "accessible": ["ZZZZZZZZZZZZZZZZZZ-1"]}]}"#,
        ),
        ("", r#"{"sections": [{"name": "", "rows": 1, "seats_per_row": 1}]}"#),
        ("", r#"{"sections": [{"name": "S", "general_admission": 5, "rows": 1}]}"#),
        ("", r#"{"sections": [{"name": "S", "general_admission": 5, "seats_per_row": 1}]}"#),
        ("", r#"{"sections": [{"name": "S", "general_admission": 5, "accessible": []}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 1, "accessible": ["B-1"]}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 1, "accessible": ["-1"]}]}"#),
        ("", r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 1, "accessible": ["1-1"]}]}"#),
    ];
    let answer = |(placeholder, value): (&str, &str)| {
        let json = if placeholder.is_empty() { value.to_owned() } else { with(placeholder, value) };
        let shown: String = value.chars().take(70).collect();
        format!("{placeholder} {shown}\n    {}", first_problem(&json))
    };
    let answers: Vec<String> = cases.into_iter().map(answer).collect();
    insta::assert_snapshot!(answers.join("\n"));
}

#[test]
fn problems_are_listed_up_to_a_limit() {
    let json = r#"{"zones": [{"rows": [{"seats": [{"seat_guid": [], "position": 1}, {"position": {"x": true}}]}], "areas": 3}, 7]}"#;
    let problems = refused(json).problems;
    let paths: Vec<&str> = problems.iter().map(|problem| &*problem.path).collect();
    let seat = "zones[0].rows[0].seats";
    assert_eq!(
        paths,
        [
            &format!("{seat}[0].seat_guid"),
            &format!("{seat}[0].position"),
            &format!("{seat}[1].seat_guid"),
            &format!("{seat}[1].position.x"),
            &format!("{seat}[1].position.y"),
            "zones[1]"
        ]
    );
    let error = refused(&format!(r#"{{"zones": [{{"rows": [{}]}}]}}"#, vec!["1"; 40_000].join(",")));
    assert_eq!((error.problems.len(), error.more_problems), (100, 10_000));
    assert_eq!(error.to_string(), "the seating plan has 10100 problems");
}

#[test]
fn duplicates_are_listed_up_to_a_limit() {
    let seats: Vec<String> =
        (0..30_000).map(|at| format!(r#"{{"seat_guid":{},"position":{{"x":0,"y":0}}}}"#, at / 2)).collect();
    let json = format!(r#"{{"zones":[{{"rows":[{{"seats":[{}]}}]}}]}}"#, seats.join(","));
    let error = refused(&json);
    assert_eq!((error.duplicates.len(), error.more_duplicates), (1_000, 14_000));
    let error = import(&json, ImportOptions { repair: true }).expect_err("too many to be repaired");
    assert_eq!(error.duplicates.len(), 1_000);
}

/// The time is at most proportional to the size of the file. Each of these takes well under a second.
#[test]
fn large_and_deep_files_are_refused_quickly() {
    let deep = "[".repeat(2_000_000);
    assert_eq!(refused(&deep).problems.len(), 1);
    let deep_and_closed =
        format!(r#"{{"x": {}{}, "zones": 1}}"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert_eq!(first_problem(&deep_and_closed), "zones: must be a list");
    let objects = format!(r#"{{"zones": {}1{}}}"#, r#"[{"rows":"#.repeat(300_000), "}]".repeat(300_000));
    assert_eq!(first_problem(&objects), "zones[0].rows[0].seats: is missing");
    let zones = format!(r#"{{"zones": [{}]}}"#, vec![r#"{"rows":[]}"#; 2_001].join(","));
    assert!(
        refused(&zones).problems.iter().any(|problem| problem.message == "must have at most 2000 elements")
    );
    let crowd = format!(r#"{{"zones": [{{"rows": [{{"seats": [{}]}}]}}]}}"#, vec!["0"; 1_000_000].join(","));
    assert!(refused(&crowd).more_problems == 10_000);
    let same_row = r#"{"seat_guid":"g","position":{"x":0,"y":0}}"#;
    let one_place =
        format!(r#"{{"zones": [{{"rows": [{{"seats": [{}]}}]}}]}}"#, vec![same_row; 100_000].join(","));
    assert_eq!(refused(&one_place).duplicates[0].locations.len(), 100);
    assert!(import(&one_place, ImportOptions { repair: true }).is_err(), "too many to be repaired");
    assert!(first_problem(&" ".repeat(MAX_PLAN_BYTES)).starts_with(": is not JSON"), "but not too large");
    let huge = " ".repeat(MAX_PLAN_BYTES + 1);
    assert_eq!(first_problem(&huge), ": must have at most 67108864 bytes");
}

#[test]
fn the_largest_plans_fit() {
    for section in [
        r#""rows": 1, "seats_per_row": 250000"#,
        r#""rows": 50000, "seats_per_row": 5"#,
        r#""general_admission": 250000"#,
    ] {
        let json = format!(r#"{{"sections": [{{"name": "S", {section}}}]}}"#);
        assert_eq!(super::plan(&json).seat_count(), 250_000, "{section}");
    }
}

/// Fragments of plans in random order.
fn anything_like_json() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"zones\"",
        "\"rows\"",
        "\"seats\"",
        "\"seat_guid\"",
        "\"position\"",
        "\"x\"",
        "\"y\"",
        "1",
        "-1e9",
        "null",
        "true",
        "\"\\ud800\"",
        "\"sections\"",
        "\"name\"",
        "\"seats_per_row\"",
        "\"general_admission\"",
        "\"accessible\"",
        "\"areas\"",
        "\"text\"",
        "\"shape\"",
        "\"polygon\"",
        "\"points\"",
        " ",
        "\u{0}",
        "ß",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_imported_or_refused_with_a_reason(json in prop_oneof![anything_like_json(), "\\PC{0,80}"], repair: bool) {
        let options = ImportOptions { repair };
        for read in [import, import_pretix, import_short] {
            if let Err(error) = read(&json, options) {
                let doubles = !error.duplicates.is_empty() || !error.duplicate_labels.is_empty();
                prop_assert!(!error.problems.is_empty() || doubles);
            }
        }
    }

    /// A real plan with some bytes removed or replaced by bytes from another place.
    #[test]
    fn a_damaged_plan_never_panics(at in 0..SMALL_THEATRE.len(), from in 0..SMALL_THEATRE.len(), length in 0..200_usize) {
        let take = |start: usize, end: usize| SMALL_THEATRE.get(start..end.min(SMALL_THEATRE.len())).unwrap_or("");
        let json = [take(0, at), take(from, from + length / 2), take(at + length, usize::MAX)].concat();
        let _answer = import(&json, ImportOptions { repair: true });
    }
}
