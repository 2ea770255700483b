//! How fast a sale wakes: a million facts of a 100,000-seat event, replayed from their bytes and restored from a snapshot.
//!
//! `cargo run --release -p fairseat-domain --example replay_rate [FACTS]`

use fairseat_domain::command::{Command, Idempotency, PaymentOutcome, Selection};
use fairseat_domain::entry::{Actor, Entry};
use fairseat_domain::ids::{
    AccountId, EventNumber, OrderNumber, PaymentNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::limits::BATCH_BYTES;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{Changes, Request, Sale, SeatState, Subject};
use fairseat_domain::seating_plan::{ImportOptions, import};
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_domain::wire;
use std::io::{self, Write};
use std::time::Instant;

/// Seconds this thread spent computing, so far: what is measured is not the neighbours' work. Where the system does not
/// tell, the time on the wall since `start`.
fn computed(start: Instant) -> f64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds =
        schedule.and_then(|line| line.split(' ').next().and_then(|first| first.parse::<f64>().ok()));
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

const SEATS: u32 = 100_000;

/// A sale being lived through, and the batches an engine would have written.
struct Life {
    sale: Sale,
    now: Timestamp,
    facts: usize,
    batches: Vec<Vec<u8>>,
    random: u64,
}

impl Life {
    fn step(&mut self, command: Command, repeatable: bool) -> Option<Subject> {
        let key = repeatable.then(|| Idempotency { key: self.wide(), body: self.random });
        let request = Request { command, actor: Actor::System, request: self.wide(), idempotency: key };
        let step = self.sale.step(&request, self.now, &mut Changes::default()).expect("no rule is broken");
        step.entries.iter().for_each(|entry| self.write(entry));
        step.answer.ok().map(|decision| decision.subject)
    }

    fn write(&mut self, entry: &Entry) {
        self.facts += entry.facts.len();
        let batch = match self.batches.pop() {
            Some(open) if open.len() < BATCH_BYTES => open,
            full => {
                self.batches.extend(full);
                wire::encode_batch(&[]).expect("nothing can be written")
            }
        };
        self.batches.push(wire::append_entry(batch, entry).expect("an entry can be written"));
    }

    fn next(&mut self) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }

    fn wide(&mut self) -> u128 {
        (u128::from(self.next()) << 64) | u128::from(self.next())
    }

    /// A buyer takes two neighbours; of ten, three pay, two give them back and five let them go.
    fn buyer(&mut self) {
        self.now = self.now.plus(Millis(2));
        let first = SeatIndex(u32::try_from(self.next()).unwrap_or(0) % (SEATS / 2) * 2);
        let seats = vec![first, SeatIndex(first.0 + 1)];
        if self.sale.seat(first) != Some(SeatState::Available) {
            return;
        }
        let buyer = AccountId(self.wide());
        let selection = Selection::Seats(seats);
        let place = Command::PlaceReservation { buyer, selection, hold: Millis::from_seconds(60) };
        let Some(Subject::Reservation(reservation)) = self.step(place, true) else { return };
        match self.next() % 10 {
            0..3 => self.pay(reservation, buyer),
            3..5 => {
                self.step(Command::CancelReservation { reservation, buyer }, false);
            }
            _ => {}
        }
    }

    fn pay(&mut self, reservation: ReservationNumber, buyer: AccountId) {
        let method = "card".to_owned();
        let place = Command::PlaceOrder { reservation, buyer, method };
        let Some(Subject::Payment(order, Some(payment))) = self.step(place, true) else { return };
        self.settle(order, payment, buyer);
    }

    fn settle(&mut self, order: OrderNumber, payment: PaymentNumber, buyer: AccountId) {
        self.step(Command::ReportPayment { payment, outcome: PaymentOutcome::Authorized }, false);
        self.step(Command::ReportCapture { payment, captured: true }, false);
        let by = fairseat_domain::command::Canceller::Buyer(buyer);
        // Half of the buyers change their minds, so that seats go round.
        if self.next().is_multiple_of(2)
            && let Some(Subject::Cancellation(_, Some(refund))) =
                self.step(Command::CancelOrder { order, by }, true)
        {
            self.step(Command::ReportRefund { refund, completed: true }, false);
        }
    }
}

fn live(facts: usize) -> Life {
    let json = r#"{"sections": [{"name": "Stand", "rows": 500, "seats_per_row": 200}]}"#;
    let plan = import(json, ImportOptions::default()).expect("the plan is sound").plan;
    let now = Timestamp::from_millis(1_800_000_000_000);
    let terms = Terms {
        currency: Currency::USD,
        on_sale_at: now,
        sales_end_at: Timestamp::MAX,
        starts_at: Timestamp::MAX,
        max_tickets_per_buyer: 8,
        fees: Fees { per_ticket: Amount(150), ..Fees::default() },
        refund_policy: RefundPolicy::default(),
        published: true,
    };
    let tiers = vec![PriceTier { name: "Stand".to_owned(), price: Amount(80_00) }];
    let sale = Sale::unopened(EventNumber(1));
    let mut life = Life { sale, now, facts: 0, batches: Vec::new(), random: 1 };
    life.step(Command::OpenSale { terms, tiers, plan }, false);
    while life.facts < facts {
        life.buyer();
    }
    life
}

fn replay(batches: &[Vec<u8>]) -> Sale {
    let mut sale = Sale::unopened(EventNumber(1));
    let mut changes = Changes::default();
    for batch in batches {
        for entry in wire::decode_batch(batch).expect("our own bytes") {
            sale.apply_entry(&entry, &mut changes).expect("our own facts");
        }
        changes.seats.clear();
    }
    sale
}

fn main() -> io::Result<()> {
    let facts = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let mut out = io::stdout();
    let start = Instant::now();
    let timed = |out: &mut io::Stdout, what: &str, work: &mut dyn FnMut() -> String| -> io::Result<()> {
        let (wall, begin) = (Instant::now(), computed(start));
        let told = work();
        let (cpu, wall) = (computed(start) - begin, wall.elapsed().as_secs_f64());
        let rate = facts as f64 / cpu / 1000.0;
        writeln!(out, "{what}: {cpu:.3} s of computing ({wall:.3} s), {rate:.0}k facts a second; {told}")
    };
    let mut life = None;
    timed(&mut out, "lived", &mut || {
        let life = life.insert(live(facts));
        let bytes: usize = life.batches.iter().map(Vec::len).sum();
        format!("{} facts in {} batches, {bytes} bytes", life.facts, life.batches.len())
    })?;
    let life = life.ok_or_else(|| io::Error::other("it was lived"))?;
    for _ in 0..3 {
        timed(&mut out, "replayed", &mut || format!("{:?}", replay(&life.batches).counts()))?;
    }
    let mut snapshot = Vec::new();
    timed(&mut out, "snapshot written", &mut || {
        snapshot = life.sale.to_snapshot().expect("a sale can be written");
        format!("{} bytes", snapshot.len())
    })?;
    let mut woken = None;
    for _ in 0..3 {
        timed(&mut out, "snapshot read", &mut || {
            woken = Some(Sale::from_snapshot(&snapshot).expect("our own snapshot"));
            String::new()
        })?;
    }
    timed(&mut out, "audited", &mut || {
        format!("{} violations", woken.iter().map(|sale| sale.audit().len()).sum::<usize>())
    })
}
