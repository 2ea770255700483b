//! Several writers race on one sale under faults: acknowledgements are late, lost or duplicated, clocks differ, disks are
//! full, writers crash and wake from a snapshot or from the journal alone.
//!
//! Everything follows from a seed. `FAIRSEAT_SEED=17` runs that one alone, `FAIRSEAT_SEEDS=100000` that many.

use crate::support::{EVENT, Random, at, facts, open, request};
use fairseat_domain::command::{Canceller, Idempotency, PaymentOutcome, Selection};
use fairseat_domain::fact::{DeclineReason, Fact, Item};
use fairseat_domain::ids::{AccountId, OrderNumber, PaymentNumber, ReservationNumber, SeatIndex};
use fairseat_domain::limits::MIN_HOLD;
use fairseat_domain::sale::{Changes, Decision, Request, Subject};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Command, Refusal, Sale, wire};
use fairseat_engine::{BatchIds, Fault, Input, MachineLoop, Output, Published, replay};
use fairseat_journal::{Append, AppendError, Batch, Head, Journal, MemoryJournal, Position, StreamId};
use futures::FutureExt;
use std::collections::{BTreeMap, BTreeSet};

const SEATS: u32 = 12;
const STEPS: usize = 400;
const STREAM: StreamId = StreamId(EVENT.0);

#[test]
fn writers_race_and_nothing_is_sold_twice_or_lost() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("FAIRSEAT_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("FAIRSEAT_SEEDS").unwrap_or(300),
    };
    let mut yes = 0;
    for seed in seeds.clone() {
        let outcome = std::panic::catch_unwind(|| World::simulate(seed));
        yes += outcome
            .unwrap_or_else(|_| panic!("FAIRSEAT_SEED={seed} fails; what went wrong stands above"))
            .yes;
    }
    assert!(yes / (seeds.end - seeds.start) > 5, "{yes} yeses: the simulation hardly does anything");
}

#[test]
fn the_same_seed_leads_to_the_same_journal() {
    let head = |seed| World::simulate(seed).journal.head(STREAM).now_or_never().unwrap().unwrap();
    assert_eq!(head(42), head(42));
    assert_ne!(head(42), head(43));
}

struct Writer {
    machine_loop: MachineLoop<u64>,
    asked: Option<Append>,
    /// Milliseconds between its clock and true time.
    clock_error: i64,
}

struct World {
    random: Random,
    journal: MemoryJournal,
    writers: Vec<Writer>,
    now: i64,
    next_token: u64,
    /// Requests at a writer, by token. If the writer crashes they may have been done or not.
    open: BTreeMap<u64, (usize, Request)>,
    /// The newest snapshot.
    snapshot: Option<(Head, Vec<u8>)>,
    /// Each accepted request's decision, with its version.
    promised: Vec<(Position, Decision)>,
    refused: Vec<(Position, Request, Refusal)>,
    yes: u64,
}

impl World {
    fn simulate(seed: u64) -> Self {
        let mut world = Self {
            random: Random(seed),
            journal: MemoryJournal::new(),
            writers: Vec::new(),
            now: 0,
            next_token: 0,
            open: BTreeMap::new(),
            snapshot: None,
            promised: Vec::new(),
            refused: Vec::new(),
            yes: 0,
        };
        for _ in 0..2 + world.random.below(3) {
            let writer = world.wake();
            world.writers.push(writer);
        }
        world.ask(0, request(open(1, usize::try_from(SEATS).unwrap())));
        for _ in 0..STEPS {
            world.step();
        }
        world.settle();
        world.check();
        world
    }

    /// A writer that starts from a snapshot, or from the journal alone.
    fn wake(&mut self) -> Writer {
        let nothing = Published::<Sale>::empty(EVENT);
        let from = match &self.snapshot {
            Some((head, bytes)) if self.random.one_in(2) => {
                Published::at(*head, Sale::from_snapshot(bytes).unwrap())
            }
            _ => nothing,
        };
        let tail = self.batches_after(from.position);
        let writer = self.random.next();
        let machine_loop = MachineLoop::new(replay(from, &tail).unwrap(), BatchIds::new(writer));
        Writer { machine_loop, asked: None, clock_error: i64::from(self.random.small(4_000)) - 2_000 }
    }

