//! The geometry document and the picture of a plan: the document is complete, and the picture is safe to embed.

use super::random_plans::any_pretix_plan;
use super::{ARENA, CLUB, CONCERT_HALL, SMALL_THEATRE, plan, repaired};
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::seating_plan::{Point, SeatingPlan, SeatmapFormat, seatmap_json};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The picture of a plan without prices.
fn seatmap_svg(plan: &SeatingPlan) -> String {
    fairseat_domain::seating_plan::seatmap_svg(plan, |_seat| None)
}

fn tier(seat: SeatIndex) -> Option<u16> {
    [Some(0), Some(0), Some(1), None][seat.position() / 3 % 4]
}

fn integers(value: &Value) -> Vec<i64> {
    value.as_array().expect("a list").iter().map(|value| value.as_i64().expect("a whole number")).collect()
}

/// The coordinates of a run, read by the documented rules.
fn coordinates(run: &Value, evenly: &str, each: &str, count: usize) -> Vec<i64> {
    if let Some(value) = run.get(evenly) {
        let (first, step) = (integers(value)[0], integers(value)[1]);
        return (0..count as i64).map(|at| first + step * at).collect();
    }
    let mut sum = 0;
    integers(&run[each])
        .into_iter()
        .map(|difference| {
            sum += difference;
            sum
        })
        .collect()
}

fn along(run: &Value, key: &str, count: usize) -> Vec<Option<i64>> {
    match run.get(key) {
        None => vec![None; count],
        Some(Value::Array(runs)) => runs
            .iter()
            .flat_map(|run| vec![run[1].as_i64(); run[0].as_u64().expect("a count") as usize])
            .collect(),
        Some(value) => vec![value.as_i64(); count],
    }
}

fn numbers(run: &Value, count: usize) -> Vec<String> {
    match run.get("numbers").and_then(Value::as_array) {
        None => vec![String::new(); count],
        Some(list) if list[0].is_string() => {
            list.iter().map(|text| text.as_str().expect("text").to_owned()).collect()
        }
        Some(list) => {
            let (first, step) = (list[0].as_i64().expect("a number"), list[1].as_i64().expect("a number"));
            (0..count as i64).map(|at| (first + step * at).to_string()).collect()
        }
    }
}

/// A seat of the document or of the plan: index, section, row, number, place, tier, category, accessible.
type Drawn = (u32, String, String, String, Option<(i64, i64)>, Option<i64>, Option<i64>, bool);

fn drawn(document: &Value) -> Vec<Drawn> {
    let (mut seats, mut next) = (Vec::new(), 0);
    let mut draw = |section: &Value, row: &str, runs: &Value, placed: bool| {
        for run in runs.as_array().expect("runs") {
            let count = run["count"].as_u64().expect("a count") as usize;
            let from = run.get("from").map_or(next, |from| from.as_u64().expect("an index") as u32);
            next = from + count as u32;
            let (numbers, tiers, categories) =
                (numbers(run, count), along(run, "tier", count), along(run, "category", count));
            let accessible = run.get("accessible").map(integers).unwrap_or_default();
            let places = placed.then(|| {
                coordinates(run, "x", "xs", count)
                    .into_iter()
                    .zip(coordinates(run, "y", "ys", count))
                    .collect::<Vec<_>>()
            });
            for at in 0..count {
                let name = section["name"].as_str().expect("a name").to_owned();
                let place = places.as_ref().map(|places| places[at]);
                seats.push((
                    from + at as u32,
                    name,
                    row.to_owned(),
                    numbers[at].clone(),
                    place,
                    tiers[at],
                    categories[at],
                    accessible.contains(&(at as i64)),
                ));
            }
        }
    };
    for section in document["sections"].as_array().expect("sections") {
        if section.get("general_admission").is_some() {
            draw(section, "", &section["runs"], false);
        } else {
            for row in section["rows"].as_array().expect("rows") {
                draw(section, row["label"].as_str().expect("a label"), &row["runs"], true);
            }
        }
    }
    seats.sort();
    seats
}

