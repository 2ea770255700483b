//! A sale in which everything happens, and the messages about it: their schemas, ids, and what readers can rely on.

use super::messages::messages_of;
use crate::ids::PublicIds;
use fairseat_bus::{Kind, Message, Topic};
use fairseat_domain::command::{Canceller, PaymentOutcome, RefundChoice, Selection};
use fairseat_domain::fact::{CounterPayment, DeclineReason};
use fairseat_domain::ids::{
    AccountId, EventNumber, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{Changes, Request};
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, import_short};
use fairseat_domain::terms::{Fees, HoldLimits, PriceTier, RefundPolicy, Terms, TermsChange};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::{Actor, Command, Entry, Sale, wire};
use fairseat_journal::Position;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const MINUTE: Millis = Millis::from_seconds(60);
const BUYER: AccountId = AccountId(0x00c0_ffee);
const OTHER: AccountId = AccountId(0x00dd_ba11);
/// Texts of facts that no message may have.
const PRIVATE: [&str; 2] = ["for the mayor", "card of Ada"];

fn plan(seats: usize) -> SeatingPlan {
    let document = format!(
        r#"{{"sections": [{{"name": "Floor", "rows": 2, "seats_per_row": 20}}, {{"name": "Field", "general_admission": {seats}}}]}}"#
    );
    import_short(&document, ImportOptions::default()).unwrap().plan
}

fn tiers(price: i64) -> Vec<PriceTier> {
    let tier = |name: &str, price| PriceTier { name: name.to_owned(), price: Amount(price) };
    vec![tier("Floor", price), tier("Field", 0)]
}

fn terms() -> Terms {
    let day = Millis::from_seconds(86_400);
    Terms {
        currency: Currency::USD,
        on_sale_at: Timestamp::EPOCH,
        sales_end_at: Timestamp::EPOCH.plus(Millis(day.0 * 30)),
        starts_at: Timestamp::EPOCH.plus(Millis(day.0 * 30)),
        max_tickets_per_buyer: 100,
        fees: Fees { per_ticket: Amount(100), ..Fees::default() },
        refund_policy: RefundPolicy::default(),
        published: true,
    }
}

/// A sale with its history.
struct History {
    sale: Sale,
    now: Timestamp,
    entries: Vec<Entry>,
}

impl History {
    fn new(number: u64) -> Self {
        let sale = Sale::unopened(EventNumber(number));
        Self { sale, now: Timestamp::EPOCH.plus(MINUTE), entries: Vec::new() }
    }

    fn opened(number: u64, seats: usize) -> Self {
        let mut history = Self::new(number);
        history.run(Command::OpenSale { terms: terms(), tiers: tiers(5_000), plan: plan(seats) });
        history
    }

    fn run(&mut self, command: Command) {
        let actor = Actor::System;
        let text = format!("{command:?}");
        let request = Request { command, actor, request: 0, idempotency: None, holder: None };
        let step = self.sale.step(&request, self.now, &mut Changes::default()).unwrap();
        if let Err(refusal) = step.answer {
            panic!("{text}: {refusal:?}");
        }
        self.entries.extend(step.entries);
    }

    fn wait(&mut self, time: Millis) {
        self.now = self.now.plus(time);
        self.run(Command::Tick);
    }

    fn reserve(&mut self, buyer: AccountId, seats: &[u32]) -> ReservationNumber {
        let selection = Selection::Seats(seats.iter().copied().map(SeatIndex).collect());
        self.run(Command::PlaceReservation { buyer, selection, hold: MINUTE });
        self.sale.reservations().map(|(number, _)| number).max().unwrap()
    }

    fn order(&mut self, reservation: ReservationNumber, buyer: AccountId) -> (OrderNumber, PaymentNumber) {
        let method = PRIVATE[1].to_owned();
        self.run(Command::PlaceOrder { reservation, buyer, method, instrument: None });
        let order = self.sale.reservation(reservation).unwrap().order.unwrap();
        (order, self.sale.order(order).unwrap().last_payment.unwrap_or(PaymentNumber(u32::MAX)))
    }

    fn report(&mut self, payment: PaymentNumber, outcome: PaymentOutcome) {
        self.run(Command::ReportPayment { payment, outcome });
    }

    fn bought(&mut self, seats: &[u32]) -> (OrderNumber, PaymentNumber) {
        let reservation = self.reserve(BUYER, seats);
        let (order, payment) = self.order(reservation, BUYER);
        self.report(payment, PaymentOutcome::Authorized);
        (order, payment)
    }