    fn batches_after(&self, after: Position) -> Vec<Batch> {
        self.journal.read(STREAM, after, usize::MAX).now_or_never().unwrap().unwrap()
    }

    fn step(&mut self) {
        let writer = usize::try_from(self.random.below(u64::try_from(self.writers.len()).unwrap())).unwrap();
        match self.random.below(20) {
            0..8 => {
                let wish = self.wish();
                self.ask(writer, wish);
            }
            8..17 => self.journal_acts(writer),
            17 => self.now += i64::from(self.random.small(20_000)),
            18 => self.snapshot = self.keep_snapshot(writer),
            _ if self.random.one_in(3) => self.crash(writer),
            _ => self.run(writer),
        }
    }

    fn wish(&mut self) -> Request {
        let buyer = AccountId(u128::from(self.random.below(4)));
        let reservation = ReservationNumber(self.random.small(30));
        let payment = PaymentNumber(self.random.small(10));
        let command = match self.random.below(12) {
            0..4 => {
                let count = 1 + self.random.below(3);
                let seats: BTreeSet<u32> = (0..count).map(|_| self.random.small(SEATS)).collect();
                let selection = Selection::Seats(seats.into_iter().map(SeatIndex).collect());
                Command::PlaceReservation { buyer, selection, hold: MIN_HOLD }
            }
            4 => Command::CancelReservation { reservation, buyer },
            5 => Command::ExtendReservation { reservation, buyer },
            6 => {
                let (add, remove) =
                    (SeatIndex(self.random.small(SEATS)), SeatIndex(self.random.small(SEATS)));
                Command::ChangeReservation { reservation, buyer, add: vec![add], remove: vec![remove] }
            }
            7..9 => Command::PlaceOrder { reservation, buyer, method: "card".to_owned(), instrument: None },
            9 => Command::ReportPayment { payment, outcome: PaymentOutcome::Authorized },
            10 => {
                let declined = PaymentOutcome::Declined(DeclineReason::Generic);
                let outcome = if self.random.one_in(2) { declined } else { PaymentOutcome::Cancelled };
                Command::ReportPayment { payment, outcome }
            }
            _ => {
                Command::CancelOrder { order: OrderNumber(self.random.small(8)), by: Canceller::Buyer(buyer) }
            }
        };
        let key = u128::from(self.random.next());
        let idempotency = self.random.one_in(2).then_some(Idempotency { key, body: 1 });
        Request { idempotency, ..request(command) }
    }

    fn ask(&mut self, writer: usize, request: Request) {
        let token = self.next_token;
        self.next_token += 1;
        let request = Request { request: u128::from(token) + 1, ..request };
        self.open.insert(token, (writer, request.clone()));
        self.writers[writer].machine_loop.take(Input::Request(token, Box::new(request)));
        if self.random.one_in(2) {
            self.run(writer);
        }
    }

    fn clock(&self, writer: usize) -> Timestamp {
        at(self.now + self.writers[writer].clock_error)
    }

    fn run(&mut self, writer: usize) {
        let clock = self.clock(writer);
        let mut version = self.writers[writer].machine_loop.published().position;
        for output in self.writers[writer].machine_loop.run(clock) {
            match output {
                Output::Append(append) | Output::AppendAgain(append) => self.must_ask(writer, append),
                Output::Publish(published, ..) => {
                    assert!(published.position <= self.head(), "published before it was durable");
                    version = version.max(published.position);
                }
                Output::Answer(token, answer, published) => self.answered(writer, token, answer, &published),
                Output::Fail(token, fault) => self.failed(writer, token, fault),
                Output::Quarantine(violation) => panic!("{violation}"),
                Output::Diverged => panic!("this journal has one history"),
            }
        }
        assert_eq!(version, self.writers[writer].machine_loop.published().position);
    }

    fn must_ask(&mut self, writer: usize, asked: Append) {
        assert!(self.writers[writer].asked.replace(asked).is_none(), "one question at a time");
    }

