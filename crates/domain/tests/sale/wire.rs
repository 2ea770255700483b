//! The bytes of entries: every entry survives a round trip, and damaged bytes never cause a panic.

use crate::hall;
use fairseat_domain::command::{HoldOrigin, Holder, Idempotency, InstrumentMark};
use fairseat_domain::entry::{Actor, Cause, Entry};
use fairseat_domain::fact::{
    CancelReason, CounterPayment, DeclineReason, Fact, Item, RefundDue, ReturnReason,
};
use fairseat_domain::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex, TicketNumber,
};
use fairseat_domain::money::{Amount, BasisPoints, Currency};
use fairseat_domain::terms::HoldLimits;
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::wire::{WireError, append_entry, decode_batch, encode_batch};
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const DECLINES: [DeclineReason; 5] = [
    DeclineReason::Generic,
    DeclineReason::InsufficientFunds,
    DeclineReason::ExpiredCard,
    DeclineReason::InvalidCard,
    DeclineReason::AuthenticationFailed,
];

const RETURNS: [ReturnReason; 6] = [
    ReturnReason::SeatsGone,
    ReturnReason::AlreadyPaid,
    ReturnReason::AmountChanged,
    ReturnReason::SaleOver,
    ReturnReason::GivenBack,
    ReturnReason::TicketLimit,
];

const CANCELS: [CancelReason; 3] = [CancelReason::Buyer, CancelReason::Organizer, CancelReason::Event];

pub(crate) const COUNTER_PAYMENTS: [CounterPayment; 3] =
    [CounterPayment::Cash, CounterPayment::CardTerminal, CounterPayment::Complimentary];

/// Every cause of the first release.
pub(crate) const CAUSES: [Cause; 18] = [
    Cause::Due,
    Cause::OpenSale,
    Cause::ChangeTerms,
    Cause::ChangePrices,
    Cause::ChangePlan,
    Cause::BlockSeats,
    Cause::UnblockSeats,
    Cause::PlaceReservation,
    Cause::ChangeReservation,
    Cause::ExtendReservation,
    Cause::CancelReservation,
    Cause::PlaceOrder,
    Cause::ReportPayment,
    Cause::ReportCapture,
    Cause::ReportRefund,
    Cause::CancelOrder,
    Cause::CancelEvent,
    Cause::DeleteSale,
];

fn amount() -> impl Strategy<Value = Amount> {
    any::<i64>().prop_map(Amount)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp::from_millis)
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (any::<u32>(), amount()).prop_map(|(seat, price)| Item { seat: SeatIndex(seat), price });
    prop::collection::vec(item, 0..5)
}

fn tiers() -> impl Strategy<Value = Vec<PriceTier>> {
    let tier = ("\\PC{0,12}", amount()).prop_map(|(name, price)| PriceTier { name, price });
    prop::collection::vec(tier, 0..4)
}

fn terms() -> impl Strategy<Value = Terms> {
    let fees = (amount(), amount(), any::<u32>());
    let policy = (any::<u32>(), any::<bool>(), any::<i64>());
    ("[A-Z]{3}", (instant(), instant(), instant()), any::<u32>(), fees, policy, any::<bool>()).prop_map(
        |(code, (on_sale_at, sales_end_at, starts_at), limit, fees, policy, published)| Terms {
            currency: Currency::from_code(&code).expect("three letters"),
            on_sale_at,
            sales_end_at,
            starts_at,
            max_tickets_per_buyer: limit,
            fees: Fees { per_ticket: fees.0, per_order: fees.1, share: BasisPoints(fees.2) },
            refund_policy: RefundPolicy {
                share: BasisPoints(policy.0),
                fees_too: policy.1,
                until_before_start: Millis(policy.2),
            },
            published,
        },
    )
}

fn organizers_fact() -> impl Strategy<Value = Fact> {
    let seats = || prop::collection::vec(any::<u32>().prop_map(SeatIndex), 0..6);
    let plan = || {
        prop_oneof![
            Just(hall::first_plan()),
            Just(hall::first_plan().changed_to(&hall::next_plan()).expect("it fits"))
        ]
    };
    prop_oneof![
        (terms(), tiers(), plan()).prop_map(|(terms, tiers, plan)| Fact::SaleOpened { terms, tiers, plan }),
        terms().prop_map(|terms| Fact::TermsChanged { terms }),
        tiers().prop_map(|tiers| Fact::PricesChanged { tiers }),
        Just(Fact::CategoriesPreferred),
        plan().prop_map(|plan| Fact::PlanChanged { plan }),
        (seats(), "\\PC{0,12}").prop_map(|(seats, reason)| Fact::SeatsBlocked { seats, reason }),
        seats().prop_map(|seats| Fact::SeatsUnblocked { seats }),
        Just(Fact::EventCancelled),
        Just(Fact::SaleDeleted),
    ]
}