    /// The messages of every entry, one entry for each batch.
    fn messages(&self, ids: &PublicIds) -> Vec<Message> {
        let mut sale = Sale::unopened(self.sale.event());
        let mut messages = Vec::new();
        for (position, entry) in (1..).map(Position).zip(&self.entries) {
            let (before, mut changes) = (sale.clone(), Changes::default());
            sale.apply_entry(entry, &mut changes).unwrap();
            messages.extend(messages_of(ids, (position, 0), entry, (&before, &sale), &changes).unwrap());
        }
        messages
    }
}

/// A sale in which every kind of message occurs.
fn everything() -> Vec<History> {
    let mut first = History::opened(7, 1_500);
    first.run(Command::ChangeEvent {
        terms: TermsChange {
            hold_limits: Some(HoldLimits::default()),
            ..TermsChange::from(Terms { max_tickets_per_buyer: 60, ..terms() })
        },
        tiers: Some(tiers(6_000)),
    });
    first.run(Command::BlockSeats {
        seats: (40..1_540).map(SeatIndex).collect(),
        reason: PRIVATE[0].to_owned(),
    });
    first.run(Command::UnblockSeats { seats: (41..1_540).map(SeatIndex).collect() });
    // Reservations: changed, extended, cancelled, merged, expired.
    let reservation = first.reserve(BUYER, &[0, 1]);
    let seat = |seat| vec![SeatIndex(seat)];
    first.run(Command::ChangeReservation { reservation, buyer: BUYER, add: seat(2), remove: seat(0) });
    first.run(Command::ExtendReservation { reservation, buyer: BUYER });
    let guests = first.reserve(OTHER, &[5]);
    first.run(Command::MergeCart { reservation: guests, guest: OTHER, account: BUYER });
    first.run(Command::CancelReservation { reservation, buyer: BUYER });
    let alone = first.reserve(OTHER, &[6]);
    first.run(Command::MergeCart { reservation: alone, guest: OTHER, account: BUYER });
    let expiring = first.reserve(BUYER, &[7]);
    let (_, payment) = first.order(expiring, BUYER);
    first.report(payment, PaymentOutcome::NeedsAction);
    first.report(payment, PaymentOutcome::Declined(DeclineReason::InsufficientFunds));
    first.wait(Millis(MINUTE.0 * 2));
    // Orders: captured, cancelled and refunded; a refund that fails; a capture that fails; a late payment.
    let (order, payment) = first.bought(&[10, 11]);
    first.run(Command::ReportCapture { payment, captured: true });
    first.run(Command::CancelOrder { order, by: Canceller::Buyer(BUYER) });
    first.run(Command::ReportRefund { refund: RefundNumber(0), completed: false });
    first.run(Command::ReportRefund { refund: RefundNumber(0), completed: true });
    let (_, payment) = first.bought(&[12]);
    first.run(Command::ReportCapture { payment, captured: false });
    let late = first.reserve(BUYER, &[13]);
    let (_, payment) = first.order(late, BUYER);
    first.wait(Millis(MINUTE.0 * 30));
    first.report(payment, PaymentOutcome::Cancelled);
    first.reserve(OTHER, &[13]);
    first.report(payment, PaymentOutcome::Authorized);
    let again = first.reserve(BUYER, &[14]);
    let (_, payment) = first.order(again, BUYER);
    first.wait(Millis(MINUTE.0 * 30));
    first.report(payment, PaymentOutcome::Cancelled);
    // The seats are still free, so the late payment gets them.
    first.report(payment, PaymentOutcome::Authorized);
    // A free order, the box office, another plan, and the end.
    let free = first.reserve(BUYER, &[50, 51]);
    first.order(free, BUYER);
    let counter = |seats: &[u32], counter_payment| Command::SellAtCounter {
        seller: OTHER,
        selection: Selection::Seats(seats.iter().copied().map(SeatIndex).collect()),
        counter_payment,
    };
    first.run(counter(&[20, 21], CounterPayment::Cash));
    first.run(counter(&[22], CounterPayment::Complimentary));
    let sold = first.sale.orders().map(|(number, _)| number).max().unwrap();
    first.run(Command::CancelOrder { order: sold, by: Canceller::Organizer(RefundChoice::Nothing) });
    let reused = first.sale.plan().clone();
    first.run(Command::ChangePlan { plan: larger(&reused), reuse_labels: true });
    first.reserve(BUYER, &[30]);
    first.run(Command::CancelEvent);
    first.wait(MINUTE);
    let mut second = History::opened(8, 10);
    second.run(Command::DeleteSale);
    vec![first, second]
}

