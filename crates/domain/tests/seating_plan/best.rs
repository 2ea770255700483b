//! The best available seats: examples, and an independent search that tries every block.

use super::{index_of, label, plan};
use fairseat_domain::best_available::{
    Availability, BestAvailableRequest, best_available, general_admission,
};
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::money::Amount;
use fairseat_domain::seating_plan::{Point, SeatView, SeatingPlan, SectionIndex, SegmentIndex};
use proptest::prelude::*;

/// Which seats are free, and the price of each.
pub(super) struct House<'a> {
    pub(super) plan: &'a SeatingPlan,
    pub(super) free: Vec<bool>,
    pub(super) prices: Vec<i64>,
}

impl Availability for House<'_> {
    fn available(&self, seat: SeatIndex) -> bool {
        self.free[seat.position()]
    }

    fn price(&self, seat: SeatIndex) -> Option<Amount> {
        Some(Amount(self.prices[seat.position()]))
    }

    fn available_in_segment(&self, segment: SegmentIndex) -> u32 {
        let segment = self.plan.segment(segment).expect("a segment");
        segment.seats().iter().map(|seat| u32::from(self.free[seat.position()])).sum()
    }
}

pub(super) fn anywhere(quantity: u32) -> BestAvailableRequest {
    BestAvailableRequest { quantity, section: None, max_price: None, accessible: false }
}

/// Marks the chosen seats of a row as `^`. In the row, `.` is free, `x` taken, `a` free and accessible, `_` an aisle.
fn chosen_in_row(row: &str, wanted: BestAvailableRequest) -> String {
    let seats: Vec<(usize, char)> = row.chars().enumerate().filter(|(_, c)| *c != '_').collect();
    let json: Vec<String> = seats
        .iter()
        .map(|(at, c)| {
            let accessible = *c == 'a';
            let x = at * 25;
            format!(r#"{{"seat_guid":"{at}","seat_number":{at},"position":{{"x":{x},"y":0}},"fairseat_accessible":{accessible}}}"#)
        })
        .collect();
    let plan = plan(&format!(
        r#"{{"zones":[{{"name":"S","rows":[{{"row_number":"A","seats":[{}]}}]}}]}}"#,
        json.join(",")
    ));
    let free = seats.iter().map(|(_, c)| *c != 'x').collect();
    let house = House { plan: &plan, free, prices: vec![0; seats.len()] };
    let Some(chosen) = best_available(&plan, &wanted, &house) else { return "nothing".to_owned() };
    let mut marks = vec![' '; row.len()];
    for seat in chosen {
        marks[seats[seat.position()].0] = '^';
    }
    marks.into_iter().collect::<String>().trim_end().to_owned()
}

/// The focus of a plan with a single row is its middle.
#[test]
fn together_near_the_middle_and_no_single_seat_left() {
    let cases = [
        ("together, in the middle", ".........", 3, "   ^^^"),
        ("an even number, the lower index", "......", 2, "  ^^"),
        ("rather at the wall than a single seat there", "......", 3, "^^^"),
        ("not across a taken seat", "...x....", 4, "    ^^^^"),
        ("a single seat is left either way, so the nearer", "...x.....", 4, "    ^^^^"),
        ("not across an aisle", "...___....", 4, "      ^^^^"),
        ("nothing leaves a single seat if it can be helped", "x....x...", 3, "      ^^^"),
        ("two left at one end rather than one at each", "xx......xx", 4, "  ^^^^"),
        ("an orphan when there is no other choice", "xxx....xx", 3, "   ^^^"),
        ("a seat that was single already is no new orphan", ".x..x", 2, "  ^^"),
        ("taking a single seat leaves none", "..x.x..", 1, "   ^"),
        ("one of two would leave the other alone", "xx..xx...x", 1, "      ^"),
        ("too many", "....x....", 5, "nothing"),
        ("accessible seats are kept back", "aa.......", 2, "   ^^"),
        ("until nothing else is left", "aaxxxxxxx", 2, "^^"),
        ("and count as neighbours", "xxa..xx", 2, "   ^^"),
    ];
    for (why, row, quantity, expected) in cases {
        assert_eq!(chosen_in_row(row, anywhere(quantity)), expected, "{why}: {row}");
    }
    let accessible = |row| chosen_in_row(row, BestAvailableRequest { accessible: true, ..anywhere(2) });
    assert_eq!(accessible("a........"), "^^", "a companion beside the accessible seat");
    assert_eq!(accessible("ax......."), "nothing");
    assert_eq!(accessible("........."), "nothing");
}

/// Two blocks of seats side by side, with a stage at the bottom left.
const SIDES: &str = r#"{"zones": [
    {"name": "Right", "rows": [{"row_number": "A", "seats": [
        {"seat_guid": "r1", "seat_number": 1, "position": {"x": 500, "y": 0}}, {"seat_guid": "r2", "seat_number": 2, "position": {"x": 525, "y": 0}}]}]},
    {"name": "Left", "rows": [{"row_number": "A", "seats": [
        {"seat_guid": "l1", "seat_number": 1, "position": {"x": 0, "y": 0}}, {"seat_guid": "l2", "seat_number": 2, "position": {"x": 25, "y": 0}}]}],
     "areas": [{"shape": "text", "text": {"text": "Arah panggung", "position": {"x": 0, "y": 0}}, "position": {"x": 510, "y": 0}},
               {"shape": "rectangle", "rectangle": {"width": 100, "height": 40}, "rotation": 180, "position": {"x": 0, "y": 300},
                "text": {"text": "S T A G E"}}]}]}"#;

