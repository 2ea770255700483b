//! Golden files: bytes written by an earlier build, kept for ever in `tests/golden/`. Every later build must decode them to
//! the same content, because existing journals contain such bytes.
//!
//! - `facts_v1.hex`: a batch with an entry of every cause and every fact; `facts_v1.txt`: its content as text.
//! - `counter_v1.hex`, `counter_v1.txt`: the same for counter sales, which were added later.
//! - `shared_names_v1.hex`, `shared_names_v1.txt`: the fact `CategoriesPreferred`.
//! - `event_changes_v1.hex`, `event_changes_v1.txt`: the causes `ChangeEvent` and `HandOutRefund`.
//! - `life_v1.hex`: the journal of a small sale; `life_v1.txt`: its final state.
//! - `snapshot_FORMAT.hex`: a snapshot of that sale. A layout that changes without a new [`SNAPSHOT_FORMAT`] fails here.
//!
//! Existing `.hex` files are never changed. `WRITE_GOLDEN=1` writes files that do not exist.

use crate::checked::Checked;
use crate::hall::{self, ALICE, EVENT};
use crate::script::play_on;
use crate::wire::{CAUSES, COUNTER_PAYMENTS};
use crate::words;
use fairseat_domain::command::{HoldOrigin, Holder, Idempotency, InstrumentMark};
use fairseat_domain::entry::{Actor, Cause, Entry};
use fairseat_domain::fact::{CancelReason, DeclineReason, Fact, Item, RefundDue, ReturnReason};
use fairseat_domain::ids::{
    OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{Changes, SNAPSHOT_FORMAT, Sale, SnapshotError};
use fairseat_domain::terms::HoldLimits;
use fairseat_domain::time::Millis;
use fairseat_domain::wire::{decode_batch, encode_batch};
use std::fmt::Write as _;
use std::path::Path;

/// The content of a golden file. With `WRITE_GOLDEN`, `fresh` is written if the file does not exist.
fn golden(name: &str, fresh: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if !path.exists() && std::env::var_os("WRITE_GOLDEN").is_some() {
        std::fs::write(&path, fresh).expect("a golden file can be written");
    }
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn to_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(48) {
        line.iter().for_each(|byte| write!(text, "{byte:02x}").expect("a string takes everything"));
        text.push('\n');
    }
    text
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("ascii");
        u8::from_str_radix(pair, 16).expect("hexadecimal digits")
    };
    digits.chunks(2).map(byte).collect()
}

/// The kind of a fact, with its reason.
pub(crate) fn kind(fact: &Fact) -> String {
    let spelled = format!("{fact:?}");
    let name = spelled.split(' ').next().unwrap_or_default();
    let reason = spelled.split("reason: ").nth(1).filter(|_| !name.starts_with("Seats"));
    let reason = reason.and_then(|reason| reason.split([' ', ',']).next());
    format!("{name} {}", reason.unwrap_or_default())
}