    fn head(&self) -> Position {
        self.journal_head().position
    }

    fn journal_head(&self) -> Head {
        self.journal.head(STREAM).now_or_never().unwrap().unwrap()
    }

    fn closed(&mut self, writer: usize, token: u64) -> Request {
        let (by, request) = self.open.remove(&token).expect("nobody is answered twice");
        assert_eq!(by, writer);
        request
    }

    fn answered(
        &mut self,
        writer: usize,
        token: u64,
        answer: Result<Decision, Refusal>,
        published: &Published,
    ) {
        let request = self.closed(writer, token);
        assert!(published.position <= self.head(), "answered before it was durable");
        match answer {
            Ok(decision) => {
                self.yes += 1;
                self.promised.push((published.position, decision));
            }
            Err(refusal) => self.refused.push((published.position, request, refusal)),
        }
    }

    /// A client without an answer asks another writer, with the same key.
    fn failed(&mut self, writer: usize, token: u64, fault: Fault) {
        let request = self.closed(writer, token);
        let expected = [Fault::ReadOnly, Fault::Unavailable];
        assert!(expected.contains(&fault), "{fault:?} is no fault that this journal causes");
        if request.idempotency.is_some() && self.random.one_in(2) {
            self.ask((writer + 1) % self.writers.len(), request);
        }
    }

    /// The journal answers a writer, rightly or with a fault.
    fn journal_acts(&mut self, writer: usize) {
        let Some(append) = self.writers[writer].asked.take() else { return self.run(writer) };
        let answer = match self.random.below(12) {
            0 => Err(AppendError::Unknown),
            1 => {
                drop(self.append(&append));
                Err(AppendError::Unknown)
            }
            2 => {
                drop(self.append(&append));
                self.append(&append)
            }
            3 => Err(AppendError::Full),
            // The journal compares the clocks only if the append would be won.
            4 if self.journal_head() == append.expected => {
                Err(AppendError::ClockDiffers { ahead_ms: -2_001 })
            }
            _ => self.append(&append),
        };
        self.writers[writer].machine_loop.take(Input::Appended(answer));
        self.run(writer);
    }

    fn append(&self, append: &Append) -> Result<Head, AppendError> {
        let appended = self.journal.append(append.clone()).now_or_never().unwrap();
        match appended {
            // As many as fit one page, sometimes.
            Err(AppendError::Conflict { mut missed }) => {
                missed.truncate(if append.batch.0.is_multiple_of(2) { 1 } else { 3 });
                Err(AppendError::Conflict { missed })
            }
            other => other,
        }
    }

    fn keep_snapshot(&mut self, writer: usize) -> Option<(Head, Vec<u8>)> {
        let published = self.writers[writer].machine_loop.published();
        published.state.is_opened().then(|| (published.head(), published.state.to_snapshot().unwrap()))
    }

    fn crash(&mut self, writer: usize) {
        if let Some(append) = self.writers[writer].asked.take()
            && self.random.one_in(2)
        {
            drop(self.append(&append));
        }
        self.open.retain(|_, (by, _)| *by != writer);
        self.writers[writer] = self.wake();
    }

    /// Finishes everything in progress.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            let mut busy = false;
            for writer in 0..self.writers.len() {
                busy |= self.writers[writer].machine_loop.is_busy();
                self.journal_acts(writer);
            }
            if !busy {
                break;
            }
        }
        assert!(self.open.is_empty(), "never answered: {:?}", self.open);
    }

    fn check(&self) {
        let batches = self.batches_after(Position::START);
        let mut states = States::default();
        let nothing = Published::<Sale>::empty(EVENT);
        states.by_version.insert(Position::START, vec![nothing.state.clone()]);
        let mut sale = nothing.state;
        for batch in &batches {
            states.add(&mut sale, batch);
        }
        for (_, request, _) in &self.refused {
            assert!(
                !states.requests.contains(&request.request),
                "refused, and done nevertheless: {request:?}"
            );
        }
        assert_eq!(sale.check_invariants(), []);
        for writer in &self.writers {
            let published = writer.machine_loop.published();
            let same = states.at_end(published.position).to_snapshot() == published.state.to_snapshot();
            assert!(same, "what was published at {:?} is not what the journal says", published.position);
        }
        for (version, decision) in &self.promised {
            assert!(states.has(*version, decision), "promised at {version:?} and not there: {decision:?}");
        }
        for (version, request, refusal) in &self.refused {
            assert!(states.justify(*version, request, refusal), "refused without a reason: {refusal:?}");
        }
        check_owners(&facts(&self.journal, EVENT));
    }
}

