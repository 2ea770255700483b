//! A small theatre, the commands the tests use, and a clock that follows tokio's paused time.

use fairseat_domain::command::{PaymentOutcome, Selection};
use fairseat_domain::fact::Fact;
use fairseat_domain::ids::{
    AccountId, EventNumber, OrderNumber, PaymentNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::limits::DEFAULT_HOLD;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{Request, SeatState, Subject};
use fairseat_domain::seating_plan::{ImportOptions, SeatingPlan, import};
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Actor, Command, Sale, wire};
use fairseat_engine::{Answered, Clock, Engine, EngineOptions, Fault};
use fairseat_journal::{Append, BatchId, DecisionTimes, Journal, Position, StreamId};
use futures::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(crate) const EVENT: EventNumber = EventNumber(7);
pub(crate) const OPENS: Timestamp = Timestamp::EPOCH;
/// When every test begins.
pub(crate) const START_MS: i64 = 1_000_000_000;

pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START_MS + ms)
}

pub(crate) fn plan(rows: usize, seats_per_row: usize) -> SeatingPlan {
    let json = format!(
        r#"{{"name":"Hall","sections":[{{"name":"Floor","rows":{rows},"seats_per_row":{seats_per_row}}}]}}"#
    );
    import(&json, ImportOptions::default()).unwrap().plan
}

pub(crate) fn open(rows: usize, seats_per_row: usize) -> Command {
    let terms = Terms {
        currency: Currency::USD,
        on_sale_at: OPENS,
        sales_end_at: Timestamp::MAX,
        starts_at: Timestamp::MAX,
        max_tickets_per_buyer: 1_000,
        fees: Fees::default(),
        refund_policy: RefundPolicy::default(),
        published: true,
    };
    let tiers = vec![PriceTier { name: "Floor".to_owned(), price: Amount(1_000) }];
    Command::OpenSale { terms, tiers, plan: plan(rows, seats_per_row) }
}

pub(crate) fn request(command: Command) -> Request {
    Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None }
}

pub(crate) fn reserve(buyer: u128, seats: &[u32]) -> Command {
    let selection = Selection::Seats(seats.iter().copied().map(SeatIndex).collect());
    Command::PlaceReservation { buyer: AccountId(buyer), selection, hold: DEFAULT_HOLD }
}

pub(crate) fn cancel(buyer: u128, reservation: u32) -> Command {
    Command::CancelReservation { reservation: ReservationNumber(reservation), buyer: AccountId(buyer) }
}

pub(crate) fn order(buyer: u128, reservation: u32) -> Command {
    let reservation = ReservationNumber(reservation);
    Command::PlaceOrder { reservation, buyer: AccountId(buyer), method: "card".to_owned(), instrument: None }
}

pub(crate) fn report(payment: u32, outcome: PaymentOutcome) -> Command {
    Command::ReportPayment { payment: PaymentNumber(payment), outcome }
}

pub(crate) fn is_free(sale: &Sale, seat: u32) -> bool {
    sale.seat(SeatIndex(seat)) == Some(SeatState::Available)
}

/// A clock that follows tokio's, so that paused time and the sale's time pass together.
#[derive(Debug)]
pub(crate) struct TokioClock {
    began: Instant,
    at: Timestamp,
}

impl TokioClock {
    pub(crate) fn new() -> Arc<Self> {
        Self::starting(at(0))
    }

    pub(crate) fn starting(at: Timestamp) -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), at })
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(self.at.as_millis() + elapsed)
    }
}

pub(crate) fn engine(journal: &Arc<impl Journal>, options: EngineOptions) -> Engine {
    Engine::new(journal.clone(), TokioClock::new(), options)
}

/// The subject of an answer that must be a yes.
pub(crate) fn yes(answered: Result<Answered, Fault>) -> Subject {
    answered.unwrap().answer.unwrap().subject
}

pub(crate) async fn opened(engine: &Engine, event: EventNumber, rows: usize, seats_per_row: usize) {
    assert_eq!(yes(engine.submit_system(event, open(rows, seats_per_row)).await), Subject::Sale);
}

pub(crate) async fn reserved(engine: &Engine, event: EventNumber, buyer: u128, seats: &[u32]) -> u32 {
    let subject = yes(engine.submit_system(event, reserve(buyer, seats)).await);
    let Subject::Reservation(number) = subject else { panic!("{subject:?}") };
    number.0
}

/// The order and the attempt to pay for it.
pub(crate) async fn ordered(
    engine: &Engine,
    event: EventNumber,
    buyer: u128,
    reservation: u32,
) -> (OrderNumber, PaymentNumber) {
    let subject = yes(engine.submit_system(event, order(buyer, reservation)).await);
    let Subject::Payment(order, Some(payment)) = subject else { panic!("{subject:?}") };
    (order, payment)
}

/// The newest version in which `test` holds; panics if it takes longer than a (paused) day.
pub(crate) async fn until(engine: &Engine, event: EventNumber, test: impl Fn(&Sale) -> bool) -> Sale {
    let sale = engine.sale(event).await.unwrap();
    let mut versions = sale.watch();
    let found =
        tokio::time::timeout(Duration::from_secs(86_400), versions.wait_for(|version| test(&version.state)));
    found.await.unwrap().unwrap().state.clone()
}

/// All facts of an event, from its journal.
pub(crate) fn facts(journal: &dyn Journal, event: EventNumber) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut position = Position::START;
    loop {
        let page = journal.read(StreamId(event.0), position, 1 << 20).now_or_never().unwrap().unwrap();
        let Some(last) = page.last() else { return facts };
        position = last.position;
        for batch in &page {
            facts.extend(
                wire::decode_batch(&batch.payload).unwrap().into_iter().flat_map(|entry| entry.facts),
            );
        }
    }
}

/// Appends bytes as another program would.
pub(crate) fn append_foreign(journal: &dyn Journal, event: EventNumber, payload: Vec<u8>) {
    let stream = StreamId(event.0);
    let expected = journal.head(stream).now_or_never().unwrap().unwrap();
    let batch = BatchId(u128::MAX - u128::from(expected.position.0));
    let decided = DecisionTimes::default();
    let append = Append { stream, expected, batch, payload: payload.into(), deadline: None, decided };
    journal.append(append).now_or_never().unwrap().unwrap();
}

/// A small generator of pseudo-random numbers (`SplitMix64`, Steele, Lea and Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn small(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).unwrap()
    }

    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

/// Lets all tasks run until none can go on without time passing.
pub(crate) async fn until_idle() {
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
}
