//! Plans that change while their seats are on sale.

use super::random_plans::any_pretix_plan;
use super::{index_of, label, plan, repaired};
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::seating_plan::{SeatingPlan, SeatmapFormat, export_pretix, seatmap_json};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Sections as `name: guids`, one row each, seats side by side; a guid's first letter is its row.
fn hall(sections: &[(&str, &[&str])]) -> SeatingPlan {
    let zones: Vec<String> = sections
        .iter()
        .map(|(name, guids)| {
            let rows: Vec<String> = guids
                .iter()
                .enumerate()
                .map(|(at, guid)| {
                    let (row, number) = guid.split_at(1);
                    format!(
                        r#"{{"row_number":"{row}","seats":[{{"seat_guid":"{guid}","seat_number":"{number}","category":"{name}","position":{{"x":{},"y":0}}}}]}}"#,
                        at * 25
                    )
                })
                .collect();
            format!(r#"{{"name":"{name}","rows":[{}]}}"#, rows.join(","))
        })
        .collect();
    plan(&format!(r#"{{"zones":[{}]}}"#, zones.join(",")))
}

fn shown(plan: &SeatingPlan) -> Vec<String> {
    plan.seats()
        .map(|seat| format!("{} {}{}", seat.guid, seat.label(), if seat.removed { " removed" } else { "" }))
        .collect()
}

#[test]
fn seats_keep_their_index_when_they_move() {
    let old = hall(&[("Floor", &["A1", "A2", "A3"]), ("Side", &["B1", "B2"])]);
    let next = hall(&[("Balcony", &["B2", "C1"]), ("Floor", &["A3", "A1", "A4"])]);
    let changed = old.changed_to(&next).expect("a plan");
    assert_eq!(
        shown(&changed),
        [
            "A1 Floor A-1",
            "A2 Floor A-2 removed",
            "A3 Floor A-3",
            "B1 Side B-1 removed",
            "B2 Balcony B-2",
            "C1 Balcony C-1",
            "A4 Floor A-4"
        ]
    );
    let names: Vec<&str> = changed.sections().map(|section| section.name()).collect();
    assert_eq!(names, ["Balcony", "Floor", "Side"], "a section is kept for a seat that was in it");
    let removed: Vec<bool> = changed.segments().map(|segment| segment.removed()).collect();
    assert_eq!(
        removed.iter().filter(|removed| **removed).count(),
        2,
        "removed seats are never together with others"
    );

    let back = changed.changed_to(&old).expect("a plan");
    let removed = |plan: &SeatingPlan| {
        plan.seats().filter(|seat| seat.removed).map(|seat| seat.guid.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(removed(&back), ["C1", "A4"], "a removed seat can return as the same seat");
    assert_eq!(back.seat(SeatIndex(1)).map(|seat| seat.label()), Some("Floor A-2".to_owned()));
}

#[test]
fn a_new_guid_in_the_place_of_a_removed_seat_is_a_new_seat() {
    let old = hall(&[("Floor", &["A1", "A2", "A3"])]);
    let next = hall(&[("Floor", &["A1", "X2", "A3"])]);
    let changed = old.changed_to(&next).expect("a plan");
    let floor = changed.sections().next().expect("a section");
    assert!(
        floor
            .rows()
            .all(|row| row.label() != "A" || row.segments().all(|segment| segment.seats().len() <= 2))
    );
    assert_eq!(label(&changed, SeatIndex(3)), "Floor X-2");
    assert_eq!(index_of(&changed, "Floor A-3"), SeatIndex(2));
}

#[test]
fn removed_seats_are_neither_exported_nor_drawn() {
    let changed = hall(&[("Floor", &["A1", "A2"]), ("Old", &["B1"])])
        .changed_to(&hall(&[("Floor", &["A2", "A3"])]))
        .expect("a plan");
    let exported = export_pretix(&changed);
    assert_eq!(plan(&exported), hall(&[("Floor", &["A2", "A3"])]));
    let map =
        String::from_utf8(seatmap_json(&changed, SeatmapFormat::EveryRow, &[], |_| None)).expect("text");
    assert!(map.contains(r#""seats":4"#), "indexes of removed seats are still counted: {map}");
    assert!(map.contains(r#""from":1"#) && map.contains(r#""from":3"#), "{map}");
}

#[test]
fn row_and_seat_labels_are_those_of_the_next_plan() {
    let of = |row: &str, seat: &str, seats: &[&str]| {
        let seats: Vec<String> = seats
            .iter()
            .map(|guid| {
                format!(
                    r#"{{"seat_guid": "{guid}", "seat_number": "{guid}", "position": {{"x": 0, "y": 0}}}}"#
                )
            })
            .collect();
        let (row, seats) = (format!(r#""row_label": "{row}", "seat_label": "{seat}""#), seats.join(","));
        plan(&format!(
            r#"{{"zones": [{{"name": "S", "rows": [{{"row_number": "1", {row}, "seats": [{seats}]}}]}}]}}"#
        ))
    };
    let next = of("Tisch", "Stuhl", &["b", "c"]);
    let changed = of("Table", "Chair", &["a", "b"]).changed_to(&next).expect("a plan");
    assert_eq!(export_pretix(&changed), export_pretix(&next));
}

/// A next plan that was changed itself has removed seats, and may have rows without seats.
#[test]
fn removed_seats_of_the_next_plan_are_not_copied() {
    let rows = |rows: &[(&str, &[&str])]| {
        let rows: Vec<String> = rows
            .iter()
            .map(|(label, guids)| {
                let seat = |guid: &&str| {
                    format!(r#"{{"seat_guid": "{guid}", "uuid": "5f9f2c4e-0000-4000-8000-0000000000{guid}", "position": {{"x": 0, "y": 0}}}}"#)
                };
                let seats: Vec<String> = guids.iter().map(seat).collect();
                format!(r#"{{"row_number": "{label}", "seats": [{}]}}"#, seats.join(","))
            })
            .collect();
        plan(&format!(r#"{{"zones": [{{"name": "S", "rows": [{}]}}]}}"#, rows.join(",")))
    };
    let shrunk = rows(&[("A", &["a1", "a3"]), ("C", &[])]);
    let changed =
        rows(&[("A", &["a1", "a2", "a3"]), ("B", &["b1"]), ("C", &[])]).changed_to(&shrunk).expect("a plan");
    let again = rows(&[("A", &["a1"])]).changed_to(&changed).expect("a plan");
    assert_eq!(
        export_pretix(&again),
        export_pretix(&shrunk),
        "two seats, an empty row, and everybody's uuid"
    );
}

proptest! {
    #[test]
    fn no_index_is_ever_lost_or_reused(plans in prop::collection::vec(any_pretix_plan(), 2..5)) {
        let mut indexes: BTreeMap<String, SeatIndex> = BTreeMap::new();
        let mut current = repaired(&plans[0]).plan;
        for json in &plans {
            let next = repaired(json).plan;
            current = current.changed_to(&next).expect("a plan");
            for seat in current.seats() {
                let known = *indexes.entry(seat.guid.to_owned()).or_insert(seat.index);
                prop_assert_eq!(known, seat.index);
            }
            prop_assert_eq!(indexes.len(), current.seat_count());
            let live = |plan: &SeatingPlan| {
                let mut live: Vec<_> = plan.seats().filter(|seat| !seat.removed)
                    .map(|seat| (seat.guid.to_owned(), seat.label(), seat.position, seat.category_name().map(str::to_owned), seat.accessible))
                    .collect();
                live.sort();
                live
            };
            prop_assert_eq!(live(&current), live(&next));
            prop_assert_eq!(&current.changed_to(&next).expect("a plan"), &current, "changing to the same again changes nothing");
        }
    }
}
