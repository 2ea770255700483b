//! Facts that contradict the state are refused: the journal that contains them is damaged, and the sale must stop.

use crate::hall::{self, ALICE, BOB, on_sale};
use fairseat_domain::command::{Command, InstrumentMark, PaymentOutcome, Selection};
use fairseat_domain::entry::{Actor, Cause, Entry};
use fairseat_domain::fact::{CounterPayment, Fact, Item};
use fairseat_domain::ids::{OrderNumber, PaymentNumber, ReservationNumber, SeatIndex, TicketNumber};
use fairseat_domain::limits::{MAX_METHOD_CHARS, MAX_REASONS};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{Changes, Request, Step};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Refusal, Sale};

const PRICE: Amount = Amount(30_00);

fn step(sale: &mut Sale, command: Command) -> Step {
    let request = Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
    sale.step(&request, on_sale(), &mut Changes::default()).expect("no rule is ever broken")
}

fn pays(method: &str) -> Command {
    Command::PlaceOrder {
        reservation: ReservationNumber(0),
        buyer: ALICE,
        method: method.to_owned(),
        instrument: Some(InstrumentMark(1)),
    }
}

/// Alice is paying for the first seat (R0, O0, P0); Bob has reserved the second (R1).
fn sale() -> Sale {
    let mut sale = Sale::unopened(hall::EVENT);
    step(&mut sale, hall::open_sale());
    for (buyer, seat) in [(ALICE, 0), (BOB, 1)] {
        let selection = Selection::Seats(vec![SeatIndex(seat)]);
        step(&mut sale, Command::PlaceReservation { buyer, selection, hold: Millis::from_seconds(600) });
    }
    step(&mut sale, pays("card"));
    sale
}

/// The same after her payment was cancelled.
fn with_cancelled_payment() -> Sale {
    let mut sale = sale();
    let outcome = PaymentOutcome::Cancelled;
    step(&mut sale, Command::ReportPayment { payment: PaymentNumber(0), outcome });
    sale
}

/// The same while Bob is paying, too, and the same amount (O1, P1).
fn both_pay() -> Sale {
    let mut sale = sale();
    let method = "card".to_owned();
    step(
        &mut sale,
        Command::PlaceOrder { reservation: ReservationNumber(1), buyer: BOB, method, instrument: None },
    );
    sale
}

/// The same after the maximum number of blocking reasons, all for the third seat.
fn with_every_reason_used() -> Sale {
    let mut sale = sale();
    for number in 0..MAX_REASONS {
        let reason = format!("reason {number}");
        step(&mut sale, Command::BlockSeats { seats: vec![SeatIndex(2)], reason });
    }
    sale
}

fn apply(sale: Sale, fact: Fact) -> Result<(), String> {
    apply_at(sale, fact, on_sale())
}

fn apply_at(mut sale: Sale, fact: Fact, at: Timestamp) -> Result<(), String> {
    let entry = Entry {
        at,
        actor: Actor::System,
        request: 0,
        cause: Cause::Due,
        idempotency: None,
        facts: vec![fact],
    };
    sale.apply_entry(&entry, &mut Changes::default()).map_err(|violation| violation.to_string())
}

#[test]
fn facts_that_contradict_the_state_are_refused() {
    let sold = |reservation, order| Fact::SoldAtCounter {
        reservation: ReservationNumber(reservation),
        order: OrderNumber(order),
        seller: BOB,
        items: vec![Item { seat: SeatIndex(2), price: PRICE }],
        fees: Amount::ZERO,
        counter_payment: CounterPayment::Cash,
        payment: Some(PaymentNumber(1)),
        first_ticket: TicketNumber(0),
    };
    let placed = |reservation| Fact::OrderPlaced {
        order: OrderNumber(0),
        reservation: ReservationNumber(reservation),
        method: "card".to_owned(),
    };
    let started = |amount| Fact::PaymentStarted { payment: PaymentNumber(1), order: OrderNumber(0), amount };
    let identified =
        |payment| Fact::PaymentIdentified { payment: PaymentNumber(payment), instrument: InstrumentMark(2) };
    let confirmed =
        |payment| Fact::OrderConfirmed { order: OrderNumber(0), payment, first_ticket: TicketNumber(0) };
    let blocked = |reason: &str| Fact::SeatsBlocked { seats: vec![SeatIndex(2)], reason: reason.to_owned() };
    for (sale, good, bad, why) in [
        (sale(), sold(2, 1), sold(3, 1), "a reservation was left out"),
        (sale(), sold(2, 1), sold(2, 2), "an order was left out"),
        (sale(), placed(0), placed(1), "it is the order of another reservation"),
        (with_cancelled_payment(), started(PRICE), started(Amount(29_99)), "the order costs something else"),
        (sale(), confirmed(Some(PaymentNumber(0))), confirmed(None), "nobody paid"),
        (
            both_pay(),
            confirmed(Some(PaymentNumber(0))),
            confirmed(Some(PaymentNumber(1))),
            "another order was paid",
        ),
        (both_pay(), identified(1), identified(0), "it has an instrument already"),
        (with_every_reason_used(), blocked("reason 7"), blocked("one more"), "there are too many reasons"),
    ] {
        assert_eq!(apply(sale.clone(), good), Ok(()), "{why}");
        assert!(apply(sale, bad).is_err(), "{why}");
    }
}

/// Two entries may have the same time.
#[test]
fn a_journal_whose_time_runs_backwards_is_refused() {
    for (at, believed) in [(on_sale(), true), (on_sale().minus(Millis(1)), false)] {
        assert_eq!(apply_at(sale(), Fact::EventCancelled, at).is_ok(), believed, "{at}");
    }
}

#[test]
fn counter_sales_that_contradict_the_state_are_refused() {
    let mut sale = Sale::unopened(hall::EVENT);
    step(&mut sale, hall::open_sale());
    let mut terms = sale.terms().clone();
    terms.fees.per_order = Amount(2_00);
    step(&mut sale, Command::ChangeEvent { terms: terms.into(), tiers: None });
    let selection = Selection::Seats(vec![SeatIndex(0), SeatIndex(1)]);
    step(&mut sale, Command::SellAtCounter { seller: BOB, selection, counter_payment: CounterPayment::Cash });
    assert_eq!(sale.reservation(ReservationNumber(0)).unwrap().order, Some(OrderNumber(0)));
    let order = sale.order(OrderNumber(0)).unwrap();
    assert_eq!((order.seats_total(), order.fees, order.total), (Amount(60_00), Amount(2_00), Amount(62_00)));
}

#[test]
fn the_name_of_a_payment_method_has_a_bound() {
    for (length, expected) in [
        (MAX_METHOD_CHARS, None),
        (MAX_METHOD_CHARS + 1, Some(Refusal::LimitReached("characters of a payment method"))),
    ] {
        let mut sale = with_cancelled_payment();
        assert_eq!(step(&mut sale, pays(&"é".repeat(length))).answer.err(), expected, "{length}");
    }
}
