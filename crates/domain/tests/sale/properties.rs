//! Random histories: several buyers, wrong owners, repeated and contradictory reports, a clock that jumps. [`Checked`] and the
//! model check the sale after every step.
//!
//! 256 histories by default; `PROPTEST_CASES` sets another number.

use crate::checked::Checked;
use crate::golden;
use crate::hall::{self, ALICE, BOB, CAROL};
use crate::wire::{COUNTER_PAYMENTS, DECLINES};
use fairseat_domain::best_available::BestAvailableRequest;
use fairseat_domain::command::{Canceller, Command, InstrumentMark, PaymentOutcome, RefundChoice, Selection};
use fairseat_domain::fact::{CounterPayment, DeclineReason};
use fairseat_domain::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::money::{Amount, BasisPoints};
use fairseat_domain::sale::Sale;
use fairseat_domain::seating_plan::SectionIndex;
use fairseat_domain::terms::{Fees, RefundPolicy, Terms, TermsChange};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Idempotency, wire};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

/// The newest object of a kind (0), the one before it (1), and so on, so that most commands name an object that exists.
#[derive(Clone, Copy, Debug)]
struct Recent(u32);

impl Recent {
    fn of(self, count: usize) -> u32 {
        u32::try_from(count).expect("small").wrapping_sub(1).wrapping_sub(self.0)
    }
}