fn expected(plan: &SeatingPlan) -> Vec<Drawn> {
    let tenths = |thousandths: i32| (i64::from(thousandths) + 50).div_euclid(100);
    let place = |point: Point| (tenths(point.x), tenths(point.y));
    plan.seats()
        .filter(|seat| !seat.removed)
        .map(|seat| {
            let general = plan.section(seat.section).is_some_and(|section| section.general_admission());
            let (row, number) = if general { ("", "") } else { (seat.row_label(), seat.number) };
            (
                seat.index.0,
                seat.section_name().to_owned(),
                row.to_owned(),
                number.to_owned(),
                (!general).then(|| place(seat.position)),
                tier(seat.index).map(i64::from),
                seat.category.map(|category| i64::from(category.0)),
                seat.accessible,
            )
        })
        .collect()
}

fn document(plan: &SeatingPlan) -> Value {
    serde_json::from_slice(&seatmap_json(plan, SeatmapFormat::EveryRow, &["Stalls", "VIP"], tier))
        .expect("JSON")
}

#[test]
fn the_document_contains_every_seat_and_decoration() {
    for json in [SMALL_THEATRE, CONCERT_HALL, CLUB, ARENA] {
        let plan = repaired(json).plan;
        let document = document(&plan);
        assert_eq!(drawn(&document), expected(&plan));
        assert_eq!(document["decorations"].as_array().map(Vec::len), Some(plan.decorations().len()));
    }
    let club = document(&plan(CLUB));
    assert_eq!(club["sections"][0]["box"].as_array().map(Vec::len), Some(4));
}

#[test]
fn the_document_is_as_documented() {
    let plan = plan(
        r##"{"name": "P", "size": {"width": 100, "height": 50}, "categories": [{"name": "Red", "color": "#f00"}], "zones": [{"name": "Z", "rows": [
            {"row_number": "A", "seats": [
                {"seat_guid": "1", "seat_number": 1, "category": "Red", "position": {"x": 0, "y": 0.04}},
                {"seat_guid": "2", "seat_number": 3, "category": "Red", "position": {"x": 25, "y": 2}, "fairseat_accessible": true},
                {"seat_guid": "3", "seat_number": 5, "position": {"x": 50, "y": 1}}]},
            {"row_number": "B", "seats": [{"seat_guid": "4", "seat_number": "1a", "category": "Red", "radius": 12, "position": {"x": 0, "y": 40}}]}],
            "areas": [{"shape": "polygon", "polygon": {"points": [{"x": 0, "y": 0}, {"x": 5.55, "y": -1}]}, "position": {"x": 10, "y": 20}, "rotation": 12.5,
                       "color": "#eee", "text": {"text": "Bar", "position": {"x": 1, "y": 2}}}]},
          {"name": "G", "fairseat_general_admission": true, "rows": [{"seats": [
                {"seat_guid": "5", "position": {"x": 100, "y": 20}}, {"seat_guid": "6", "position": {"x": 150, "y": 60}}, {"seat_guid": "7", "position": {"x": 110, "y": 10}}]}]}]}"##,
    );
    let document = String::from_utf8(seatmap_json(&plan, SeatmapFormat::EveryRow, &[], |seat| {
        Some(u16::from(seat.0 > 0))
    }))
    .expect("text");
    insta::assert_snapshot!(document);
}

