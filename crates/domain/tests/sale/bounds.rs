//! Bounds: lists, names and numbers that are too large, many due facts at once, and data that is kept for a day.

use crate::checked::Checked;
use crate::hall::{self, hours, on_sale, plan, tier};
use crate::script::play_on;
use fairseat_domain::command::{Command, PaymentOutcome, Selection};
use fairseat_domain::entry::Actor;
use fairseat_domain::ids::{AccountId, PaymentNumber, ReservationNumber, SeatIndex};
use fairseat_domain::limits::{
    MAX_AMOUNT_MINOR, MAX_DUE_FACTS, MAX_LABEL_CHARS, MAX_PRICE_TIERS, MAX_REASON_CHARS, MAX_SEATS_PER_BLOCK,
    MAX_SEATS_PER_RESERVATION, MAX_TICKETS_PER_BUYER,
};
use fairseat_domain::money::{Amount, BasisPoints};
use fairseat_domain::sale::{Changes, Request, Step};
use fairseat_domain::terms::{Fees, PriceTier, Terms, TermsChange};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Refusal, Sale};

/// A hall of two thousand seats, with carts of one seat each in the first `carts`.
fn big_sale(carts: u32) -> Sale {
    let mut sale = Sale::unopened(hall::EVENT);
    let plan = plan(r#"{"sections": [{"name": "Floor", "rows": 20, "seats_per_row": 100}]}"#);
    let terms = Terms { max_tickets_per_buyer: 1_000, ..hall::terms() };
    step(&mut sale, Command::OpenSale { terms, tiers: hall::tiers(), plan }, on_sale());
    for seat in 0..carts {
        let selection = Selection::Seats(vec![SeatIndex(seat)]);
        let hold = Millis::from_seconds(600);
        let buyer = AccountId(u128::from(seat / 100));
        step(&mut sale, Command::PlaceReservation { buyer, selection, hold }, on_sale());
    }
    sale
}

/// One step without the checks of [`Checked`], which would be slow here.
fn step(sale: &mut Sale, command: Command, now: Timestamp) -> Step {
    let request = Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
    sale.step(&request, now, &mut Changes::default()).expect("no rule is ever broken")
}

fn refused(sale: &mut Sale, command: Command) -> Refusal {
    step(sale, command, on_sale()).answer.expect_err("a refusal")
}

#[test]
fn due_facts_are_split_into_bounded_entries() {
    let mut sale = big_sale(1_200);
    let step = step(&mut sale, Command::Tick, on_sale().plus(hours(1)));
    let sizes: Vec<usize> = step.entries.iter().map(|entry| entry.facts.len()).collect();
    assert_eq!(sizes, [MAX_DUE_FACTS, MAX_DUE_FACTS, 200]);
    assert_eq!(sale.counts().available, 2_000);
    assert_eq!(sale.check_invariants(), []);
}

/// Reservations, payments and confirmed orders end with the event, and no entry has more facts than the bound.
#[test]
fn a_cancelled_event_ends_in_bounded_entries() {
    let mut sale = big_sale(1_200);
    for number in 0..800 {
        let (reservation, buyer) = (ReservationNumber(number), AccountId(u128::from(number / 100)));
        let method = "card".to_owned();
        step(&mut sale, Command::PlaceOrder { reservation, buyer, method, instrument: None }, on_sale());
        if number >= 400 {
            let payment = PaymentNumber(number);
            let outcome = PaymentOutcome::Authorized;
            step(&mut sale, Command::ReportPayment { payment, outcome }, on_sale());
        }
    }
    step(&mut sale, Command::CancelEvent, on_sale());
    let step = step(&mut sale, Command::Tick, on_sale());
    let sizes: Vec<usize> = step.entries.iter().map(|entry| entry.facts.len()).collect();
    assert_eq!(sizes, [MAX_DUE_FACTS, MAX_DUE_FACTS, 200]);
    let counts = sale.counts();
    assert_eq!((counts.available, counts.reserved, counts.sold), (1_600, 400, 0));
    assert_eq!(sale.refunds().count(), 400);
    assert_eq!(sale.check_invariants(), []);
}

#[test]
fn a_reservation_has_at_most_a_thousand_seats() {
    let mut sale = big_sale(0);
    let too_many = Refusal::TooManySeats { max: MAX_SEATS_PER_RESERVATION };
    let reserve = |count: u32, hold| Command::PlaceReservation {
        buyer: AccountId(1),
        selection: Selection::Seats((0..count).map(SeatIndex).collect()),
        hold,
    };
    let hold = Millis::from_seconds(60);
    assert_eq!(refused(&mut sale, reserve(1_001, hold)), too_many);
    assert!(step(&mut sale, reserve(1_000, hold), on_sale()).answer.is_ok());
    let add = vec![SeatIndex(1_500)];
    let grow = Command::ChangeReservation {
        reservation: ReservationNumber(0),
        buyer: AccountId(1),
        add,
        remove: Vec::new(),
    };
    assert_eq!(refused(&mut sale, grow), Refusal::TicketLimit { max: 1_000, have: 1_000 });
}

#[test]
fn price_tiers_have_bounds() {
    let mut sale = big_sale(0);
    let change =
        |tiers: Vec<PriceTier>| Command::ChangeEvent { terms: TermsChange::default(), tiers: Some(tiers) };
    let most = tier("Floor", MAX_AMOUNT_MINOR);
    let long = "x".repeat(MAX_LABEL_CHARS);
    let many = |count: usize| (0..count).map(|at| tier(&at.to_string(), 1)).collect::<Vec<_>>();
    assert_eq!(
        refused(&mut sale, change(vec![tier("Floor", MAX_AMOUNT_MINOR + 1)])),
        Refusal::AmountOutOfRange
    );
    assert!(matches!(
        refused(&mut sale, change(vec![tier(&format!("{long}x"), 1)])),
        Refusal::LimitReached(_)
    ));
    assert!(matches!(refused(&mut sale, change(many(MAX_PRICE_TIERS + 1))), Refusal::LimitReached(_)));
    for tiers in [vec![most, tier(&long, 1)], many(MAX_PRICE_TIERS)] {
        assert!(step(&mut sale, change(tiers), on_sale()).answer.is_ok());
    }
}

#[test]
fn fees_have_bounds() {
    let mut sale = big_sale(0);
    for wrong in [-1, MAX_AMOUNT_MINOR + 1, i64::MAX] {
        for fees in [
            Fees { per_ticket: Amount(wrong), ..Fees::default() },
            Fees { per_order: Amount(wrong), ..Fees::default() },
        ] {
            let terms = Terms { fees, ..sale.terms().clone() };
            let change = Command::ChangeEvent { terms: terms.into(), tiers: None };
            assert_eq!(refused(&mut sale, change), Refusal::AmountOutOfRange);
        }
    }
}

#[test]
fn blocking_reasons_have_bounds() {
    let mut sale = big_sale(0);
    let block = |reason: &str| Command::BlockSeats { seats: vec![SeatIndex(1)], reason: reason.to_owned() };
    for number in 0..1_000 {
        assert!(step(&mut sale, block(&format!("reason {number}")), on_sale()).answer.is_ok());
    }
    assert!(matches!(refused(&mut sale, block("one more")), Refusal::LimitReached(_)));
    assert!(step(&mut sale, block("reason 7"), on_sale()).answer.is_ok());
    assert!(matches!(refused(&mut sale, block(&"é".repeat(MAX_REASON_CHARS + 1))), Refusal::LimitReached(_)));
    let mut other = big_sale(0);
    assert!(step(&mut other, block(&"é".repeat(MAX_REASON_CHARS)), on_sale()).answer.is_ok());
}

/// A list longer than any plan is refused for its length, before its seats are looked up.
#[test]
fn one_command_blocks_at_most_the_seats_of_the_largest_plan() {
    let mut sale = big_sale(0);
    let block = |count: usize| {
        let seats = (0..u32::try_from(count).unwrap()).map(SeatIndex).collect();
        Command::BlockSeats { seats, reason: String::new() }
    };
    let too_many = Refusal::TooManySeats { max: MAX_SEATS_PER_BLOCK };
    assert!(matches!(refused(&mut sale, block(MAX_SEATS_PER_BLOCK)), Refusal::UnknownSeats(_)));
    assert_eq!(refused(&mut sale, block(MAX_SEATS_PER_BLOCK + 1)), too_many);
    assert!(step(&mut sale, block(2_000), on_sale()).answer.is_ok());
}

#[test]
fn shares_are_at_most_100_percent() {
    let mut sale = big_sale(0);
    let (whole, more) = (BasisPoints::WHOLE, BasisPoints(BasisPoints::WHOLE.0 + 1));
    let terms = |fees: BasisPoints, refunds: BasisPoints, most: u32| {
        let mut terms = hall::terms();
        (terms.fees.share, terms.refund_policy.share, terms.max_tickets_per_buyer) = (fees, refunds, most);
        Command::ChangeEvent { terms: terms.into(), tiers: None }
    };
    for wrong in [
        terms(more, whole, MAX_TICKETS_PER_BUYER),
        terms(whole, more, MAX_TICKETS_PER_BUYER),
        terms(whole, whole, MAX_TICKETS_PER_BUYER + 1),
    ] {
        assert_eq!(refused(&mut sale, wrong), Refusal::LimitReached("terms out of range"));
    }
    assert!(step(&mut sale, terms(whole, whole, MAX_TICKETS_PER_BUYER), on_sale()).answer.is_ok());
}

/// A sale that is not opened refuses every other command, and an opening with wrong terms.
#[test]
fn an_unopened_sale_accepts_only_its_opening() {
    let mut sale = Sale::unopened(hall::EVENT);
    for command in [
        Command::Tick,
        Command::CancelEvent,
        Command::DeleteSale,
        Command::ChangeEvent { terms: hall::terms().into(), tiers: None },
        Command::ExtendReservation { reservation: ReservationNumber(0), buyer: AccountId(1) },
    ] {
        assert_eq!(refused(&mut sale, command), Refusal::NotFound);
    }
    assert!(!sale.is_opened());
    let terms = Terms { max_tickets_per_buyer: 0, ..hall::terms() };
    let open = Command::OpenSale { terms, tiers: hall::tiers(), plan: hall::first_plan() };
    assert!(matches!(refused(&mut sale, open), Refusal::LimitReached(_)));
}

/// A key that is a day old is removed: the snapshot is equal to that of a sale that never had it.
#[test]
fn an_idempotency_key_is_kept_for_exactly_a_day() {
    let lived = |key: &str, end: &str| {
        let mut sale = Checked::unopened();
        sale.step(hall::open_sale(), None, on_sale());
        play_on(&mut sale, &format!("0:00 alice reserves A-1 for 1m{key}\n{end} bob reserves A-2"));
        sale.live.to_snapshot().expect("a sale can be written")
    };
    for (end, kept) in [("24:00", true), ("24:00:00.001", false)] {
        assert_eq!(lived(" #1", end) != lived("", end), kept, "{end}");
    }
}
