//! The venue of these tests. It is small and has one section of each kind.
//!
//! Floor A-1 to A-3 and B-1 to B-3 at 30.00, the Pit with three places at 10.00, and a Balcony of two seats without a
//! price. `next_plan` has lost Floor A-3 and B-3 and gained a third Balcony seat.

use fairseat_domain::command::Command;
use fairseat_domain::ids::{AccountId, EventNumber, SeatIndex};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, import};
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::{Millis, Timestamp};

pub(crate) const EVENT: EventNumber = EventNumber(7);
pub(crate) const ALICE: AccountId = AccountId(0xa11ce);
pub(crate) const BOB: AccountId = AccountId(0xb0b);
pub(crate) const CAROL: AccountId = AccountId(0xca201);

/// When sales begin; scripts count from here.
pub(crate) fn on_sale() -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000)
}

pub(crate) fn hours(hours: i64) -> Millis {
    Millis::from_seconds(hours * 3600)
}

pub(crate) fn first_plan() -> SeatingPlan {
    plan(
        r#"{"name": "Hall", "sections": [
            {"name": "Floor", "rows": 2, "seats_per_row": 3},
            {"name": "Balcony", "rows": 1, "seats_per_row": 2},
            {"name": "Pit", "general_admission": 3}]}"#,
    )
}

pub(crate) fn next_plan() -> SeatingPlan {
    plan(
        r#"{"name": "Hall", "sections": [
            {"name": "Floor", "rows": 2, "seats_per_row": 2},
            {"name": "Balcony", "rows": 1, "seats_per_row": 3},
            {"name": "Pit", "general_admission": 3}]}"#,
    )
}

/// The first plan with other labels, `row-number`, of seats on the Floor. A seat whose label is `gone` is left out, and a seat that the
/// first plan does not have is added.
pub(crate) fn relabelled_plan(labels: &[(&str, &str)]) -> SeatingPlan {
    let mut floor: Vec<(&str, &str)> =
        ["A-1", "A-2", "A-3", "B-1", "B-2", "B-3"].map(|name| (name, name)).into();
    for (seat, label) in labels {
        match floor.iter_mut().find(|(name, _)| name == seat) {
            Some(known) => known.1 = label,
            None => floor.push((seat, label)),
        }
    }
    let row = |guid: &str, row: &str, number: &str, category: &str| {
        format!(
            r#"{{"row_number": "{row}", "seats": [{{"seat_guid": "{guid}", "seat_number": "{number}", "category": "{category}", "position": {{"x": 0, "y": 0}}}}]}}"#
        )
    };
    let floor = floor.iter().filter(|(_, label)| *label != "gone").map(|(seat, label)| {
        let (label, number) = label.split_once('-').expect("row-number");
        row(&format!("Floor-{seat}"), label, number, "Floor")
    });
    let floor = floor.collect::<Vec<_>>().join(",");
    let balcony =
        ["1", "2"].map(|number| row(&format!("Balcony-A-{number}"), "A", number, "Balcony")).join(",");
    let pit = ["1", "2", "3"].map(|number| row(&format!("Pit-{number}"), "", number, "Pit")).join(",");
    plan(&format!(
        r#"{{"name": "Hall", "zones": [{{"name": "Floor", "rows": [{floor}]}}, {{"name": "Balcony", "rows": [{balcony}]}},
            {{"name": "Pit", "fairseat_general_admission": true, "rows": [{pit}]}}]}}"#
    ))
}

pub(crate) fn plan(json: &str) -> SeatingPlan {
    import(json, ImportOptions::default()).expect("the test's plan is sound").plan
}

/// Sales from 0:00 for a hundred hours; the doors open four hours later.
pub(crate) fn terms() -> Terms {
    Terms {
        currency: Currency::USD,
        on_sale_at: on_sale(),
        sales_end_at: on_sale().plus(hours(100)),
        starts_at: on_sale().plus(hours(104)),
        max_tickets_per_buyer: 4,
        fees: Fees::default(),
        refund_policy: RefundPolicy::default(),
        published: true,
    }
}

pub(crate) fn tiers() -> Vec<PriceTier> {
    vec![tier("Floor", 30_00), tier("Pit", 10_00)]
}

pub(crate) fn tier(name: &str, cents: i64) -> PriceTier {
    PriceTier { name: name.to_owned(), price: Amount(cents) }
}

pub(crate) fn open_sale() -> Command {
    Command::OpenSale { terms: terms(), tiers: tiers(), plan: first_plan() }
}

/// A seat by its guid. Seats of the Floor are named without their section: `A-1`.
pub(crate) fn seat_named(plan: &SeatingPlan, name: &str) -> SeatIndex {
    let long = format!("Floor-{name}");
    let found = plan.seats().find(|seat| seat.guid == name || seat.guid == long);
    found.map_or(SeatIndex(u32::MAX), |seat| seat.index)
}

pub(crate) fn name_of(plan: &SeatingPlan, seat: SeatIndex) -> String {
    plan.seat(seat).map_or_else(
        || "nowhere".to_owned(),
        |seat| seat.guid.strip_prefix("Floor-").unwrap_or(seat.guid).to_owned(),
    )
}