fn merged() -> impl Strategy<Value = Fact> {
    let numbers = (any::<u32>(), any::<Option<u32>>(), any::<u128>());
    let left_out = prop::collection::vec(any::<u32>().prop_map(SeatIndex), 0..3);
    let holder = prop::option::of((any::<u64>(), any::<bool>()));
    (numbers, items(), left_out, amount(), instant(), holder).prop_map(
        |((from, into, buyer), items, left_out, fees, expires_at, holder)| Fact::CartMerged {
            from: ReservationNumber(from),
            into: into.map(ReservationNumber),
            buyer: AccountId(buyer),
            items,
            left_out,
            fees,
            expires_at,
            holder: holder.map(|(origin, new_account)| Holder { origin: HoldOrigin(origin), new_account }),
        },
    )
}

fn buyers_fact() -> impl Strategy<Value = Fact> {
    let reservation = || any::<u32>().prop_map(ReservationNumber);
    let order = || any::<u32>().prop_map(OrderNumber);
    let due = (any::<u32>(), amount(), amount()).prop_map(|(refund, seats, fees)| RefundDue {
        refund: RefundNumber(refund),
        seats,
        fees,
    });
    prop_oneof![
        (reservation(), any::<u128>(), items(), amount(), any::<i64>(), instant()).prop_map(
            |(reservation, buyer, items, fees, hold, expires_at)| Fact::ReservationPlaced {
                reservation,
                buyer: AccountId(buyer),
                items,
                fees,
                hold: Millis(hold),
                expires_at,
            }
        ),
        (reservation(), items(), amount()).prop_map(|(reservation, items, fees)| Fact::ReservationChanged {
            reservation,
            items,
            fees
        }),
        (reservation(), instant())
            .prop_map(|(reservation, expires_at)| Fact::ReservationExtended { reservation, expires_at }),
        reservation().prop_map(|reservation| Fact::ReservationCancelled { reservation }),
        reservation().prop_map(|reservation| Fact::ReservationExpired { reservation }),
        (reservation(), any::<u64>(), any::<bool>()).prop_map(|(reservation, origin, new_account)| {
            let holder = Holder { origin: HoldOrigin(origin), new_account };
            Fact::ReservationHeldFrom { reservation, holder }
        }),
        any::<bool>().prop_map(|refuse| Fact::SingleSeatRuleChanged { refuse }),
        merged(),
        (any::<Option<u32>>(), any::<Option<u32>>(), any::<Option<u32>>()).prop_map(
            |(seats, seats_of_new_accounts, tickets_per_instrument)| Fact::HoldLimitsChanged {
                limits: HoldLimits { seats, seats_of_new_accounts, tickets_per_instrument }
            }
        ),
        (order(), reservation(), "\\PC{0,12}").prop_map(|(order, reservation, method)| Fact::OrderPlaced {
            order,
            reservation,
            method
        }),
        (order(), prop::option::of(any::<u32>().prop_map(PaymentNumber)), any::<u32>()).prop_map(
            |(order, payment, first)| Fact::OrderConfirmed {
                order,
                payment,
                first_ticket: TicketNumber(first)
            }
        ),
        order().prop_map(|order| Fact::OrderReseated { order }),
        (order(), select(&CANCELS[..]), prop::option::of(due))
            .prop_map(|(order, reason, refund)| Fact::OrderCancelled { order, reason, refund }),
    ]
}

fn moneys_fact() -> impl Strategy<Value = Fact> {
    let payment = || any::<u32>().prop_map(PaymentNumber);
    let refund = || any::<u32>().prop_map(RefundNumber);
    prop_oneof![
        (payment(), any::<u32>(), amount()).prop_map(|(payment, order, amount)| Fact::PaymentStarted {
            payment,
            order: OrderNumber(order),
            amount
        }),
        (payment(), any::<u64>()).prop_map(|(payment, mark)| Fact::PaymentIdentified {
            payment,
            instrument: InstrumentMark(mark)
        }),
        payment().prop_map(|payment| Fact::PaymentNeedsAction { payment }),
        (payment(), select(&DECLINES[..]))
            .prop_map(|(payment, reason)| Fact::PaymentDeclined { payment, reason }),
        payment().prop_map(|payment| Fact::PaymentCancelStarted { payment }),
        payment().prop_map(|payment| Fact::PaymentCancelled { payment }),
        payment().prop_map(|payment| Fact::PaymentCaptured { payment }),
        payment().prop_map(|payment| Fact::CaptureFailed { payment }),
        (payment(), refund(), select(&RETURNS[..]))
            .prop_map(|(payment, refund, reason)| Fact::PaymentReturned { payment, refund, reason }),
        refund().prop_map(|refund| Fact::RefundCompleted { refund }),
        refund().prop_map(|refund| Fact::RefundFailed { refund }),
    ]
}