#[test]
fn the_picture_shows_rows_or_sections() {
    let theatre = seatmap_svg(&repaired(SMALL_THEATRE).plan);
    assert!(theatre.starts_with("<svg xmlns=") && theatre.ends_with("</svg>"));
    for piece in ["<title>Harbour Playhouse</title>", ">S T A G E<", ">Balcony<", "color=\"#2E7D32\""] {
        assert!(theatre.contains(piece), "{piece} in {theatre}");
    }
    assert!(!theatre.contains("cloakroom"), "letters that nobody could read");
    assert!(theatre.len() < 10_000, "{}", theatre.len());
    let sections: Vec<String> =
        (1..=60).map(|at| format!(r#"{{"name": "Block {at}", "rows": 40, "seats_per_row": 40}}"#)).collect();
    let arena = seatmap_svg(&plan(&format!(r#"{{"sections": [{}]}}"#, sections.join(","))));
    assert!(arena.contains(">60<") && arena.len() < 10_000, "{}", arena.len());
}

/// A straight row has its two ends only, a bent row also its corner, a single seat is a point. Removed seats are not drawn.
#[test]
fn the_picture_of_a_small_plan() {
    let seat = |guid: &str, x: i32, y: i32, category: &str| {
        format!(r#"{{"seat_guid": "{guid}", "category": "{category}", "position": {{"x": {x}, "y": {y}}}}}"#)
    };
    let small = |seats: &[String]| {
        plan(&format!(
            r##"{{"name": "P <1> & \"2\"", "size": {{"width": 300, "height": 100}}, "categories": [{{"name": "Red", "color": "#f00"}}, {{"name": "Odd", "color": "#12"}}],
              "zones": [{{"name": "A", "rows": [{{"row_number": "A", "seats": [{}]}}], "areas": [
                {{"shape": "rectangle", "rectangle": {{"width": 30, "height": 20.4}}, "position": {{"x": 5.6, "y": 0}}, "color": "teal", "border_color": "#gggggg"}},
                {{"shape": "circle", "circle": {{"radius": 7}}, "position": {{"x": 50, "y": 0}}, "rotation": 12.5, "color": "a;b"}},
                {{"shape": "ellipse", "ellipse": {{"radius": {{"x": 7, "y": -1}}}}, "position": {{"x": 90, "y": 0}}}},
                {{"shape": "polygon", "polygon": {{"points": [{{"x": 0, "y": 0}}, {{"x": 5, "y": 5}}, {{"x": 0, "y": 9}}]}}, "position": {{"x": 120, "y": 0}}}},
                {{"shape": "text", "text": {{"text": "Bar > 1", "position": {{"x": 1, "y": 2}}, "color": "navy", "size": 9}}, "position": {{"x": 150, "y": 0}}}}]}}]}}"##,
            seats.join(",")
        ))
    };
    let mut seats: Vec<String> = [0, 20, 40, 60].map(|x| seat(&format!("r{x}"), x, 50, "Red")).into();
    seats.extend(
        [(80, 50), (100, 50), (120, 51), (140, 60)].map(|(x, y)| seat(&format!("o{x}"), x, y, "Odd")),
    );
    seats.push(seat("lone", 290, 95, "Red"));
    let next = small(&seats);
    seats.push(seat("gone", 900, 900, "Red"));
    let plan = small(&seats).changed_to(&next).expect("a plan");
    insta::assert_snapshot!(seatmap_svg(&plan).replace("><", ">\n<"));
}

/// Rows with so many corners that sections are drawn as outlines. A section with only removed seats is not drawn.
#[test]
fn the_picture_of_a_large_plan() {
    let zone = |name: &str, x: i32, count: i32| {
        let seats: Vec<String> = (0..count)
            .map(|at| {
                let (x, y) = (x + at % 2 * 5, at * 10);
                format!(r#"{{"seat_guid": "{name}{at}", "category": "{name}", "position": {{"x": {x}, "y": {y}}}}}"#)
            })
            .collect();
        format!(r#"{{"name": "{name}", "rows": [{{"seats": [{}]}}]}}"#, seats.join(","))
    };
    let large = |zones: &[String]| {
        let colors = r##"[{"name": "West", "color": "#00f"}, {"name": "East", "color": "green"}]"##;
        plan(&format!(r#"{{"categories": {colors}, "zones": [{}]}}"#, zones.join(",")))
    };
    let next = [zone("West", 0, 1_001), zone("East", 100, 1_001), zone("Empty", 0, 0)];
    let old = [next.as_slice(), &[zone("Gone", 5_000, 3)]].concat();
    let plan = large(&old).changed_to(&large(&next)).expect("a plan");
    insta::assert_snapshot!(seatmap_svg(&plan).replace("><", ">\n<"));
}

#[test]
fn the_picture_contains_no_markup_from_the_file() {
    let bad = r#"</text><script>alert(\"1\")</script>"#;
    let json = format!(
        r#"{{"name": "{bad}", "categories": [{{"name": "c", "color": "{bad}"}}], "zones": [{{"name": "{bad}", "rows": [{{"row_number": "{bad}",
            "seats": [{{"seat_guid": "g", "seat_number": "{bad}", "category": "c", "position": {{"x": 0, "y": 0}}}}]}}],
            "areas": [{{"shape": "circle", "circle": {{"radius": 3}}, "color": "url(#x)", "border_color": "red\" onload=\"x", "text": {{"text": "{bad}", "color": "{bad}"}}}}]}},
            {{"name": "{bad}", "rows": []}}]}}"#
    );
    let svg = seatmap_svg(&plan(&json));
    assert!(!svg.contains("<script") && !svg.contains("onload") && !svg.contains("url("), "{svg}");
}