pub(crate) fn every_fact() -> Vec<Fact> {
    let [reservation, order, payment, refund] = [1, 200, 30_000, 4_000_000];
    let (reservation, order) = (ReservationNumber(reservation), OrderNumber(order));
    let (payment, refund) = (PaymentNumber(payment), RefundNumber(refund));
    let items = vec![
        Item { seat: SeatIndex(0), price: Amount(30_00) },
        Item { seat: SeatIndex(99_999), price: Amount(0) },
    ];
    let mut terms = hall::terms();
    terms.fees.per_ticket = Amount(1_50);
    terms.refund_policy.until_before_start = hall::hours(24);
    terms.published = false;
    let plan = hall::first_plan().changed_to(&hall::next_plan()).expect("it fits");
    let seats = vec![SeatIndex(3), SeatIndex(70_000)];
    let due = RefundDue { refund, seats: Amount(15_00), fees: Amount(2_00) };
    let mut facts = vec![
        Fact::SaleOpened { terms: hall::terms(), tiers: hall::tiers(), plan: hall::first_plan() },
        Fact::TermsChanged { terms },
        Fact::PricesChanged { tiers: vec![hall::tier("Café", 1)] },
        Fact::PlanChanged { plan },
        Fact::SeatsBlocked { seats: seats.clone(), reason: "press".to_owned() },
        Fact::SeatsUnblocked { seats },
        Fact::ReservationPlaced {
            reservation,
            buyer: ALICE,
            items: items.clone(),
            fees: Amount(2_00),
            hold: Millis::from_seconds(600),
            expires_at: hall::on_sale(),
        },
        Fact::ReservationChanged { reservation, items, fees: Amount::ZERO },
        Fact::ReservationExtended { reservation, expires_at: hall::on_sale().plus(hall::hours(1)) },
        Fact::ReservationCancelled { reservation },
        Fact::ReservationExpired { reservation },
        Fact::OrderPlaced { order, reservation, method: "card".to_owned() },
        Fact::PaymentStarted { payment, order, amount: Amount(62_00) },
        Fact::PaymentNeedsAction { payment },
        Fact::PaymentCancelStarted { payment },
        Fact::PaymentCancelled { payment },
        Fact::OrderConfirmed { order, payment: Some(payment), first_ticket: TicketNumber(5) },
        Fact::OrderConfirmed { order, payment: None, first_ticket: TicketNumber(0) },
        Fact::OrderReseated { order },
        Fact::PaymentCaptured { payment },
        Fact::CaptureFailed { payment },
        Fact::OrderCancelled { order, reason: CancelReason::Buyer, refund: Some(due) },
        Fact::OrderCancelled { order, reason: CancelReason::Organizer, refund: None },
        Fact::OrderCancelled { order, reason: CancelReason::Event, refund: None },
        Fact::RefundCompleted { refund },
        Fact::RefundFailed { refund },
        Fact::EventCancelled,
        Fact::SaleDeleted,
    ];
    let declines = [
        DeclineReason::Generic,
        DeclineReason::InsufficientFunds,
        DeclineReason::ExpiredCard,
        DeclineReason::InvalidCard,
        DeclineReason::AuthenticationFailed,
    ];
    facts.extend(declines.map(|reason| Fact::PaymentDeclined { payment, reason }));
    let returns = [
        ReturnReason::SeatsGone,
        ReturnReason::AlreadyPaid,
        ReturnReason::AmountChanged,
        ReturnReason::SaleOver,
        ReturnReason::GivenBack,
        ReturnReason::TicketLimit,
    ];
    facts.extend(returns.map(|reason| Fact::PaymentReturned { payment, refund, reason }));
    facts
}

/// An entry of every cause, and an entry with every fact.
fn every_entry() -> Vec<Entry> {
    let entry = |cause: Cause| Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 0x0123_4567_89ab_cdef,
        cause,
        idempotency: Some(Idempotency { key: u128::MAX, body: u64::MAX }),
        facts: Vec::new(),
    };
    let mut entries: Vec<Entry> = CAUSES.into_iter().map(entry).collect();
    entries.push(Entry {
        actor: Actor::System,
        request: 0,
        idempotency: None,
        facts: every_fact(),
        ..entry(Cause::Due)
    });
    entries
}

/// The content of entries as text.
fn spelled(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let Entry { at, actor, request, cause, idempotency, facts } = entry;
        writeln!(text, "{at} {actor:?} {request:x} {cause:?} {idempotency:?}").expect("a string takes it");
        for fact in facts {
            writeln!(text, "    {fact:?}").expect("a string takes everything");
            if let Fact::SaleOpened { plan, .. } | Fact::PlanChanged { plan } = fact {
                for seat in plan.seats() {
                    let removed = if seat.removed { ", removed" } else { "" };
                    let (label, position) = (seat.label(), seat.position);
                    writeln!(text, "        {} {label} at {},{}{removed}", seat.guid, position.x, position.y)
                        .expect("a string takes everything");
                }
            }
        }
    }
    text
}

#[test]
fn golden_facts_are_read_as_before() {
    let entries = every_entry();
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("facts_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("the first release's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("facts_v1.txt", &spelled(&read)));
}

/// The facts of counter sales.
fn counter_facts() -> Vec<Fact> {
    let sold = |counter_payment| Fact::SoldAtCounter {
        reservation: ReservationNumber(1),
        order: OrderNumber(200),
        seller: ALICE,
        items: vec![
            Item { seat: SeatIndex(0), price: Amount(30_00) },
            Item { seat: SeatIndex(99_999), price: Amount(0) },
        ],
        fees: Amount(2_00),
        counter_payment,
        payment: (counter_payment != COUNTER_PAYMENTS[2]).then_some(PaymentNumber(30_000)),
        first_ticket: TicketNumber(5),
    };
    COUNTER_PAYMENTS.map(sold).to_vec()
}

#[test]
fn golden_counter_sales_are_read_as_before() {
    let entries = vec![Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 7,
        cause: Cause::SellAtCounter,
        idempotency: None,
        facts: counter_facts(),
    }];
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("counter_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("an earlier build's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("counter_v1.txt", &spelled(&read)));
}

/// Entries with the causes that were added for `ChangeEvent` and `HandOutRefund`.
fn later_entries() -> Vec<Entry> {
    let entry = |cause, facts| Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 7,
        cause,
        idempotency: None,
        facts,
    };
    let both = vec![
        Fact::TermsChanged { terms: hall::terms() },
        Fact::PricesChanged { tiers: vec![hall::tier("Floor", 30_00)] },
    ];
    vec![
        entry(Cause::ChangeEvent, both),
        entry(Cause::HandOutRefund, vec![Fact::RefundCompleted { refund: RefundNumber(4_000_000) }]),
    ]
}