#[derive(Clone, Debug)]
enum Wish {
    Add(AccountId, Selection, Millis),
    Merge(Recent, Option<AccountId>, AccountId),
    Reserve(AccountId, Selection, Millis),
    Change(Recent, Option<AccountId>, Vec<SeatIndex>, Vec<usize>),
    Extend(Recent, Option<AccountId>),
    Drop(Recent, Option<AccountId>),
    /// With one of few cards, or with something that has no mark.
    Pay(Recent, Option<AccountId>, Option<InstrumentMark>),
    Report(Recent, PaymentOutcome),
    Capture(Recent, bool),
    Refund(Recent, bool),
    CancelOrder(Recent, Option<Canceller>),
    Sell(AccountId, Selection, CounterPayment),
    Block(Vec<SeatIndex>),
    Unblock(Vec<SeatIndex>),
    Event(Option<Terms>, Option<Vec<(&'static str, i64)>>),
    HandOut(Recent),
    Plan(bool),
    CancelEvent,
    Delete,
    Tick,
}

/// One step: a command, its key, how far the clock jumps, and whether the sale is read from a snapshot before.
#[derive(Clone, Debug)]
struct Moment {
    wish: Wish,
    key: Option<Idempotency>,
    jump: i64,
    sleeps: bool,
}

fn buyers() -> impl Strategy<Value = AccountId> {
    prop_oneof![Just(ALICE), Just(BOB), Just(CAROL)]
}

/// Mostly the owner (`None`), sometimes another buyer.
fn caller() -> impl Strategy<Value = Option<AccountId>> {
    prop_oneof![9 => Just(None), 1 => buyers().prop_map(Some)]
}

fn recent() -> impl Strategy<Value = Recent> {
    prop_oneof![4 => Just(0_u32), 3 => 0..4_u32, 1 => 0..40_u32].prop_map(Recent)
}

fn some_seats() -> impl Strategy<Value = Vec<SeatIndex>> {
    prop::collection::vec((0..13_u32).prop_map(SeatIndex), 0..4)
}

fn selection() -> impl Strategy<Value = Selection> {
    let best = (0..4_u32, prop::option::of(0..4_u32), prop::option::of(0..4_000_i64), any::<bool>());
    let places = prop::collection::vec(((0..4_u32).prop_map(SectionIndex), 0..3_u32), 0..3);
    prop_oneof![
        6 => prop::collection::vec((0..11_u32).prop_map(SeatIndex), 1..3).prop_map(Selection::Seats),
        1 => some_seats().prop_map(Selection::Seats),
        2 => best.prop_map(|(quantity, section, max_price, accessible)| {
            let (section, max_price) = (section.map(SectionIndex), max_price.map(Amount));
            Selection::BestAvailable(BestAvailableRequest { quantity, section, max_price, accessible })
        }),
        2 => places.prop_map(Selection::GeneralAdmission),
    ]
}

fn hold() -> impl Strategy<Value = Millis> {
    prop_oneof![8 => Just(60_000_i64), 3 => 60_000..=900_000_i64, 1 => any::<i64>()].prop_map(Millis)
}

fn outcome() -> impl Strategy<Value = PaymentOutcome> {
    prop_oneof![
        6 => Just(PaymentOutcome::Authorized),
        2 => Just(PaymentOutcome::NeedsAction),
        3 => select(&DECLINES[..]).prop_map(PaymentOutcome::Declined),
        3 => Just(PaymentOutcome::Cancelled),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let cents = || prop_oneof![Just(0_i64), 0..500_i64].prop_map(Amount);
    let share = || prop_oneof![Just(0_u32), 0..=10_000_u32, Just(10_000)].prop_map(BasisPoints);
    let fees = (cents(), cents(), share());
    let refunds = (share(), any::<bool>(), 0..8_i64);
    let times = (0..3_i64, prop_oneof![1 => 1..60_i64, 4 => 60..200_i64], 1..200_i64);
    (fees, refunds, times, 1..7_u32, prop::bool::weighted(0.9)).prop_map(
        |(
            (per_ticket, per_order, share),
            (back, fees_too, until),
            (on_sale, ends, starts),
            limit,
            published,
        )| {
            Terms {
                on_sale_at: hall::on_sale().plus(hall::hours(on_sale - 2)),
                sales_end_at: hall::on_sale().plus(hall::hours(ends)),
                starts_at: hall::on_sale().plus(hall::hours(starts)),
                max_tickets_per_buyer: limit,
                fees: Fees { per_ticket, per_order, share },
                refund_policy: RefundPolicy { share: back, fees_too, until_before_start: hall::hours(until) },
                published,
                ..hall::terms()
            }
        },
    )
}

fn prices() -> impl Strategy<Value = Vec<(&'static str, i64)>> {
    let price = || prop_oneof![Just(0_i64), 1..5_000_i64];
    let tier = prop_oneof![3 => Just("Floor"), 2 => Just("Pit"), 1 => Just("Balcony"), 1 => Just("Nowhere")];
    (prop::collection::vec((tier, price()), 0..4), price()).prop_map(|(mut tiers, floor)| {
        tiers.extend((floor % 7 != 1).then_some(("Floor", floor)));
        tiers
    })
}

fn buyers_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        14 => (buyers(), selection(), hold()).prop_map(|(who, what, hold)| Wish::Reserve(who, what, hold)),
        2 => (buyers(), selection(), hold()).prop_map(|(who, what, hold)| Wish::Add(who, what, hold)),
        2 => (recent(), caller(), buyers()).prop_map(|(which, who, account)| Wish::Merge(which, who, account)),
        4 => (recent(), caller(), some_seats(), prop::collection::vec(0..4_usize, 0..3))
            .prop_map(|(which, who, add, remove)| Wish::Change(which, who, add, remove)),
        2 => (recent(), caller()).prop_map(|(which, who)| Wish::Extend(which, who)),
        2 => (recent(), caller()).prop_map(|(which, who)| Wish::Drop(which, who)),
        12 => (recent(), caller(), prop::option::of((0_u64..2).prop_map(InstrumentMark)))
            .prop_map(|(which, who, card)| Wish::Pay(which, who, card)),
    ]
}

fn worlds_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        16 => (recent(), outcome()).prop_map(|(which, outcome)| Wish::Report(which, outcome)),
        5 => (recent(), prop::bool::weighted(0.7)).prop_map(|(which, done)| Wish::Capture(which, done)),
        3 => (recent(), prop::bool::weighted(0.7)).prop_map(|(which, done)| Wish::Refund(which, done)),
        3 => Just(Wish::Tick),
    ]
}

fn refund_choice() -> impl Strategy<Value = RefundChoice> {
    select(&[RefundChoice::Everything, RefundChoice::ByPolicy, RefundChoice::Nothing][..])
}

