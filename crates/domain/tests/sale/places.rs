//! General admission takes the lowest available places of the section, wherever they are in the plan.

use crate::hall;
use fairseat_domain::Sale;
use fairseat_domain::command::{Command, Selection};
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::ReservationNumber;
use fairseat_domain::sale::{Changes, Request};
use fairseat_domain::seating_plan::SeatingPlan;
use fairseat_domain::terms::Terms;
use fairseat_domain::time::Millis;

/// A Pit with this many places, and three seats on the Floor.
fn plan(places: u32) -> SeatingPlan {
    hall::plan(&format!(
        r#"{{"sections": [
            {{"name": "Pit", "general_admission": {places}}},
            {{"name": "Floor", "rows": 1, "seats_per_row": 3}}]}}"#
    ))
}

fn step(sale: &mut Sale, command: Command) {
    let request = Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
    let step = sale.step(&request, hall::on_sale(), &mut Changes::default());
    step.expect("no rule is ever broken").answer.expect("a yes");
}

fn reserve(sale: &mut Sale, number: u32, quantity: u32) -> Vec<u32> {
    let pit = sale.plan().section_named("Pit").expect("a section");
    let selection = Selection::GeneralAdmission(vec![(pit, quantity)]);
    let hold = Millis::from_seconds(600);
    step(sale, Command::PlaceReservation { buyer: hall::ALICE, selection, hold });
    let cart = sale.reservation(ReservationNumber(number)).expect("the cart");
    cart.items.iter().map(|item| item.seat.0).collect()
}

/// The sale checks 64 seats at once. The two additional places of the larger Pit come after the Floor's seats 128 to 130.
#[test]
fn general_admission_takes_the_lowest_available_places() {
    let mut sale = Sale::unopened(hall::EVENT);
    let terms = Terms { max_tickets_per_buyer: 1_000, ..hall::terms() };
    step(&mut sale, Command::OpenSale { terms, tiers: hall::tiers(), plan: plan(128) });
    assert_eq!(reserve(&mut sale, 0, 64), Vec::from_iter(0..64));
    assert_eq!(reserve(&mut sale, 1, 1), [64]);
    step(&mut sale, Command::ChangePlan { plan: plan(130), reuse_labels: false });
    assert_eq!(reserve(&mut sale, 2, 65), Vec::from_iter((65..128).chain(131..133)));
}