#[test]
fn golden_event_changes_are_read_as_before() {
    let entries = later_entries();
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("event_changes_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("an earlier build's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("event_changes_v1.txt", &spelled(&read)));
}

/// The facts about hoarding.
fn hold_facts() -> Vec<Fact> {
    let held_from = |new_account| Fact::ReservationHeldFrom {
        reservation: ReservationNumber(70_000),
        holder: Holder { origin: HoldOrigin(u64::MAX - 1), new_account },
    };
    let changed = |seats, seats_of_new_accounts| Fact::HoldLimitsChanged {
        limits: HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument: None },
    };
    vec![held_from(true), held_from(false), changed(Some(300), None), changed(None, Some(2))]
}

#[test]
fn golden_holds_are_read_as_before() {
    let entries = vec![Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 7,
        cause: Cause::PlaceReservation,
        idempotency: None,
        facts: hold_facts(),
    }];
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("holds_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("an earlier build's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("holds_v1.txt", &spelled(&read)));
}

#[test]
fn golden_instruments_are_read_as_before() {
    let limits =
        HoldLimits { seats: Some(300), seats_of_new_accounts: None, tickets_per_instrument: Some(4) };
    let identified =
        Fact::PaymentIdentified { payment: PaymentNumber(70_000), instrument: InstrumentMark(u64::MAX - 1) };
    let entries = vec![Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 7,
        cause: Cause::PlaceOrder,
        idempotency: None,
        facts: vec![identified, Fact::HoldLimitsChanged { limits }],
    }];
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("instruments_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("an earlier build's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("instruments_v1.txt", &spelled(&read)));
}

#[test]
fn golden_carts_are_read_as_before() {
    let merged = |into, items, holder| Fact::CartMerged {
        from: ReservationNumber(70_000),
        into,
        buyer: ALICE,
        items,
        left_out: vec![SeatIndex(3)],
        fees: Amount(2_00),
        expires_at: hall::on_sale(),
        holder,
    };
    let items = vec![Item { seat: SeatIndex(0), price: Amount(30_00) }];
    let holder = Holder { origin: HoldOrigin(u64::MAX - 1), new_account: true };
    let entry = |cause, facts| Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 7,
        cause,
        idempotency: None,
        facts,
    };
    let changed = Fact::ReservationChanged {
        reservation: ReservationNumber(1),
        items: items.clone(),
        fees: Amount::ZERO,
    };
    let entries = vec![
        entry(Cause::AddToCart, vec![changed]),
        entry(
            Cause::MergeCart,
            vec![merged(Some(ReservationNumber(1)), items, Some(holder)), merged(None, Vec::new(), None)],
        ),
    ];
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("carts_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("an earlier build's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("carts_v1.txt", &spelled(&read)));
}

#[test]
fn golden_shared_names_are_read_as_before() {
    let entries = vec![Entry {
        at: hall::on_sale(),
        actor: Actor::Account(ALICE),
        request: 7,
        cause: Cause::ChangeEvent,
        idempotency: None,
        facts: vec![
            Fact::PricesChanged { tiers: vec![hall::tier("Floor", 30_00)] },
            Fact::CategoriesPreferred,
        ],
    }];
    let fresh = encode_batch(&entries).expect("an entry can be written");
    let kept = from_hex(&golden("shared_names_v1.hex", &to_hex(&fresh)));
    assert_eq!(kept, fresh, "the bytes of version 1 changed");
    let read = decode_batch(&kept).expect("an earlier build's bytes");
    assert_eq!(read, entries);
    assert_eq!(spelled(&read), golden("shared_names_v1.txt", &spelled(&read)));
}