/// The plan with more places, which are new seats.
fn larger(plan: &SeatingPlan) -> SeatingPlan {
    let more = self::plan(1_600);
    assert!(more.seat_count() > plan.seat_count());
    more
}

fn json(message: &Message) -> Value {
    serde_json::from_slice(&message.json).unwrap()
}

/// The schema of a topic, which here allows no field that it does not name: a field that is not documented must fail the test.
fn closed_schema(topic: Topic) -> jsonschema::Validator {
    let file = format!("{}/../../docs/bus/{}.schema.json", env!("CARGO_MANIFEST_DIR"), topic.name());
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    schema["additionalProperties"] = Value::Bool(false);
    close(&mut schema["$defs"]);
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn close(schema: &mut Value) {
    if let Value::Object(members) = schema {
        if members.contains_key("properties") {
            members.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        members.values_mut().for_each(close);
    }
}

#[test]
fn every_kind_of_message_occurs_and_fits_its_schema() {
    let schemas: BTreeMap<Topic, jsonschema::Validator> =
        Topic::ALL.into_iter().map(|topic| (topic, closed_schema(topic))).collect();
    let ids = PublicIds::new(&[3; 16]);
    let mut kinds = BTreeSet::new();
    for history in everything() {
        for message in history.messages(&ids) {
            let json = json(&message);
            let errors: Vec<String> =
                schemas[&message.kind.topic()].iter_errors(&json).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}: {json}");
            assert_eq!(message.key.to_string(), json["data"]["event_id"].as_str().unwrap());
            kinds.insert(message.kind);
        }
    }
    let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missing.is_empty(), "never published: {missing:?}");
}

#[test]
fn ids_are_unique_and_the_same_facts_give_the_same_bytes() {
    let ids = PublicIds::new(&[3; 16]);
    for mut history in everything() {
        let messages = history.messages(&ids);
        let unique: BTreeSet<String> =
            messages.iter().map(|message| json(message)["id"].to_string()).collect();
        assert_eq!(unique.len(), messages.len());
        let sequences: Vec<String> =
            messages.iter().map(|message| json(message)["sequence"].to_string()).collect();
        assert!(sequences.is_sorted(), "{sequences:?}");
        // As another node reads them from the journal.
        history.entries = wire::decode_batch(&wire::encode_batch(&history.entries).unwrap()).unwrap();
        assert_eq!(history.messages(&ids), messages);
    }
}

/// A reader that keeps the newest status of every seat has the sale's.
#[test]
fn the_statuses_of_seats_add_up_to_the_sale() {
    let ids = PublicIds::new(&[3; 16]);
    for history in everything() {
        let mut known = BTreeMap::new();
        for message in history.messages(&ids) {
            let json = json(&message);
            for seat in json["data"]["seats"].as_array().into_iter().flatten() {
                let status = seat["status"].as_str().unwrap().to_owned();
                let before = known.insert(seat["seat_id"].as_str().unwrap().to_owned(), status.clone());
                assert_ne!(before, Some(status), "only changes are published");
            }
        }
        let sale = &history.sale;
        assert_eq!(known.len(), sale.plan().seat_count());
        let counted = |status: &str| known.values().filter(|found| *found == status).count();
        let counts = sale.counts();
        let expected = [counts.available, counts.reserved, counts.sold, counts.blocked].map(|n| n as usize);
        assert_eq!(["available", "reserved", "sold", "blocked"].map(counted), expected);
    }
}

#[test]
fn large_changes_become_several_messages_of_bounded_size() {
    let ids = PublicIds::new(&[3; 16]);
    let history = History::opened(9, 100_000);
    let messages = history.messages(&ids);
    let seats = messages.iter().filter(|message| message.kind == Kind::SeatsChanged);
    assert_eq!(seats.clone().count(), 101);
    assert!(seats.map(|message| message.json.len()).max().unwrap() < 100_000);
}

#[test]
fn no_message_has_texts_or_names_from_facts() {
    let ids = PublicIds::new(&[3; 16]);
    let messages: Vec<Message> = everything().iter().flat_map(|history| history.messages(&ids)).collect();
    for message in messages {
        let text = String::from_utf8(message.json.to_vec()).unwrap();
        assert!(PRIVATE.iter().all(|private| !text.contains(private)), "{text}");
    }
}
