//! The focus of a plan, where people look, and the best seats near it.

use super::best::{House, anywhere};
use super::{label, plan};
use fairseat_domain::best_available::best_available;
use fairseat_domain::seating_plan::{ImportOptions, Point, SeatView, SeatingPlan, export_pretix, import};
use proptest::prelude::*;

/// Chooses `quantity` of all seats of a plan, of which none is taken; the places of the seats.
fn places_chosen(plan: &SeatingPlan, quantity: u32) -> Vec<Point> {
    let seats = plan.seat_count();
    let house = House { plan, free: vec![true; seats], prices: vec![0; seats] };
    let chosen = best_available(plan, &anywhere(quantity), &house).expect("a block");
    chosen.into_iter().filter_map(|seat| plan.seat(seat)).map(|seat| seat.position).collect()
}

/// Distances of numbered seats from a point.
fn distances(plan: &SeatingPlan, from: Point) -> impl Iterator<Item = u64> {
    let seated = |seat: &SeatView<'_>| !plan.section(seat.section).expect("a section").general_admission();
    plan.seats().filter(seated).map(move |seat| seat.position.distance_squared(from))
}

/// A bowl in pretix's form: rows along four sides, each side a section or all of them one; rows are listed from the front backwards, or from
/// the back. With a floor of seats in the middle or without.
fn bowl_of_zones(rows: u32, seats: u32, one_zone: bool, floor: bool) -> String {
    let (mut zones, mut guid, hole) = (vec![Vec::new(); 4], 0, seats * 25);
    for side in 0..4 {
        for row in 0..rows {
            let out = i64::from(hole / 2 + 40 + row * 25);
            let mut line = Vec::new();
            for seat in 0..seats {
                let along = i64::from(seat * 25) - i64::from(hole / 2);
                let (x, y) = [(along, -out), (out, along), (along, out), (-out, along)][side];
                guid += 1;
                line.push(format!(
                    r#"{{"seat_guid": {guid}, "position": {{"x": {}, "y": {}}}}}"#,
                    x + 5_000,
                    y + 5_000
                ));
            }
            zones[side].push(format!(r#"{{"row_number": "{side} {row}", "seats": [{}]}}"#, line.join(",")));
        }
    }
    let mut zones: Vec<String> = if one_zone {
        vec![zones.concat().join(",")]
    } else {
        zones.iter().map(|rows| rows.join(",")).collect()
    };
    if floor {
        let seats: Vec<String> = (0..4)
            .map(|at| {
                format!(r#"{{"seat_guid": "f{at}", "position": {{"x": {}, "y": 5000}}}}"#, 4_960 + at * 25)
            })
            .collect();
        zones.push(format!(r#"{{"row_number": "A", "seats": [{}]}}"#, seats.join(",")));
    }
    let zones: Vec<String> = zones.iter().map(|rows| format!(r#"{{"rows": [{rows}]}}"#)).collect();
    format!(r#"{{"zones": [{}]}}"#, zones.join(","))
}

/// A theatre with a stage beside one of its four sides, as an area with this text.
fn theatre(rows: u32, seats: u32, side: usize, stage: &str) -> (String, Point) {
    let (width, depth) = (i64::from(seats) * 25, i64::from(rows) * 25);
    let (x, y) =
        [(width / 2, -100), (width + 100, depth / 2), (width / 2, depth + 100), (-100, depth / 2)][side];
    let line = |row: u32| {
        let seat = |seat: u32| {
            format!(
                r#"{{"seat_guid": "{row}-{seat}", "position": {{"x": {}, "y": {}}}}}"#,
                seat * 25,
                row * 25
            )
        };
        format!(
            r#"{{"row_number": {row}, "seats": [{}]}}"#,
            (0..seats).map(seat).collect::<Vec<_>>().join(",")
        )
    };
    let lines: Vec<String> = (0..rows).map(line).collect();
    let area = format!(
        r#"{{"shape": "circle", "circle": {{"radius": 40}}, "position": {{"x": {x}, "y": {y}}}, "text": {{"text": "{stage}"}}}}"#
    );
    let at = |side: i64| i32::try_from(side * 1_000).expect("a coordinate");
    (
        format!(r#"{{"zones": [{{"rows": [{}], "areas": [{area}]}}]}}"#, lines.join(",")),
        Point { x: at(x), y: at(y) },
    )
}

proptest! {
    /// In a bowl, the best seats are those nearest to its middle: never those at its upper edge.
    #[test]
    fn in_a_bowl_the_best_seats_are_nearest_to_the_middle(
        rows in 2..6_u32, seats in 8..20_u32, one_zone in any::<bool>(), floor in any::<bool>(), quantity in 1..5_u32,
    ) {
        let plan = plan(&bowl_of_zones(rows, seats, one_zone && !floor, floor));
        let middle = plan.focus();
        prop_assert!((middle.x - 5_000_000).abs() <= 13_000 && (middle.y - 5_000_000).abs() <= 13_000, "{middle:?}");
        let chosen = places_chosen(&plan, quantity);
        let farther = |place: &Point| distances(&plan, middle).filter(|other| *other < place.distance_squared(middle)).count();
        let rank = chosen.iter().map(farther).max().expect("a seat");
        prop_assert!(rank < 8 * 4 + 4, "{rank} seats are nearer");
    }

    #[test]
    fn in_the_short_form_a_bowl_has_its_middle_too(sections in 6..14_u32, rows in 1..6_u32, seats in 2..10_u32) {
        let ring: Vec<String> = (1..=sections).map(|at| format!(r#"{{"name": "Ring {at}", "rows": {rows}, "seats_per_row": {seats}}}"#)).collect();
        let plan = plan(&format!(r#"{{"sections": [{{"name": "Pitch", "general_admission": 50}}, {}]}}"#, ring.join(",")));
        let nearest = distances(&plan, plan.focus()).min();
        let chosen = places_chosen(&plan, 1);
        // A single seat at the end of a row would be left beside the nearest one, so its neighbour may be chosen.
        let apart = chosen[0].distance_squared(plan.focus()).isqrt() - nearest.expect("a seat").isqrt();
        prop_assert!(apart <= 26_000 * u64::from(seats) / 2 + 26_000, "{apart}");
    }

    #[test]
    fn in_a_theatre_the_best_seats_are_nearest_to_the_stage_on_whichever_side_it_is(
        rows in 2..9_u32, seats in 3..20_u32, side in 0..4_usize,
        stage in prop::sample::select(vec!["Bühne", "Scène", "escenario", "Palco", "舞台", "S T A G E", "ステージ", "Stage / Bühne", "무대", "BU\u{308}HNE"]),
    ) {
        let (json, middle) = theatre(rows, seats, side, stage);
        let plan = plan(&json);
        prop_assert_eq!(plan.focus(), middle);
        let nearest = distances(&plan, middle).min().expect("a seat").isqrt();
        let chosen = places_chosen(&plan, 2);
        prop_assert!(chosen.iter().all(|place| place.distance_squared(middle).isqrt() <= nearest + 60_000), "{chosen:?}");
    }
}

/// A plan says where its focus is: in the short form by a side or a section, in pretix's form by a point. What it says is kept.
#[test]
fn a_plan_can_say_where_its_focus_is() {
    let rows = |stage: &str| {
        plan(&format!(
            r#"{{"sections": [{{"name": "Floor", "rows": 4, "seats_per_row": 10}}, {{"name": "Pit", "general_admission": 20}}], "stage": "{stage}"}}"#
        ))
    };
    let whole = |from: &SeatingPlan| (from.focus().x / 1_000, from.focus().y / 1_000);
    for stage in ["top", "bottom", "left", "right"] {
        let plan = rows(stage);
        let (x, y) = whole(&plan);
        let seats = || plan.seats().map(|seat| (seat.position.x / 1_000, seat.position.y / 1_000));
        let (left, right) = (seats().map(|at| at.0).min().unwrap(), seats().map(|at| at.0).max().unwrap());
        let (top, bottom) = (seats().map(|at| at.1).min().unwrap(), seats().map(|at| at.1).max().unwrap());
        let outside = match stage {
            "top" => y < top,
            "bottom" => y > bottom,
            "left" => x < left,
            _ => x > right,
        };
        assert!(outside, "{stage}: ({x}, {y})");
        assert_eq!(plan.decorations().len(), 1, "it is drawn");
    }
    let floor = rows("Floor");
    let first_row: Vec<i32> =
        floor.seats().filter(|seat| seat.row_label() == "A").map(|seat| seat.position.x).collect();
    let middle = (first_row.iter().min().unwrap() + first_row.iter().max().unwrap()) / 2;
    assert_eq!(floor.focus().x, middle, "before the middle of the first row");
    let pit = rows("Pit");
    let standing: Vec<Point> =
        pit.seats().filter(|seat| seat.section_name() == "Pit").map(|seat| seat.position).collect();
    assert!(
        standing.iter().any(|place| place.distance_squared(pit.focus()) < 20_000 * 20_000),
        "in the middle of the standing places"
    );
    assert!(pit.decorations().is_empty(), "where nothing is drawn");
    for kept in [&pit, &rows("middle"), &floor] {
        let again = import(&export_pretix(kept), ImportOptions::default()).expect("a plan").plan;
        assert_eq!((again.focus(), &again), (kept.focus(), kept), "in pretix's form");
        let changed = kept.changed_to(kept).expect("a plan");
        assert_eq!(changed.focus(), kept.focus(), "in a plan that replaces it");
    }
    assert!(
        super::read(r#"{"sections": [{"name": "S", "rows": 1, "seats_per_row": 1}], "stage": "north"}"#)
            .is_err()
    );
}

/// The demo's arena has its stage before the floor: the first row is the best.
#[test]
fn the_arena_has_its_stage_before_the_floor() {
    let arena = plan(super::ARENA);
    let seats = arena.seat_count();
    let house = House { plan: &arena, free: vec![true; seats], prices: vec![0; seats] };
    let chosen = best_available(&arena, &anywhere(2), &house).expect("a block");
    let labels: Vec<String> = chosen.into_iter().map(|seat| label(&arena, seat)).collect();
    assert_eq!(labels, ["Floor A-14", "Floor A-15"]);
}