/// A sale that is still open and has nearly every kind of fact.
fn life() -> Checked {
    let mut sale = Checked::unopened();
    sale.step(hall::open_sale(), None, hall::on_sale().minus(hall::hours(1)));
    let output = play_on(
        &mut sale,
        "0:00 organizer rules fee-per-ticket=1.00 fee-per-order=2.00 refund-percent=50 refund-fees=no
         0:00 organizer blocks A-1 for press
         0:00 alice reserves A-2 A-3 for 1m #1
         0:00 alice pays R0 #2
         0:01 bank asks-the-buyer-about P0
         0:02 bank authorizes P0
         0:02 bank captures P0
         0:03 bob reserves B-1 for 1m #3
         0:03 bob extends R1
         0:03 bob changes R1 +B-2 -B-1
         0:03 bob pays R1 #4
         0:03 bank declines P1 no-money
         0:03 bob pays R1 #4
         0:30 time passes
         0:31 bank cancels P2
         0:32 bank authorizes P2
         0:32 bank cannot-capture P2
         0:33 alice cancels O0 #5
         0:34 bank refunds F0
         0:34 bank authorizes P1
         0:35 carol reserves places Pit=2 for 15m
         0:35 alice reserves A-2 for 1m
         0:36 organizer prices Floor=40.00 Pit=0 Balcony=5.00
         0:36 organizer plans anew
         0:37 carol reserves best 1 for 1m
         0:37 alice reserves Pit-3 #6
         0:37 alice pays R5 #7
         0:37 organizer unblocks A-1
         0:37 organizer blocks A-1 for choir
         0:37 carol cancels R4
         0:39 bob reserves B-1
         0:39 bob pays R6",
    );
    assert!(!output.contains('✗'), "{output}");
    sale
}

/// The state of a sale as text.
fn figures(sale: &Sale) -> String {
    let mut text = format!("{}\n{}\n", words::accounts(sale), words::to_do(sale));
    for (number, _) in sale.orders() {
        writeln!(text, "{}", words::order(sale, number)).expect("a string takes everything");
    }
    for (number, found) in sale.reservations() {
        let (phase, until) = (found.phase, words::clock(found.expires_at));
        writeln!(text, "R{number} {phase:?} of {} until {until}", words::buyer(found.buyer))
            .expect("a string takes everything");
    }
    for seat in sale.plan().seats() {
        writeln!(text, "{}", words::seat(sale, seat.index)).expect("a string takes everything");
    }
    text
}

#[test]
fn a_golden_journal_replays_to_the_same_state() {
    let live = life();
    let kept = from_hex(&golden("life_v1.hex", &to_hex(&live.journal)));
    let mut sale = Sale::unopened(EVENT);
    for entry in decode_batch(&kept).expect("the first release's bytes") {
        sale.apply_entry(&entry, &mut Changes::default()).expect("the first release's facts");
    }
    assert_eq!(sale.check_invariants(), []);
    assert_eq!(figures(&sale), golden("life_v1.txt", &figures(&live.live)));
}

#[test]
fn a_changed_snapshot_layout_needs_a_new_format_number() {
    let sale = life().live;
    let fresh = sale.to_snapshot().expect("a sale can be written");
    let kept = from_hex(&golden(&format!("snapshot_{SNAPSHOT_FORMAT}.hex"), &to_hex(&fresh)));
    assert!(kept == fresh, "the layout of snapshots changed: raise SNAPSHOT_FORMAT");
    let restored = Sale::from_snapshot(&kept).expect("our own snapshot");
    assert_eq!(figures(&restored), figures(&sale));
    assert_eq!(restored.check_invariants(), []);
}

#[test]
fn a_snapshot_of_another_format_or_a_damaged_one_is_refused() {
    let bytes = life().live.to_snapshot().expect("a sale can be written");
    let mut other = bytes.clone();
    other[0] ^= 0x80;
    assert!(matches!(Sale::from_snapshot(&other), Err(SnapshotError::Format(_))));
    for cut in (0..bytes.len()).step_by(7) {
        assert!(matches!(Sale::from_snapshot(&bytes[..cut]), Err(SnapshotError::Damaged(_))));
    }
    for at in 2..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let _answer = Sale::from_snapshot(&flipped);
    }
}

/// The snapshot has one cent too much in the counter's account, and is otherwise unchanged.
#[test]
fn a_snapshot_whose_money_does_not_balance_is_refused() {
    let sale = life().live;
    let mut bytes = sale.to_snapshot().expect("a sale can be written");
    let ledger = postcard::to_stdvec(sale.ledger()).expect("a ledger can be written");
    let start = bytes.windows(ledger.len()).position(|part| part == ledger).expect("it is in there");
    let counter = &mut bytes[start + ledger.len() - 1];
    assert_eq!(
        std::mem::replace(counter, 0b10),
        0,
        "the account was empty; 0b10 is 1 in postcard's zigzag encoding"
    );
    let why = "invariant broken: money does not sum to zero".to_owned();
    assert_eq!(Sale::from_snapshot(&bytes).err(), Some(SnapshotError::Damaged(why)));
}