#[test]
fn seats_near_the_stage_are_chosen_first() {
    let plan = plan(SIDES);
    let choose = |free: [bool; 4], wanted: BestAvailableRequest| {
        let house = House { plan: &plan, free: free.to_vec(), prices: vec![30, 30, 20, 20] };
        let chosen = best_available(&plan, &wanted, &house);
        chosen.map(|seats| seats.into_iter().map(|seat| label(&plan, seat)).collect::<Vec<_>>().join(" "))
    };
    let right = plan.section_named("Right");
    assert_eq!(
        choose([true; 4], anywhere(1)).as_deref(),
        Some("Left A-1"),
        "either choice leaves a single seat, so the nearer one"
    );
    assert_eq!(choose([true; 4], anywhere(2)).as_deref(), Some("Left A-1 Left A-2"));
    assert_eq!(choose([true, true, true, false], anywhere(2)).as_deref(), Some("Right A-1 Right A-2"));
    assert_eq!(
        choose([true; 4], BestAvailableRequest { section: right, ..anywhere(2) }).as_deref(),
        Some("Right A-1 Right A-2")
    );
    let cheap = BestAvailableRequest { max_price: Some(Amount(20)), ..anywhere(1) };
    assert_eq!(choose([true, true, false, false], cheap), None);
    assert_eq!(
        choose([true, false, true, true], anywhere(1)).as_deref(),
        Some("Right A-1"),
        "leaving no single seat matters more than nearness"
    );
    assert_eq!(choose([true; 4], anywhere(0)), None);
}

#[test]
fn general_admission_comes_after_seats() {
    let plan = plan(
        r#"{"sections": [{"name": "Field", "general_admission": 10}, {"name": "Box", "rows": 1, "seats_per_row": 3, "accessible": ["A-3"]}]}"#,
    );
    let field = plan.section_named("Field").expect("a section");
    let house = |taken: &[u32]| {
        let free = (0..13).map(|at| !taken.contains(&at)).collect();
        House { plan: &plan, free, prices: vec![0; 13] }
    };
    let indexes = |seats: Option<Vec<SeatIndex>>| {
        seats.map(|seats| seats.into_iter().map(|seat| seat.0).collect::<Vec<_>>())
    };
    let best =
        |wanted: BestAvailableRequest, taken: &[u32]| indexes(best_available(&plan, &wanted, &house(taken)));
    assert_eq!(best(anywhere(2), &[]), Some(vec![10, 11]));
    assert_eq!(best(anywhere(3), &[]), Some(vec![0, 1, 2]), "rather than a seat for a wheelchair");
    assert_eq!(
        best(anywhere(3), &[0, 1, 2, 3, 4, 5, 6, 7]),
        Some(vec![10, 11, 12]),
        "unless nothing else is left"
    );
    assert_eq!(best(BestAvailableRequest { section: Some(field), ..anywhere(2) }, &[0, 2]), Some(vec![1, 3]));
    assert_eq!(best(BestAvailableRequest { accessible: true, ..anywhere(1) }, &[12]), None);
    let general = |quantity| indexes(general_admission(&plan, field, quantity, &house(&[1])));
    assert_eq!(
        (general(3), general(9).map(|seats| seats.len()), general(10), general(0)),
        (Some(vec![0, 2, 3]), Some(9), None, None)
    );
    assert_eq!(general_admission(&plan, SectionIndex(1), 1, &house(&[])), None, "has numbered seats");
    assert_eq!(general_admission(&plan, SectionIndex(9), 1, &house(&[])), None, "is not there");
}

#[test]
fn of_two_equally_near_blocks_the_more_expensive_is_chosen() {
    let plan = plan(
        r#"{"zones": [
            {"name": "Left", "rows": [{"seats": [{"seat_guid": "a1", "position": {"x": 0, "y": 0}}]}]},
            {"name": "Right", "rows": [{"seats": [{"seat_guid": "a2", "position": {"x": 80, "y": 0}}]}]}]}"#,
    );
    for (prices, expected) in [(vec![10, 10], 0), (vec![20, 10], 0), (vec![10, 20], 1)] {
        let house = House { plan: &plan, free: vec![true; 2], prices };
        assert_eq!(best_available(&plan, &anywhere(1), &house), Some(vec![SeatIndex(expected)]));
    }
}