proptest! {
    #[test]
    fn any_plan_can_be_drawn(json in any_pretix_plan(), next in any_pretix_plan()) {
        let plan = repaired(&json).plan.changed_to(&repaired(&next).plan).expect("a plan");
        prop_assert_eq!(drawn(&document(&plan)), expected(&plan));
        let svg = seatmap_svg(&plan);
        prop_assert_eq!(svg.matches('<').count(), svg.matches('>').count());
        prop_assert_eq!(&seatmap_svg(&plan), &svg);
    }
}

/// The rows of a document in version 2, written one by one as in version 1.
fn every_row(mut document: Value) -> Value {
    for section in document["sections"].as_array_mut().expect("sections") {
        let Some(rows) = section.get_mut("rows") else { continue };
        let grouped = rows.as_array().expect("rows").iter();
        let single = grouped.flat_map(|row| {
            let Some(labels) = row.get("labels") else { return vec![row.clone()] };
            let (x, y) = (row["step"][0].as_i64().expect("x"), row["step"][1].as_i64().expect("y"));
            let labels = labels.as_array().expect("labels").iter().zip(0..);
            let row_at = |(label, at): (&Value, i64)| {
                let mut runs = row["runs"].clone();
                for run in runs.as_array_mut().expect("runs") {
                    for (axis, step) in [("x", x), ("xs", x), ("y", y), ("ys", y)] {
                        if let Some(first) = run.get_mut(axis).and_then(|values| values.get_mut(0)) {
                            *first = (first.as_i64().expect("a length") + step * at).into();
                        }
                    }
                    if at > 0 {
                        run.as_object_mut().expect("a run").remove("from");
                    }
                }
                json!({"label": label, "runs": runs})
            };
            labels.map(row_at).collect()
        });
        *rows = single.collect();
    }
    document["format"] = 1.into();
    document
}

/// Both versions say the same; the second is much shorter where rows are alike.
#[test]
fn rows_that_are_alike_are_written_once_in_version_2() {
    for json in [SMALL_THEATRE, CONCERT_HALL, CLUB, ARENA] {
        let plan = repaired(json).plan;
        let text = |format| seatmap_json(&plan, format, &["Stalls", "VIP"], tier);
        let short = serde_json::from_slice(&text(SeatmapFormat::RowsAlike)).expect("JSON");
        assert_eq!(every_row(short), document(&plan));
    }
    let sections: Vec<String> =
        (1..=40).map(|at| format!(r#"{{"name": "Lower {at}", "rows": 30, "seats_per_row": 30}}"#)).collect();
    let stadium = plan(&format!(
        r#"{{"sections": [{{"name": "Pitch", "general_admission": 1000}}, {}]}}"#,
        sections.join(",")
    ));
    let bytes = |format| seatmap_json(&stadium, format, &[], |_| Some(0)).len();
    let (long, short) = (bytes(SeatmapFormat::EveryRow), bytes(SeatmapFormat::RowsAlike));
    assert!(short * 8 < long, "{short} of {long} bytes");
}
