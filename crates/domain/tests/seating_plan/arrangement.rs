//! The arrangement of the short form's sections: rings around a middle, or shelves, without overlap.

use super::{ARENA, plan};
use fairseat_domain::seating_plan::{Point, SeatingPlan};
use proptest::prelude::*;
use std::collections::BTreeMap;

const PITCH: i64 = 25_000;

/// A section's left, top, right and bottom.
fn extent(plan: &SeatingPlan, section: &str) -> [i32; 4] {
    let index = plan.section_named(section).expect("a section");
    let places: Vec<Point> =
        plan.section(index).expect("a section").seats().map(|seat| seat.position).collect();
    let side = |side: fn(&Point) -> i32| {
        (places.iter().map(side).min().expect("a seat"), places.iter().map(side).max().expect("a seat"))
    };
    let ((left, right), (top, bottom)) = (side(|place| place.x), side(|place| place.y));
    [left, top, right, bottom]
}

/// On which side of `middle` a section is: `n`, `e`, `s`, `w`, `ne` …
fn side(plan: &SeatingPlan, middle: &str, section: &str) -> String {
    let [left, top, right, bottom] = extent(plan, middle);
    let [west, north, east, south] = extent(plan, section);
    let (x, y) = (west.midpoint(east), north.midpoint(south));
    let pick = |low: bool, high: bool, names: [&str; 2]| {
        if low {
            names[0].to_owned()
        } else if high {
            names[1].to_owned()
        } else {
            String::new()
        }
    };
    pick(y < top, y > bottom, ["n", "s"]) + &pick(x < left, x > right, ["w", "e"])
}

#[test]
fn numbered_sections_form_rings_around_the_others() {
    let arena = plan(ARENA);
    let around = |prefix: &str, numbers: std::ops::RangeInclusive<u32>| -> Vec<String> {
        numbers.map(|number| side(&arena, "Floor", &format!("{prefix} {number}"))).collect()
    };
    assert_eq!(around("Lower", 101..=112).join(" "), "n ne e e se s s sw w w nw n");
    assert_eq!(around("Upper", 201..=218).join(" "), "n ne ne ne e se se se s s sw sw sw w nw nw nw n");
}

/// A section above the middle shows that the plan is a bowl.
#[test]
fn a_bowl_needs_a_middle_and_six_numbered_sections() {
    let is_bowl = |names: &[&str]| {
        let sections: Vec<String> = names
            .iter()
            .map(|name| format!(r#"{{"name": "{name}", "rows": 2, "seats_per_row": 4}}"#))
            .collect();
        let plan = plan(&format!(r#"{{"sections": [{}]}}"#, sections.join(",")));
        names.iter().any(|name| extent(&plan, name)[1] < extent(&plan, names[0])[1])
    };
    for (names, bowl) in [
        (&["Floor", "B 1", "B 2", "B 3", "B 4", "B 5", "B 6"][..], true),
        (&["Floor", "1", "2", "3", "4", "5", "6"], true),
        (&["Floor", "B 1", "B 2", "B 3", "B 4", "B 5"], false),
        (&["Floor", "B 1", "B 2", "B 3", "C 4", "C 5", "C 6"], false),
        (&["Floor", "97", "98", "99", "101", "102", "103"], false),
        (&["B 1", "B 2", "B 3", "B 4", "B 5", "B 6"], false),
        (&["Stalls", "Circle", "Gallery"], false),
    ] {
        assert_eq!(is_bowl(names), bowl, "{names:?}");
    }
}

/// The rows are so long that a ring would exceed the largest coordinate.
#[test]
fn a_bowl_that_would_be_too_large_becomes_shelves() {
    let wide = |at| format!(r#"{{"name": "B {at}", "rows": 1, "seats_per_row": 40000}}"#);
    let sections: Vec<String> = (1..=6).map(wide).collect();
    let plan = plan(&format!(
        r#"{{"sections": [{{"name": "Pit", "general_admission": 9}}, {}]}}"#,
        sections.join(",")
    ));
    assert_eq!(extent(&plan, "B 1")[1], extent(&plan, "B 1")[3], "rows lie flat");
    assert!(extent(&plan, "Pit")[1] < extent(&plan, "B 1")[1]);
}

/// A plan of rings around a middle section. Each ring has its number of sections, of rows and of seats per row.
fn any_bowl() -> impl Strategy<Value = String> {
    let ring = (6_usize..14, 1_usize..5, 1_usize..9);
    (prop::collection::vec(ring, 1..4), 1_usize..8, 1_usize..8, any::<bool>()).prop_map(
        |(rings, rows, seats, standing)| {
            let middle = if standing {
                format!(r#"{{"name": "Middle", "general_admission": {}}}"#, rows * seats)
            } else {
                format!(r#"{{"name": "Middle", "rows": {rows}, "seats_per_row": {seats}}}"#)
            };
            let ringed = rings.iter().enumerate().flat_map(|(ring, (sections, rows, seats))| {
                (1..=*sections).map(move |at| {
                    format!(
                        r#"{{"name": "{} {at}", "rows": {rows}, "seats_per_row": {seats}}}"#,
                        ["Lower", "Club", "Upper"][ring]
                    )
                })
            });
            let sections: Vec<String> = std::iter::once(middle).chain(ringed).collect();
            format!(r#"{{"sections": [{}]}}"#, sections.join(","))
        },
    )
}

proptest! {
    /// Seats of two sections are further apart than neighbours, and steps between seats are multiples of a tenth.
    #[test]
    fn rows_are_straight_and_sections_keep_their_distance(json in any_bowl()) {
        let plan = plan(&json);
        let mut rows: BTreeMap<(String, String), Vec<Point>> = BTreeMap::new();
        for seat in plan.seats() {
            prop_assert!(seat.position.x > 0 && seat.position.y > 0);
            let row = (seat.section_name().to_owned(), seat.row_label().to_owned());
            rows.entry(row).or_default().push(seat.position);
        }
        for ((section, row), places) in rows.iter().filter(|((section, _), _)| section != "Middle") {
            let steps: Vec<Point> = places.windows(2).map(|pair| pair[1].minus(pair[0])).collect();
            prop_assert!(steps.windows(2).all(|pair| pair[0] == pair[1]), "{section} {row}: {steps:?}");
            prop_assert!(steps.iter().all(|step| step.x % 100 == 0 && step.y % 100 == 0));
        }
        let seats: Vec<(u32, Point)> = plan.seats().map(|seat| (seat.section.0, seat.position)).collect();
        for (at, (section, place)) in seats.iter().enumerate() {
            for (other, there) in &seats[at + 1..] {
                let least = if section == other { PITCH * 99 / 100 } else { PITCH * 3 / 2 };
                let apart = place.distance_squared(*there);
                prop_assert!(apart >= (least * least) as u64, "{section} {place:?}, {other} {there:?}");
            }
        }
        let segments = plan.segments().filter(|segment| !segment.seats().is_empty()).count();
        prop_assert_eq!(segments, rows.len());
    }
}
