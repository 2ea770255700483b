//! Seats with one label: the same section, row and number, so that their tickets could not be told apart.

use super::{read, repaired};
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, export_pretix, import};
use fairseat_domain::wire::{decode_plan, encode_plan};

/// A plan of these rows, each `section/row: numbers`; every seat has a guid of its own.
fn rows(rows: &[&str]) -> String {
    let mut guid = 0;
    let mut zones: Vec<(&str, Vec<String>)> = Vec::new();
    for row in rows {
        let (place, numbers) = row.split_once(": ").expect("section/row: numbers");
        let (section, label) = place.split_once('/').expect("section/row");
        let seat = |number: &str| {
            guid += 1;
            let number = number.trim_matches('_');
            format!(
                r#"{{"seat_guid": "g{guid}", "seat_number": "{number}", "position": {{"x": {guid}, "y": 0}}}}"#
            )
        };
        let seats = numbers.split(' ').map(seat).collect::<Vec<_>>().join(",");
        let row = format!(r#"{{"row_number": "{label}", "seats": [{seats}]}}"#);
        match zones.iter_mut().find(|zone| zone.0 == section) {
            Some(zone) => zone.1.push(row),
            None => zones.push((section, vec![row])),
        }
    }
    let zone = |(name, rows): (&str, Vec<String>)| {
        let standing = if name == "Pit" { r#""fairseat_general_admission": true, "# } else { "" };
        format!(r#"{{"name": "{name}", {standing}"rows": [{}]}}"#, rows.join(","))
    };
    format!(r#"{{"zones": [{}]}}"#, zones.into_iter().map(zone).collect::<Vec<_>>().join(","))
}

fn labels(plan: &SeatingPlan) -> Vec<String> {
    plan.seats().map(|seat| seat.label()).collect()
}

#[test]
fn seats_with_one_label_are_refused_by_name_and_place_or_renumbered() {
    let cases: [(&[&str], &[&str], &[&str]); 5] = [
        (
            &["Main/A: 1 2 1"],
            &["Main A-1: zones[0].rows[0].seats[0] (Main A-1), zones[0].rows[0].seats[2] (Main A-1)"],
            &["Main A-1", "Main A-2", "Main A-1~2"],
        ),
        (
            &["Main/A: 1 2", "Side/A: 1", "Main/A: 2 3 2~2"],
            &["Main A-2: zones[0].rows[0].seats[1] (Main A-2), zones[0].rows[1].seats[0] (Main A-2)"],
            &["Main A-1", "Main A-2", "Main A-2~3", "Main A-3", "Main A-2~2", "Side A-1"],
        ),
        (
            &["Main/: 7 7 7"],
            &["Main 7: zones[0].rows[0].seats[0] (Main -7), zones[0].rows[0].seats[1] (Main -7), \
               zones[0].rows[0].seats[2] (Main -7)"],
            &["Main 7", "Main 7~2", "Main 7~3"],
        ),
        (
            &["大ホール/い: 五 五", "Balkon/Reihe Ä: 1a 1A 1a"],
            &[
                "大ホール い-五: zones[0].rows[0].seats[0] (大ホール い-五), zones[0].rows[0].seats[1] (大ホール い-五)",
                "Balkon Reihe Ä-1a: zones[1].rows[0].seats[0] (Balkon Reihe Ä-1a), zones[1].rows[0].seats[2] (Balkon Reihe Ä-1a)",
            ],
            &[
                "大ホール い-五",
                "大ホール い-五~2",
                "Balkon Reihe Ä-1a",
                "Balkon Reihe Ä-1A",
                "Balkon Reihe Ä-1a~2",
            ],
        ),
        // The rows of different sections, the places of a general admission and seats without numbers are no duplicates.
        (
            &["Main/A: 1", "Side/A: 1", "Pit/: 1 1 1", "Table/1: _ _"],
            &[],
            &["Main A-1", "Side A-1", "Pit", "Pit", "Pit", "Table 1", "Table 1"],
        ),
    ];
    for (given, refused, expected) in cases {
        let json = rows(given);
        let found: Vec<String> = match read(&json) {
            Ok(_) => Vec::new(),
            Err(error) => {
                assert_eq!(
                    (error.problems.len(), error.duplicates.len(), error.more_duplicate_labels),
                    (0, 0, 0)
                );
                let places = |found: &[fairseat_domain::seating_plan::SeatLocation]| {
                    found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                };
                let line = |double: &fairseat_domain::seating_plan::DuplicateLabel| {
                    format!("{}: {}", double.label, places(&double.locations))
                };
                error.duplicate_labels.iter().map(line).collect()
            }
        };
        assert_eq!(found, refused, "{given:?}");
        let imported = repaired(&json);
        assert_eq!(labels(&imported.plan), expected, "{given:?}");
        assert_eq!(imported.repairs, []);
        let changed = labels(&imported.plan).iter().filter(|label| label.contains('~')).count();
        let given_so = given.iter().filter(|row| row.contains('~')).count();
        assert_eq!(imported.renumbered.len(), changed - given_so);
        let exported = export_pretix(&imported.plan);
        assert_eq!(read(&exported).expect("our own export").plan, imported.plan);
    }
}

#[test]
fn duplicate_guids_and_labels_are_named_and_repaired_together() {
    let json = rows(&["Main/A: 1 1 2"]).replace("g3", "g1");
    let error = read(&json).expect_err("both are duplicates");
    assert_eq!((error.duplicates.len(), error.duplicate_labels.len()), (1, 1));
    assert_eq!(error.to_string(), "the seating plan has 2 problems");
    let imported = repaired(&json);
    assert_eq!(labels(&imported.plan), ["Main A-1", "Main A-1~2", "Main A-2"]);
    let guids: Vec<&str> = imported.plan.seats().map(|seat| seat.guid).collect();
    assert_eq!(guids, ["g1", "g2", "g1~2"]);
}

#[test]
fn too_many_are_refused_with_the_first_ones() {
    let numbers = vec!["1"; 10_002].join(" ");
    let error = import(&rows(&[&format!("Main/A: {numbers}")]), ImportOptions { repair: true });
    let error = error.expect_err("too many to be repaired");
    assert_eq!(error.duplicate_labels[0].locations.len(), 100);
    let pairs: Vec<String> = (0..1_500).map(|at| format!("{at} {at}")).collect();
    let error = read(&rows(&[&format!("Main/A: {}", pairs.join(" "))])).expect_err("1,500 labels");
    assert_eq!((error.duplicate_labels.len(), error.more_duplicate_labels), (1_000, 500));
}

/// The bytes of a plan that an earlier version accepted: two seats of a row have the number 1, which is changed here in the
/// encoded bytes because no import makes such a plan any more.
#[test]
fn a_stored_plan_with_one_label_twice_is_still_read_and_changed() {
    let plan = read(&rows(&["Main/A: 1 2"])).expect("a plan").plan;
    let mut bytes = encode_plan(&plan).expect("bytes");
    // The labels are stored as length and text: `A`, `1`, `2`; the number of the second seat is the index of `2`.
    let expected = labels(&plan);
    assert_eq!(expected, ["Main A-1", "Main A-2"]);
    let of_second = (0..bytes.len()).find(|at| {
        let mut changed = bytes.clone();
        changed[*at] = changed[*at].wrapping_sub(1);
        decode_plan(&changed).is_ok_and(|plan| labels(&plan) == ["Main A-1", "Main A-1"])
    });
    bytes[of_second.expect("the index of the number")] -= 1;
    let stored = decode_plan(&bytes).expect("an earlier version's plan");
    assert_eq!(labels(&stored), ["Main A-1", "Main A-1"]);
    let changed = stored.changed_to(&plan).expect("a plan");
    assert_eq!(labels(&changed), expected);
}
