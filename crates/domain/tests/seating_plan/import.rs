//! Importing plans and exporting them again.

use super::random_plans::any_pretix_plan;
use super::{ARENA, CLUB, CONCERT_HALL, SMALL_THEATRE, index_of, plan, read, repaired};
use fairseat_domain::seating_plan::{
    ImportOptions, Point, SeatView, SeatingPlan, Shape, export_pretix, import,
};
use proptest::prelude::*;

/// The segments of a row, each as `first–last (count)`.
fn segments(plan: &SeatingPlan, section: &str, row: &str) -> Vec<String> {
    let section = plan.section_named(section).and_then(|index| plan.section(index)).expect("a section");
    let number = |seat: Option<&_>| {
        seat.and_then(|index| plan.seat(*index)).map_or("", |seat: SeatView<'_>| seat.number)
    };
    section
        .rows()
        .filter(|found| found.label() == row)
        .flat_map(|row| row.segments())
        .map(|segment| segment.seats())
        .map(|seats| format!("{}–{} ({})", number(seats.first()), number(seats.last()), seats.len()))
        .collect()
}

/// The number of seats of a category.
fn of_category(plan: &SeatingPlan, name: &str) -> usize {
    plan.seats().filter(|seat| seat.category_name() == Some(name)).count()
}

#[test]
fn duplicates_are_refused_by_name_and_place() {
    let error = read(SMALL_THEATRE).expect_err("three duplicates");
    assert_eq!(error.problems, []);
    let found: Vec<String> = error
        .duplicates
        .iter()
        .map(|duplicate| {
            let places: Vec<String> = duplicate.locations.iter().map(ToString::to_string).collect();
            format!("{}: {}", duplicate.guid, places.join(", "))
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[test]
fn a_file_that_is_not_a_plan_gets_exactly_one_problem() {
    for json in ["[]", "7", "{}", "nonsense"] {
        assert_eq!(read(json).expect_err(json).problems.len(), 1, "{json}");
    }
}

#[test]
fn duplicates_are_renumbered_when_asked() {
    let imported = repaired(SMALL_THEATRE);
    let repairs: Vec<String> = imported
        .repairs
        .iter()
        .map(|repair| format!("{} → {} at {}", repair.from, repair.to, repair.location))
        .collect();
    insta::assert_snapshot!(repairs.join("\n"));
    assert_eq!(imported.plan.seat_count(), 182);
}

#[test]
fn renumbering_skips_guids_already_taken() {
    let seat = |guid: &str| format!(r#"{{"seat_guid": "{guid}", "position": {{"x": 0, "y": 0}}}}"#);
    let seats = ["X", "X", "X~2", "Y", "X", "X~2"].map(seat).join(",");
    let json = format!(r#"{{"zones": [{{"rows": [{{"seats": [{seats}]}}]}}]}}"#);
    let imported = repaired(&json);
    let guids: Vec<&str> = imported.plan.seats().map(|seat| seat.guid).collect();
    assert_eq!(guids, ["X", "X~3", "X~2", "Y", "X~4", "X~2~2"]);
}

#[test]
fn a_theatre_keeps_its_geometry() {
    let plan = repaired(SMALL_THEATRE).plan;
    let names: Vec<&str> = plan.sections().map(|section| section.name()).collect();
    assert_eq!(names, ["Stalls", "Balcony"]);
    assert_eq!(segments(&plan, "Stalls", "A"), ["1–9 (9)"]);
    assert_eq!(
        segments(&plan, "Stalls", "C"),
        ["1–2 (2)", "3–11 (9)", "12–13 (2)"],
        "pieces of a curved row"
    );
    assert_eq!(segments(&plan, "Balcony", "1"), ["1–10 (10)", "11–20 (10)"], "an aisle in one row object");
    assert_eq!(of_category(&plan, "NOT AVAILABLE"), 12);
    assert_eq!(plan.categories().len(), 4);
    let balcony = plan.seat(index_of(&plan, "Balcony 1-2")).expect("a seat");
    assert_eq!(balcony.position, Point { x: 210_000, y: 200_000 }, "zone, row and seat together");
    assert!(plan.seat(index_of(&plan, "Stalls A-1")).is_some_and(|seat| seat.accessible));
    let stage =
        plan.decorations().iter().find(|it| it.text.as_ref().is_some_and(|text| &*text.text == "S T A G E"));
    assert_eq!(stage.map(|stage| &stage.shape), Some(&Shape::Rectangle { width: 400_000, height: 90_000 }));
    assert_eq!(plan.decorations().len(), 7);
}

#[test]
fn the_short_form_is_laid_out() {
    let club = plan(CLUB);
    assert_eq!(club.seat_count(), 536);
    let standing = club.section_named("Standing").and_then(|index| club.section(index)).expect("a section");
    assert!(standing.general_admission());
    assert_eq!(standing.seats().count(), 500);
    assert_eq!(standing.seats().next().map(|seat| seat.label()), Some("Standing".to_owned()), "no number");
    let accessible: Vec<String> =
        club.seats().filter(|seat| seat.accessible).map(|seat| seat.label()).collect();
    assert_eq!(accessible, ["Gallery A-1", "Gallery A-2", "Gallery A-12"]);
    assert_eq!(of_category(&club, "Gallery"), 36);

    let arena = plan(ARENA);
    assert_eq!(arena.seat_count(), 600 + 12 * 150 + 18 * 160);
    assert_eq!(segments(&arena, "Lower 101", "O"), ["1–10 (10)"]);
    let mut places: Vec<Point> = arena.seats().map(|seat| seat.position).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), arena.seat_count(), "no two seats in one place");
}

#[test]
fn rows_have_letters_like_columns() {
    let plan =
        plan(r#"{"sections": [{"name": "S", "rows": 703, "seats_per_row": 1, "accessible": ["AAA-1"]}]}"#);
    let rows: Vec<&str> = plan.seats().map(|seat| seat.row_label()).collect();
    assert_eq!(
        [rows[0], rows[25], rows[26], rows[51], rows[52], rows[701], rows[702]],
        ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
    );
    assert!(plan.seats().last().is_some_and(|seat| seat.accessible));
}

#[test]
fn zones_with_the_same_name_stay_separate_and_are_exported_with_it() {
    let zone = |name: &str, guid: &str| {
        format!(
            r#"{{"name": {name}, "rows": [{{"seats": [{{"seat_guid": "{guid}", "position": {{"x": 1, "y": 1}}}}]}}]}}"#
        )
    };
    let zones = [zone(r#""Box""#, "a"), zone(r#""Box""#, "b"), zone("null", "c"), zone(r#""Box (2)""#, "d")]
        .join(",");
    let plan = plan(&format!(r#"{{"zones": [{zones}]}}"#));
    let names =
        |plan: &SeatingPlan| plan.sections().map(|section| section.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&plan), ["Box", "Box (2)", "Zone 3", "Box (2) (2)"]);
    let exported = export_pretix(&plan);
    assert_eq!(exported.matches(r#""name":"Box","#).count(), 2);
    assert_eq!(super::plan(&exported), plan);
}

#[test]
fn missing_optional_fields_and_unknown_fields_are_accepted() {
    let plan = plan(
        r#"{"zones": [{"future": {"a": [1, {"b": null}]}, "rows": [
            {"row_number": 7, "seats": [{"seat_guid": 4711, "seat_number": 12.0, "position": {"x": -0.5, "y": 1e1, "z": 3}, "category": "Gold"},
                                        {"seat_guid": "b", "seat_number": null, "category": null, "radius": 12, "position": {"x": 1, "y": 2}}]},
            {"row_number": null, "seats": []}],
           "areas": [{"width": 10, "height": 20, "position": {"x": 1, "y": 2}, "text": "old"}, {"shape": "star", "text": {"text": "new"}}]}]}"#,
    );
    let seats: Vec<String> = plan
        .seats()
        .map(|seat| format!("{} {} {:?}", seat.guid, seat.label(), seat.category_name()))
        .collect();
    assert_eq!(seats, [r#"4711 Zone 1 7-12.0 Some("Gold")"#, "b Zone 1 7 None"]);
    let shapes: Vec<&Shape> = plan.decorations().iter().map(|decoration| &decoration.shape).collect();
    assert_eq!(shapes, [&Shape::Rectangle { width: 10_000, height: 20_000 }, &Shape::Text]);
    assert_eq!(super::plan(&export_pretix(&plan)), plan);
}

/// Coordinates at the limit, a size of zero, missing names.
#[test]
fn values_at_their_limits_are_accepted() {
    let edge = r#"{"size": {"width": 0, "height": 0}, "zones": [{"position": {"x": 500000, "y": -500000}, "rows": [
        {"position": {"x": 499999, "y": 0}, "seats": [{"seat_guid": "g", "position": {"x": 1, "y": -500000}}]}],
        "areas": [{"shape": "text", "position": {"x": 500000, "y": 0}}]}]}"#;
    let plan = plan(edge);
    assert_eq!((plan.size().width, plan.size().height), (0, 0));
    let corner = Point { x: 1_000_000_000, y: -1_000_000_000 };
    assert_eq!(plan.seats().next().map(|seat| seat.position), Some(corner));
    assert_eq!(plan.decorations()[0].position.x, corner.x);
}

#[test]
fn a_shape_without_a_name_is_recognized_by_its_measures() {
    let areas = [
        r#""rectangle": {"width": 10, "height": 20}"#,
        r#""circle": {"radius": 3}"#,
        r#""ellipse": {"radius": {"x": 3, "y": 4}}"#,
        r#""polygon": {"points": [{"x": 5, "y": 6}]}"#,
        r#""width": 10"#,
    ];
    let plan = plan(&format!(
        r#"{{"zones": [{{"rows": [{{"seats": [{{"seat_guid": "g", "position": {{"x": 0, "y": 0}}}}]}}], "areas": [{{{}}}]}}]}}"#,
        areas.join("}, {")
    ));
    let shapes: Vec<&Shape> = plan.decorations().iter().map(|decoration| &decoration.shape).collect();
    assert_eq!(
        shapes,
        [
            &Shape::Rectangle { width: 10_000, height: 20_000 },
            &Shape::Circle { radius: 3_000 },
            &Shape::Ellipse { radius: Point { x: 3_000, y: 4_000 } },
            &Shape::Polygon(vec![Point { x: 5_000, y: 6_000 }].into()),
            &Shape::Text
        ]
    );
}

#[test]
fn only_the_given_fields_of_rows_and_seats_are_exported() {
    let rows = ["start", "left", "end", "right", "both", "middle"].map(|position| {
        format!(
            r#"{{"row_number_position": "{position}", "uuid": "12345", "seats": [{{"seat_guid": "{position}", "position": {{"x": 0, "y": 0}}}}]}}"#
        )
    });
    let exported = export_pretix(&plan(&format!(r#"{{"zones": [{{"rows": [{}]}}]}}"#, rows.join(","))));
    let count = |text: &str| exported.matches(text).count();
    let positions =
        ["start", "end", "both", ""].map(|end| count(&format!(r#""row_number_position":"{end}"#)));
    assert_eq!(positions, [2, 2, 1, 5]);
    assert_eq!(["uuid", "radius", "row_label", "fairseat"].map(count), [0; 4], "{exported}");
}

/// A shelf for two sections of two seats is seven seats wide: with the gap of three, both just fit.
#[test]
fn sections_are_side_by_side_while_they_fit() {
    let columns_and_rows = |sections: &str| {
        let plan = plan(&format!(r#"{{"sections": [{sections}]}}"#));
        let along = |side: fn(Point) -> i32| {
            plan.seats().map(|seat| side(seat.position)).collect::<std::collections::BTreeSet<_>>().len()
        };
        (along(|place| place.x), along(|place| place.y))
    };
    let pair = |name: &str| format!(r#"{{"name": "{name}", "rows": 1, "seats_per_row": 2}}"#);
    assert_eq!(columns_and_rows(&[pair("A"), pair("B")].join(",")), (4, 1));
    assert_eq!(columns_and_rows(r#"{"name": "C", "general_admission": 9}"#), (3, 3), "in a square");
}

#[test]
fn sections_become_categories_up_to_the_limit_of_categories() {
    for (sections, categories) in [(500, 500), (501, 0)] {
        let sections: Vec<String> =
            (0..sections).map(|at| format!(r#"{{"name": "{at}", "general_admission": 1}}"#)).collect();
        let plan = plan(&format!(r#"{{"sections": [{}]}}"#, sections.join(",")));
        assert_eq!(plan.categories().len(), categories);
    }
}

#[test]
fn the_example_plans_are_exported_and_imported_equal() {
    for json in [SMALL_THEATRE, CONCERT_HALL, CLUB, ARENA] {
        let plan = repaired(json).plan;
        let exported = export_pretix(&plan);
        let again = super::plan(&exported);
        assert_eq!(again, plan);
        assert_eq!(export_pretix(&again), exported);
    }
}

/// The file is not in the repository. The test is skipped where it is missing.
#[test]
fn a_real_theatre_is_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/plans/theatre-real-1132-seats.json");
    let Ok(json) = std::fs::read_to_string(path) else {
        println!("skipped: there is no {path}");
        return;
    };
    let error = read(&json).expect_err("21 duplicates");
    assert_eq!((error.problems.len(), error.duplicates.len(), error.more_duplicates), (0, 21, 0));
    assert_eq!(error.duplicates[0].guid, "Groundfloor-AB-18");
    let imported = import(&json, ImportOptions { repair: true }).expect("a plan");
    assert_eq!(imported.repairs.len(), 21);
    assert_eq!(imported.repairs[20].to, "Groundfloor-BE-35~2");
    let plan = imported.plan;
    assert_eq!(plan.seat_count(), 1132);
    assert_eq!(of_category(&plan, "NOT AVAILABLE"), 112);
    assert_eq!((plan.decorations().len(), plan.categories().len(), plan.sections().count()), (23, 6, 1));
    assert_eq!(segments(&plan, "Ground floor", "AA"), ["1–17 (17)", "18–32 (15)", "33–49 (17)"]);
    assert_eq!(segments(&plan, "Ground floor", "BA"), ["5–45 (41)"]);
    let bb = ["10–19 (10)", "20–23 (4)", "24–27 (4)", "28–31 (4)", "32–41 (10)"];
    assert_eq!(segments(&plan, "Ground floor", "BB"), bb);
    assert_eq!(super::plan(&export_pretix(&plan)), plan);
}

proptest! {
    #[test]
    fn any_plan_is_exported_and_imported_equal(json in any_pretix_plan()) {
        let imported = repaired(&json);
        let exported = export_pretix(&imported.plan);
        prop_assert_eq!(super::plan(&exported), imported.plan);
    }

    #[test]
    fn every_live_seat_is_in_exactly_one_segment(json in any_pretix_plan()) {
        let plan = repaired(&json).plan;
        let mut seen = Vec::new();
        for segment in plan.segments() {
            for index in segment.seats() {
                let seat = plan.seat(*index).expect("a seat");
                prop_assert_eq!((seat.segment, seat.row), (segment.index, segment.row()));
                seen.push(*index);
            }
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, plan.seats().map(|seat| seat.index).collect::<Vec<_>>());
        let by_section: usize = plan.sections().map(|section| section.seats().count()).sum();
        prop_assert_eq!(by_section, plan.seat_count());
    }
}
