//! Names that a section shares with a category: which tier prices a seat. `Balcony` is both; `VIP` is a category, whose seats are in
//! the balcony and on the floor.

use crate::checked::Checked;
use crate::hall::{self, EVENT, on_sale, plan, terms, tier};
use fairseat_domain::command::Command;
use fairseat_domain::entry::{Actor, Cause, Entry};
use fairseat_domain::fact::Fact;
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{Changes, Request, Sale};
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::{PriceTier, TermsChange};

/// Each seat as `section:category`, named `0`, `1` and so on.
fn house(seats: &[&str]) -> SeatingPlan {
    let mut zones: Vec<(&str, Vec<String>)> = Vec::new();
    for (at, seat) in seats.iter().enumerate() {
        let (section, category) = seat.split_once(':').expect("section:category");
        let json = format!(
            r#"{{"seat_guid": "{at}", "seat_number": "{at}", "category": "{category}", "position": {{"x": {at}, "y": 0}}}}"#
        );
        match zones.iter_mut().find(|zone| zone.0 == section) {
            Some(zone) => zone.1.push(json),
            None => zones.push((section, vec![json])),
        }
    }
    let zones: Vec<String> = zones
        .iter()
        .map(|(name, seats)| {
            let seats = seats.join(",");
            format!(r#"{{"name": "{name}", "rows": [{{"row_number": "A", "seats": [{seats}]}}]}}"#)
        })
        .collect();
    let categories = ["Balcony", "VIP", "Floor"].map(|name| format!(r#"{{"name": "{name}"}}"#)).join(",");
    plan(&format!(r#"{{"name": "House", "categories": [{categories}], "zones": [{}]}}"#, zones.join(",")))
}

fn tiers(prices: &[(&str, i64)]) -> Vec<PriceTier> {
    prices.iter().map(|(name, cents)| tier(name, *cents)).collect()
}

fn prices(sale: &Sale) -> Vec<Option<i64>> {
    sale.plan().seats().map(|seat| sale.price_of(seat.index).map(|price| price.0)).collect()
}

fn opened(plan: SeatingPlan, tiers: Vec<PriceTier>) -> Checked {
    let mut sale = Checked::unopened();
    sale.step(Command::OpenSale { terms: terms(), tiers, plan }, None, on_sale());
    sale
}

/// What it shows; the seats; the prices; what each seat costs.
type Case<'a> = (&'a str, &'a [&'a str], &'a [(&'a str, i64)], &'a [Option<i64>]);

const HOUSE: [&str; 4] = ["Balcony:Balcony", "Balcony:VIP", "Stalls:VIP", "Stalls:Balcony"];

#[test]
fn the_seats_of_a_category_keep_its_price_in_a_section_named_like_another_category() {
    let cases: [Case<'_>; 6] = [
        (
            "both are priced",
            &HOUSE,
            &[("Balcony", 40), ("VIP", 120)],
            &[Some(40), Some(120), Some(120), Some(40)],
        ),
        ("the category has no price", &HOUSE, &[("Balcony", 40)], &[Some(40), Some(40), None, Some(40)]),
        ("the section has no price", &HOUSE, &[("VIP", 120)], &[None, Some(120), Some(120), None]),
        (
            "a section with a name of its own takes precedence",
            &HOUSE,
            &[("Stalls", 70), ("Balcony", 40), ("VIP", 120)],
            &[Some(40), Some(120), Some(70), Some(70)],
        ),
        (
            "two shared names",
            &["Floor:Balcony", "Balcony:Floor", "Balcony:Balcony"],
            &[("Floor", 70), ("Balcony", 40)],
            &[Some(40), Some(70), Some(40)],
        ),
        (
            "a seat without a category in a section with a shared name",
            &["Balcony:", "Balcony:VIP"],
            &[("Balcony", 40), ("VIP", 120)],
            &[Some(40), Some(120)],
        ),
    ];
    for (name, seats, priced, expected) in cases {
        let sale = opened(house(seats), tiers(priced));
        assert_eq!(prices(&sale.live), expected, "{name}");
        let sold: Vec<Amount> = expected.iter().flatten().map(|price| Amount(*price)).collect();
        let range = sold.iter().min().copied().zip(sold.iter().max().copied());
        assert_eq!(sale.live.price_range(), range, "{name}");
    }
}

/// A sale as an earlier version opened it: the name means the section.
fn opened_earlier(plan: SeatingPlan, tiers: Vec<PriceTier>) -> Sale {
    let mut sale = Sale::unopened(EVENT);
    let opened = Fact::SaleOpened { terms: terms(), tiers, plan };
    let entry = Entry {
        at: on_sale(),
        actor: Actor::System,
        request: 1,
        cause: Cause::OpenSale,
        idempotency: None,
        facts: vec![opened],
    };
    sale.apply_entry(&entry, &mut Changes::default()).expect("a fact of an earlier version");
    sale
}

fn change(sale: &mut Sale, command: Command) -> Vec<Fact> {
    let request = Request { command, actor: Actor::System, request: 2, idempotency: None, holder: None };
    let step = sale.step(&request, hall::on_sale(), &mut Changes::default()).expect("no rule is broken");
    assert_eq!(sale.check_invariants(), []);
    step.answer.expect("it is not refused").facts
}

fn new_prices(tiers: Vec<PriceTier>) -> Command {
    Command::ChangeEvent { terms: TermsChange::default(), tiers: Some(tiers) }
}

#[test]
fn a_sale_opened_earlier_keeps_its_prices_until_they_change() {
    let both = || tiers(&[("Balcony", 40), ("VIP", 120)]);
    let mut sale = opened_earlier(house(&HOUSE), both());
    let before = [Some(40), Some(40), Some(120), Some(40)];
    assert_eq!(prices(&sale), before);
    assert_eq!(change(&mut sale, new_prices(both())), []);
    let larger: Vec<&str> = HOUSE.into_iter().chain(["Balcony:VIP"]).collect();
    let facts = change(&mut sale, Command::ChangePlan { plan: house(&larger), reuse_labels: false });
    assert!(matches!(facts.as_slice(), [Fact::PlanChanged { .. }]), "{facts:?}");
    // Plan order: the new seat is in the balcony, and costs what its neighbours cost.
    assert_eq!(sale.price_range(), Some((Amount(40), Amount(120))));
    assert_eq!(prices(&sale).iter().filter(|price| **price == Some(40)).count(), 4);

    let facts = change(&mut sale, new_prices(tiers(&[("Balcony", 45), ("VIP", 120)])));
    assert!(matches!(facts.as_slice(), [Fact::PricesChanged { .. }, Fact::CategoriesPreferred]), "{facts:?}");
    assert_eq!(prices(&sale).iter().filter(|price| **price == Some(120)).count(), 3);
    let facts = change(&mut sale, new_prices(both()));
    assert!(matches!(facts.as_slice(), [Fact::PricesChanged { .. }]), "{facts:?}");
    let restored = Sale::from_snapshot(&sale.to_snapshot().expect("bytes")).expect("a snapshot");
    assert_eq!(prices(&restored), prices(&sale));
}

#[test]
fn a_plan_that_brings_the_first_shared_name_brings_the_rule() {
    let both = tiers(&[("Balcony", 40), ("VIP", 120)]);
    let mut sale = opened(house(&["Stalls:Balcony", "Stalls:VIP"]), both);
    let step = sale.step(Command::ChangePlan { plan: house(&HOUSE), reuse_labels: false }, None, on_sale());
    let facts = step.answer.expect("it is not refused").facts;
    assert!(matches!(facts.as_slice(), [Fact::PlanChanged { .. }, Fact::CategoriesPreferred]), "{facts:?}");
    let vip = sale.live.plan().seats().find(|seat| seat.guid == "1").expect("it is in both").index;
    assert_eq!(sale.live.price_of(vip), Some(Amount(120)));
    sale.wake_copy();
}