fn organizers_wish() -> impl Strategy<Value = Wish> {
    let canceller = prop_oneof![
        3 => Just(None),
        1 => refund_choice().prop_map(|back| Some(Canceller::Organizer(back))),
        1 => buyers().prop_map(|who| Some(Canceller::Buyer(who))),
    ];
    prop_oneof![
        40 => (recent(), canceller).prop_map(|(which, by)| Wish::CancelOrder(which, by)),
        10 => some_seats().prop_map(Wish::Block),
        20 => some_seats().prop_map(Wish::Unblock),
        10 => prices().prop_map(|tiers| Wish::Event(None, Some(tiers))),
        10 => any::<bool>().prop_map(Wish::Plan),
        10 => terms().prop_map(|terms| Wish::Event(Some(terms), None)),
        3 => (terms(), prices()).prop_map(|(terms, tiers)| Wish::Event(Some(terms), Some(tiers))),
        2 => recent().prop_map(Wish::HandOut),
        4 => (buyers(), selection(), select(&COUNTER_PAYMENTS[..]))
            .prop_map(|(who, what, counter_payment)| Wish::Sell(who, what, counter_payment)),
        1 => Just(Wish::CancelEvent),
        1 => Just(Wish::Delete),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    let wish = prop_oneof![24 => buyers_wish(), 20 => worlds_wish(), 5 => organizers_wish()];
    let key = prop::option::weighted(0.2, (0..6_u128, prop::bool::weighted(0.1)));
    let jump = prop_oneof![
        60 => 0..3_000_i64,
        2 => Just(60_000_i64),
        2 => Just(59_999_i64),
        2 => Just(900_000_i64),
        1 => Just(26 * 3_600_000_i64),
        4 => -600_000..0_i64,
    ];
    (wish, key, jump, prop::bool::weighted(0.1)).prop_map(|(wish, key, jump, sleeps)| {
        let key = key.map(|(key, odd)| Idempotency { key, body: u64::from(odd) });
        Moment { wish, key, jump, sleeps }
    })
}

fn command(wish: &Wish, sale: &Sale) -> Command {
    let reservations = sale.reservations().map(|(number, _)| number.0 as usize + 1).max().unwrap_or(0);
    let cart = |which: Recent| ReservationNumber(which.of(reservations));
    let owner = |which: Recent, who: Option<AccountId>| {
        who.or_else(|| sale.reservation(cart(which)).map(|found| found.buyer)).unwrap_or(ALICE)
    };
    match wish.clone() {
        Wish::Reserve(buyer, selection, hold) => Command::PlaceReservation { buyer, selection, hold },
        Wish::Add(buyer, selection, hold) => Command::AddToCart { buyer, selection, hold },
        Wish::Merge(which, who, account) => {
            Command::MergeCart { reservation: cart(which), guest: owner(which, who), account }
        }
        Wish::Sell(seller, selection, counter_payment) => {
            Command::SellAtCounter { seller, selection, counter_payment }
        }
        Wish::Change(which, who, add, remove) => {
            let items = sale.reservation(cart(which)).map(|found| found.items.clone()).unwrap_or_default();
            let remove = remove.iter().filter_map(|at| items.get(*at)).map(|item| item.seat).collect();
            Command::ChangeReservation { reservation: cart(which), buyer: owner(which, who), add, remove }
        }
        Wish::Extend(which, who) => {
            Command::ExtendReservation { reservation: cart(which), buyer: owner(which, who) }
        }
        Wish::Drop(which, who) => {
            Command::CancelReservation { reservation: cart(which), buyer: owner(which, who) }
        }
        Wish::Pay(which, who, card) => {
            let method = "card".to_owned();
            Command::PlaceOrder {
                reservation: cart(which),
                buyer: owner(which, who),
                method,
                instrument: card,
            }
        }
        Wish::Report(which, outcome) => {
            Command::ReportPayment { payment: PaymentNumber(which.of(sale.payments().count())), outcome }
        }
        Wish::Capture(which, captured) => {
            Command::ReportCapture { payment: PaymentNumber(which.of(sale.payments().count())), captured }
        }
        Wish::Refund(which, completed) => {
            Command::ReportRefund { refund: RefundNumber(which.of(sale.refunds().count())), completed }
        }
        Wish::CancelOrder(which, by) => {
            let order = OrderNumber(which.of(sale.orders().count()));
            let owner = sale.order(order).map_or(ALICE, |order| order.buyer);
            Command::CancelOrder { order, by: by.unwrap_or(Canceller::Buyer(owner)) }
        }
        Wish::Block(seats) => Command::BlockSeats { seats, reason: "house seats".to_owned() },
        Wish::Unblock(seats) => Command::UnblockSeats { seats },
        Wish::Event(terms, tiers) => Command::ChangeEvent {
            terms: terms.map(TermsChange::from).unwrap_or_default(),
            tiers: tiers.map(|tiers| tiers.iter().map(|(name, cents)| hall::tier(name, *cents)).collect()),
        },
        Wish::HandOut(which) => {
            Command::HandOutRefund { order: OrderNumber(which.of(sale.orders().count())) }
        }
        Wish::Plan(next) => {
            let plan = if next { hall::next_plan() } else { hall::first_plan() };
            Command::ChangePlan { plan, reuse_labels: false }
        }
        Wish::CancelEvent => Command::CancelEvent,
        Wish::Delete => Command::DeleteSale,
        Wish::Tick => Command::Tick,
    }
}

/// Only buyers' requests have idempotency keys.
fn takes_key(wish: &Wish) -> bool {
    matches!(
        wish,
        Wish::Reserve(..) | Wish::Extend(..) | Wish::Drop(..) | Wish::Pay(..) | Wish::CancelOrder(..)
    )
}

fn histories() -> impl Strategy<Value = Vec<Moment>> {
    prop::collection::vec(moment(), 1..100)
}

fn lived(history: &[Moment]) -> Checked {
    let mut sale = Checked::unopened();
    sale.step(hall::open_sale(), None, hall::on_sale().minus(hall::hours(1)));
    let mut now: Timestamp = hall::on_sale();
    for moment in history {
        now = now.plus(Millis(moment.jump));
        if moment.sleeps {
            sale.wake_copy();
        }
        let wished = command(&moment.wish, &sale.live);
        sale.step(wished, moment.key.filter(|_| takes_key(&moment.wish)), now);
    }
    sale
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_in_every_history(history in histories()) {
        let sale = lived(&history);
        let replayed = sale.replayed().to_snapshot().expect("a sale can be written");
        prop_assert!(replayed == sale.live.to_snapshot().expect("a sale can be written"));
    }
}

/// The histories are varied enough: every kind of fact occurs in some of them.
#[test]
fn the_generated_histories_contain_every_fact() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..1_000 {
        let history = histories().new_tree(&mut runner).expect("a history").current();
        for entry in wire::decode_batch(&lived(&history).journal).expect("our own bytes") {
            entry.facts.iter().for_each(|fact| *seen.entry(golden::kind(fact)).or_default() += 1);
        }
    }
    let all = golden::every_fact();
    let missing: Vec<String> = all.iter().map(golden::kind).filter(|kind| !seen.contains_key(kind)).collect();
    assert_eq!(missing, [""; 0], "seen: {seen:#?}");
}

/// A key that was forgotten and used again in the same millisecond is kept once, also after reading a snapshot.
#[test]
fn an_idempotency_key_can_be_used_again_in_the_same_millisecond() {
    let mut sale = Checked::unopened();
    sale.step(hall::open_sale(), None, hall::on_sale());
    let key = Some(Idempotency { key: 2, body: 0 });
    let (buyer, hold) = (ALICE, Millis(60_000));
    let selection = Selection::Seats(vec![SeatIndex(0)]);
    sale.step(Command::PlaceReservation { buyer, selection, hold }, None, hall::on_sale());
    let pay = Command::PlaceOrder {
        reservation: ReservationNumber(0),
        buyer,
        method: "card".to_owned(),
        instrument: None,
    };
    sale.step(pay.clone(), key, hall::on_sale());
    let outcome = PaymentOutcome::Declined(DeclineReason::Generic);
    sale.step(Command::ReportPayment { payment: PaymentNumber(0), outcome }, None, hall::on_sale());
    sale.wake_copy();
    sale.step(pay, key, hall::on_sale());
}