fn counters_fact() -> impl Strategy<Value = Fact> {
    let numbers = (any::<u32>(), any::<u32>(), prop::option::of(any::<u32>()), any::<u32>());
    (numbers, any::<u128>(), items(), amount(), select(&COUNTER_PAYMENTS[..])).prop_map(
        |((reservation, order, payment, first), seller, items, fees, counter_payment)| Fact::SoldAtCounter {
            reservation: ReservationNumber(reservation),
            order: OrderNumber(order),
            seller: AccountId(seller),
            items,
            fees,
            counter_payment,
            payment: payment.map(PaymentNumber),
            first_ticket: TicketNumber(first),
        },
    )
}

fn entry() -> impl Strategy<Value = Entry> {
    let fact =
        prop_oneof![1 => organizers_fact(), 3 => buyers_fact(), 3 => moneys_fact(), 1 => counters_fact()];
    let cause = prop_oneof![18 => select(&CAUSES[..]), 1 => Just(Cause::SellAtCounter)];
    let actor =
        prop_oneof![Just(Actor::System), any::<u128>().prop_map(|number| Actor::Account(AccountId(number)))];
    let key = (any::<u128>(), any::<u64>()).prop_map(|(key, body)| Idempotency { key, body });
    let facts = prop::collection::vec(fact, 0..5);
    (instant(), actor, any::<u128>(), cause, prop::option::of(key), facts).prop_map(
        |(at, actor, request, cause, idempotency, facts)| Entry {
            at,
            actor,
            request,
            cause,
            idempotency,
            facts,
        },
    )
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(entry(), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entries_survive_a_round_trip(entries in entries()) {
        let bytes = encode_batch(&entries).expect("an entry can be written");
        prop_assert_eq!(decode_batch(&bytes), Ok(entries.clone()));
        let mut grown = encode_batch(&[]).expect("nothing can be written");
        for entry in &entries {
            grown = append_entry(grown, entry).expect("an entry can be written");
        }
        prop_assert_eq!(grown, bytes);
    }

    /// A batch that is cut between two entries is a shorter batch. Any other cut is detected.
    #[test]
    fn a_truncated_batch_is_refused(entry in entry(), cut in any::<prop::sample::Index>()) {
        let bytes = encode_batch(&[entry]).expect("an entry can be written");
        let cut = 2 + cut.index(bytes.len() - 2);
        prop_assert!(matches!(decode_batch(&bytes[..cut]), Err(WireError::Unreadable(_))));
    }

    /// The journal's checksums detect damage. Here decoding must only return.
    #[test]
    fn damaged_bytes_never_panic(
        entries in entries(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
        tail in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = encode_batch(&entries).expect("an entry can be written");
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let _answer = decode_batch(&bytes);
        bytes[at] ^= 1 << bit;
        bytes.extend(tail);
        let _answer = decode_batch(&bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _answer = decode_batch(&bytes);
        let mut ours = vec![1];
        ours.extend(bytes);
        let _answer = decode_batch(&ours);
    }
}

#[test]
fn unknown_versions_are_refused() {
    let mut bytes = encode_batch(&[]).expect("nothing can be written");
    assert_eq!(decode_batch(&bytes), Ok(Vec::new()));
    for version in [2, 255] {
        bytes[0] = version;
        assert_eq!(decode_batch(&bytes), Err(WireError::UnknownVersion(version)));
    }
    bytes[0] = 0;
    assert!(matches!(decode_batch(&bytes), Err(WireError::Unreadable(_))), "no program wrote version 0");
    assert!(matches!(decode_batch(&[]), Err(WireError::Unreadable(_))));
}

/// A list that claims to be longer than the batch is refused before memory is allocated for it.
#[test]
fn a_list_with_a_false_length_is_refused_without_allocating() {
    let mut bytes = vec![1, 0, 0, 0, 0, 0];
    bytes.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    assert!(matches!(decode_batch(&bytes), Err(WireError::Unreadable(_))));
}
