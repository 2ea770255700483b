//! Generates inputs of commands: plans, prices, terms, seats and selections.

use crate::world::World;
use fairseat_domain::Command;
use fairseat_domain::best_available::BestAvailableRequest;
use fairseat_domain::command::Selection;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::money::{Amount, BasisPoints, Currency};
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, SectionIndex, export_pretix, import};
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::{Millis, Timestamp};

/// Seats that buyers name: floor and balcony of the smallest hall.
pub(crate) const SEATS: u32 = 32;
/// The section without numbered seats.
pub(crate) const PIT: usize = 2;

/// A hall with `rows` rows on the floor; `None` would be a bug in the text below. The names of its sections are names of
/// categories, too, and the front row of the balcony is of the floor's category.
pub(crate) fn plan(rows: u32, seats_per_row: u32) -> Option<SeatingPlan> {
    let json = format!(
        r#"{{"name":"Hall","sections":[{{"name":"Floor","rows":{rows},"seats_per_row":{seats_per_row}}},
        {{"name":"Balcony","rows":2,"seats_per_row":4}},{{"name":"Pit","general_admission":8}}]}}"#
    );
    let named_alike = import(&json, ImportOptions::default()).ok()?.plan;
    let json = export_pretix(&named_alike).replacen(r#""category":"Balcony""#, r#""category":"Floor""#, 4);
    Some(import(&json, ImportOptions::default()).ok()?.plan)
}

/// The plan with the labels of the first two seats of the balcony exchanged.
pub(crate) fn with_swapped_labels(plan: &SeatingPlan) -> Option<SeatingPlan> {
    let seat = |number: u32, guid: u32| format!(r#""seat_number":"{number}","seat_guid":"Balcony-A-{guid}""#);
    let json = export_pretix(plan).replace(&seat(1, 1), &seat(2, 1)).replace(&seat(2, 2), &seat(1, 2));
    Some(import(&json, ImportOptions::default()).ok()?.plan)
}

/// A plan with the largest allowed number of sections, all different from the hall's.
pub(crate) fn unfit_plan() -> Option<SeatingPlan> {
    let section = |at: usize| format!(r#"{{"name":"S{at}","rows":1,"seats_per_row":1}}"#);
    let sections: Vec<String> = (0..fairseat_domain::limits::MAX_SECTIONS).map(section).collect();
    let json = format!(r#"{{"name":"Other","sections":[{}]}}"#, sections.join(","));
    Some(import(&json, ImportOptions::default()).ok()?.plan)
}

fn hours(hours: i64) -> Millis {
    Millis::from_seconds(hours * 3_600)
}

/// Random terms around the current time.
pub(crate) fn terms(world: &World) -> Terms {
    let now = world.instant(0);
    let soon =
        |low, high| now.plus(Millis::from_seconds(i64::try_from(world.between(low, high)).unwrap_or(0)));
    let fees = Fees {
        per_ticket: Amount(i64::from(world.small(3)) * 50),
        per_order: Amount(i64::from(world.small(2)) * 99),
        share: BasisPoints(world.small(3) * 333),
    };
    let share = world.pick(&[10_000, 10_000, 5_000, 3_333, 0]).unwrap_or(0);
    let refund_policy = RefundPolicy {
        share: BasisPoints(share),
        fees_too: world.one_in(2),
        until_before_start: if world.one_in(3) { hours(1) } else { Millis::ZERO },
    };
    Terms {
        currency: Currency::USD,
        on_sale_at: if world.one_in(5) { soon(5, 60) } else { Timestamp::EPOCH },
        sales_end_at: if world.one_in(8) { soon(60, 900) } else { now.plus(hours(90)) },
        starts_at: if world.one_in(6) { soon(60, 4_200) } else { now.plus(hours(96)) },
        max_tickets_per_buyer: world.small(8) + 3,
        fees,
        refund_policy,
        published: !world.one_in(20),
    }
}

/// Terms without limits, for the small histories.
pub(crate) fn plain_terms() -> Terms {
    Terms {
        currency: Currency::USD,
        on_sale_at: Timestamp::EPOCH,
        sales_end_at: Timestamp::MAX,
        starts_at: Timestamp::MAX,
        max_tickets_per_buyer: 1_000,
        fees: Fees::default(),
        refund_policy: RefundPolicy::default(),
        published: true,
    }
}

/// Random prices; sometimes a section is free, or has no price and cannot be sold.
pub(crate) fn tiers(world: &World) -> Vec<PriceTier> {
    let mut tiers = Vec::new();
    for (name, price) in [("Floor", 4_000), ("Balcony", 2_500), ("Pit", 1_999)] {
        let price = if world.one_in(8) { 0 } else { price + i64::from(world.small(4)) * 125 };
        if !world.one_in(12) {
            tiers.push(PriceTier { name: name.to_owned(), price: Amount(price) });
        }
    }
    tiers
}

/// At most `count` random seats.
pub(crate) fn seats(world: &World, count: u64) -> Vec<SeatIndex> {
    let mut seats: Vec<SeatIndex> = (0..count).map(|_| SeatIndex(world.small(SEATS))).collect();
    seats.sort_unstable();
    seats.dedup();
    seats
}

/// A random selection of seats.
pub(crate) fn selection(world: &World) -> Selection {
    let kinds = if world.style.small { 6 } else { 10 };
    match world.below(kinds) {
        0..6 => Selection::Seats(seats(world, 1 + world.below(3))),
        6..8 => Selection::BestAvailable(BestAvailableRequest {
            quantity: 1 + world.small(3),
            section: world.one_in(2).then(|| SectionIndex::at(usize::try_from(world.below(2)).unwrap_or(0))),
            max_price: world.one_in(5).then_some(Amount(3_000)),
            accessible: world.one_in(20),
        }),
        _ => Selection::GeneralAdmission(vec![(SectionIndex::at(PIT), 1 + world.small(4))]),
    }
}

/// The command that begins the sale.
pub(crate) fn open(world: &World) -> Option<Command> {
    let plan = plan(4, 6)?;
    if world.style.small {
        let tier = |name: &str| PriceTier { name: name.to_owned(), price: Amount(0) };
        let tiers = ["Floor", "Balcony", "Pit"].map(tier).to_vec();
        return Some(Command::OpenSale { terms: plain_terms(), tiers, plan });
    }
    Some(Command::OpenSale { terms: terms(world), tiers: tiers(world), plan })
}