/// The far row comes first in the file, so its seat has the lower index.
#[test]
fn of_two_equally_near_seats_the_lower_index_is_chosen() {
    let plan = plan(
        r#"{"zones": [{"name": "S", "rows": [
            {"row_number": "B", "seats": [{"seat_guid": "b", "seat_number": 1, "position": {"x": 0, "y": 40}}]},
            {"row_number": "A", "seats": [
                {"seat_guid": "a1", "seat_number": 1, "position": {"x": 0, "y": 0}},
                {"seat_guid": "a2", "seat_number": 2, "position": {"x": 40, "y": 0}}]}]}]}"#,
    );
    let house = House { plan: &plan, free: vec![true, false, true], prices: vec![0; 3] };
    assert_eq!(best_available(&plan, &anywhere(1), &house), Some(vec![SeatIndex(0)]));
}

#[test]
fn a_block_never_reaches_across_a_removed_seat() {
    let json = |guids: &[&str]| {
        let seats: Vec<String> = guids
            .iter()
            .enumerate()
            .map(|(at, guid)| {
                format!(r#"{{"seat_guid":"{guid}","seat_number":{at},"position":{{"x":{},"y":0}}}}"#, at * 25)
            })
            .collect();
        plan(&format!(
            r#"{{"zones":[{{"name":"S","rows":[{{"row_number":"A","seats":[{}]}}]}}]}}"#,
            seats.join(",")
        ))
    };
    let changed = json(&["a", "b", "c", "d"]).changed_to(&json(&["a", "x", "c", "d"])).expect("a plan");
    let free = changed.seats().map(|seat| !seat.removed).collect();
    let house = House { plan: &changed, free, prices: vec![0; 5] };
    let chosen = best_available(&changed, &anywhere(4), &house).expect("the four that are there");
    let guids: Vec<&str> =
        chosen.iter().filter_map(|seat| changed.seat(*seat)).map(|seat| seat.guid).collect();
    assert_eq!(guids, ["a", "x", "c", "d"], "in the order of the row, the new seat where the old one was");
    assert_eq!(index_of(&changed, "S A-0"), SeatIndex(0));
}

/// Accessible, orphan, section's distance, own distance, the price below zero, lowest index.
type Key = (bool, bool, i128, i128, i64, SeatIndex);

/// Tries every block of every segment and keeps the one with the smallest key. Uses only the public functions of the plan,
/// none of the real search. The plans here have no stage.
fn brute_force(house: &House<'_>, wanted: &BestAvailableRequest) -> Option<Vec<SeatIndex>> {
    let plan = house.plan;
    let live: Vec<SeatView<'_>> = plan.seats().filter(|seat| !seat.removed).collect();
    let xs = || live.iter().map(|seat| seat.position.x);
    let focus =
        Point { x: (xs().min()? + xs().max()?) / 2, y: live.iter().map(|seat| seat.position.y).min()? };
    let far = |a: Point, b: Point| {
        let (x, y) = (i128::from(a.x) - i128::from(b.x), i128::from(a.y) - i128::from(b.y));
        x * x + y * y
    };
    let affordable =
        |seat: SeatIndex| wanted.max_price.is_none_or(|max| house.prices[seat.position()] <= max.0);
    let mut blocks: Vec<(Key, Vec<SeatIndex>)> = Vec::new();
    let mut places: Vec<(i128, SectionIndex, Vec<SeatIndex>)> = Vec::new();
    for section in plan.sections().filter(|section| wanted.section.is_none_or(|asked| asked == section.index))
    {
        let seats: Vec<SeatView<'_>> = section.seats().filter(|seat| !seat.removed).collect();
        let Some(best) = seats.iter().min_by_key(|seat| (far(seat.position, focus), seat.index)) else {
            continue;
        };
        let from_focus = if wanted.section.is_some() { 0 } else { far(best.position, focus) };
        if section.general_admission() {
            let mut free: Vec<SeatIndex> = seats.iter().map(|seat| seat.index).collect();
            free.retain(|seat| house.available(*seat) && affordable(*seat));
            free.sort();
            if free.len() >= wanted.quantity as usize {
                places.push((from_focus, section.index, free[..wanted.quantity as usize].to_vec()));
            }
            continue;
        }
        for segment in section.rows().flat_map(|row| row.segments()).filter(|segment| !segment.removed()) {
            let row = segment.seats();
            for start in 0..row.len() {
                let end = start + wanted.quantity as usize;
                let Some(block) = row.get(start..end) else { break };
                if !block.iter().all(|seat| house.available(*seat) && affordable(*seat)) {
                    continue;
                }
                let free = |at: i64| {
                    usize::try_from(at)
                        .ok()
                        .and_then(|at| row.get(at))
                        .is_some_and(|seat| house.available(*seat))
                };
                let (start, end) = (start as i64, end as i64);
                let orphan = (free(start - 1) && !free(start - 2)) || (free(end) && !free(end + 1));
                let view = |seat: &SeatIndex| plan.seat(*seat).expect("a seat");
                let accessible = block.iter().any(|seat| view(seat).accessible);
                let sum = block.iter().map(|seat| far(view(seat).position, best.position)).sum();
                let price: i64 = block.iter().map(|seat| house.prices[seat.position()]).sum();
                let lowest = *block.iter().min()?;
                blocks.push(((accessible, orphan, from_focus, sum, -price, lowest), block.to_vec()));
            }
        }
    }
    blocks.sort();
    places.sort();
    if wanted.accessible {
        return blocks.into_iter().find(|(key, _)| key.0).map(|(_, block)| block);
    }
    let ordinary = blocks.iter().find(|(key, _)| !key.0).map(|(_, block)| block.clone());
    let general = places.into_iter().next().map(|(_, _, places)| places);
    ordinary.or(general).or_else(|| blocks.into_iter().next().map(|(_, block)| block))
}

/// A few small sections in the short form. They have many ties, where two searches are most likely to differ.
fn small_plan() -> impl Strategy<Value = SeatingPlan> {
    let section = (1..4_usize, 1..9_usize, prop::collection::vec((0..4_usize, 1..9_usize), 0..3), 0..8_u8);
    prop::collection::vec(section, 1..5).prop_map(|sections| {
        let sections: Vec<String> = sections
            .into_iter()
            .enumerate()
            .map(|(at, (rows, seats, accessible, kind))| {
                if kind == 0 {
                    return format!(r#"{{"name": "S{at}", "general_admission": {seats}}}"#);
                }
                let accessible: Vec<String> = accessible
                    .into_iter()
                    .filter(|(row, seat)| *row < rows && *seat <= seats)
                    .map(|(row, seat)| format!("\"{}-{seat}\"", ["A", "B", "C", "D"][row]))
                    .collect();
                let accessible = accessible.join(",");
                format!(r#"{{"name": "S{at}", "rows": {rows}, "seats_per_row": {seats}, "accessible": [{accessible}]}}"#)
            })
            .collect();
        plan(&format!(r#"{{"sections": [{}]}}"#, sections.join(",")))
    })
}

/// Rows with uneven gaps, listed in any order.
fn uneven_plan() -> impl Strategy<Value = SeatingPlan> {
    let row = prop::collection::vec((0..300_u32, 0..12_u32), 1..10);
    prop::collection::vec(prop::collection::vec(row, 1..4), 1..3).prop_map(|zones| {
        let mut guid = 0;
        let zones: Vec<String> = zones
            .into_iter()
            .map(|rows| {
                let rows: Vec<String> = rows
                    .into_iter()
                    .enumerate()
                    .map(|(y, seats)| {
                        let seats: Vec<String> = seats
                            .into_iter()
                            .map(|(x, lift)| {
                                guid += 1;
                                format!(
                                    r#"{{"seat_guid":{guid},"position":{{"x":{x},"y":{}}}}}"#,
                                    y as u32 * 40 + lift
                                )
                            })
                            .collect();
                        format!(r#"{{"row_number":{y},"seats":[{}]}}"#, seats.join(","))
                    })
                    .collect();
                format!(r#"{{"rows":[{}]}}"#, rows.join(","))
            })
            .collect();
        plan(&format!(r#"{{"zones":[{}]}}"#, zones.join(",")))
    })
}

fn any_wish() -> impl Strategy<Value = BestAvailableRequest> {
    let section = prop::option::weighted(0.3, 0..5_u32);
    let max_price = prop::option::weighted(0.3, 0..4_i64);
    (1..6_u32, section, max_price, prop::bool::weighted(0.2)).prop_map(
        |(quantity, section, max_price, accessible)| BestAvailableRequest {
            quantity,
            section: section.map(SectionIndex),
            max_price: max_price.map(Amount),
            accessible,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_block_is_better_than_the_chosen_one(
        plan in prop_oneof![small_plan(), uneven_plan()],
        taken in prop::collection::vec(0..4_u8, 200),
        share in 0..5_u8,
        prices in prop::collection::vec(0..4_i64, 200),
        wanted in any_wish(),
    ) {
        let house = House {
            plan: &plan,
            free: (0..plan.seat_count()).map(|at| taken[at % 200] >= share).collect(),
            prices: (0..plan.seat_count()).map(|at| prices[at % 200]).collect(),
        };
        prop_assert_eq!(best_available(&plan, &wanted, &house), brute_force(&house, &wanted));
    }
}