/// For each version, the sale before its batch and after each entry of the batch.
#[derive(Default)]
struct States {
    by_version: BTreeMap<Position, Vec<Sale>>,
    facts: BTreeMap<Position, Vec<Fact>>,
    /// The requests that led to entries.
    requests: BTreeSet<u128>,
}

impl States {
    fn add(&mut self, sale: &mut Sale, batch: &Batch) {
        let mut within = vec![sale.clone()];
        let mut facts = Vec::new();
        for entry in wire::decode_batch(&batch.payload).unwrap() {
            sale.apply_entry(&entry, &mut Changes::default()).unwrap();
            within.push(sale.clone());
            let fresh = entry.request == 0 || self.requests.insert(entry.request);
            assert!(fresh, "a request was done twice: {entry:?}");
            facts.extend(entry.facts);
        }
        self.by_version.insert(batch.position, within);
        self.facts.insert(batch.position, facts);
    }

    fn at_end(&self, version: Position) -> &Sale {
        self.by_version[&version].last().unwrap()
    }

    fn has(&self, version: Position, decision: &Decision) -> bool {
        if decision.replayed || decision.facts.is_empty() {
            return match decision.subject {
                Subject::Reservation(number) => {
                    self.by_version[&version].iter().any(|sale| sale.reservation(number).is_some())
                }
                Subject::Payment(order, _) | Subject::Cancellation(order, _) => {
                    self.at_end(version).order(order).is_some()
                }
                Subject::Sale => true,
            };
        }
        let facts = &self.facts[&version];
        facts.windows(decision.facts.len()).any(|window| window == decision.facts)
    }

    fn justify(&self, version: Position, request: &Request, refusal: &Refusal) -> bool {
        self.by_version[&version].iter().any(|sale| sale.decide(request, sale.now()).as_ref() == Err(refusal))
    }
}

/// Checks with a simple map from seat to owner, made from the facts alone, that no seat has two owners.
fn check_owners(facts: &[Fact]) {
    let mut owners: BTreeMap<SeatIndex, ReservationNumber> = BTreeMap::new();
    let mut items: BTreeMap<ReservationNumber, Vec<Item>> = BTreeMap::new();
    let mut orders: BTreeMap<OrderNumber, ReservationNumber> = BTreeMap::new();
    for fact in facts {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the other facts move no seat")]
        match fact {
            Fact::ReservationPlaced { reservation, items: placed, .. } => {
                take(&mut owners, placed, *reservation);
                items.insert(*reservation, placed.clone());
            }
            Fact::ReservationChanged { reservation, items: changed, .. } => {
                give_back(&mut owners, *reservation);
                take(&mut owners, changed, *reservation);
                items.insert(*reservation, changed.clone());
            }
            Fact::ReservationCancelled { reservation } | Fact::ReservationExpired { reservation } => {
                give_back(&mut owners, *reservation);
            }
            Fact::OrderPlaced { order, reservation, .. } => drop(orders.insert(*order, *reservation)),
            Fact::OrderReseated { order } => take(&mut owners, &items[&orders[order]], orders[order]),
            Fact::OrderCancelled { order, .. } => give_back(&mut owners, orders[order]),
            _ => {}
        }
    }
}

fn take(owners: &mut BTreeMap<SeatIndex, ReservationNumber>, items: &[Item], reservation: ReservationNumber) {
    for item in items {
        let before = owners.insert(item.seat, reservation);
        assert_eq!(before, None, "seat {} has two owners", item.seat);
    }
}

fn give_back(owners: &mut BTreeMap<SeatIndex, ReservationNumber>, reservation: ReservationNumber) {
    owners.retain(|_, owner| *owner != reservation);
}
