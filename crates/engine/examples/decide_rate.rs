//! Prints how many commands a second one awake sale decides, answered durably, over each journal.
//!
//! `cargo run --release -p fairseat-engine --example decide_rate [seconds]`: submitters reserve two seats each of a
//! 100,000-seat stadium and give them back, each waiting for its answers; then two of them want the same seats. Before
//! that the loop alone, without tokio and with a journal that does nothing, so that the cost of deciding can be told from
//! the rest. The processor time is printed too, because on a machine that does other work besides the rate says little.

use fairseat_domain::command::Selection;
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber, SeatIndex};
use fairseat_domain::limits::DEFAULT_HOLD;
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::Subject;
use fairseat_domain::seating_plan::{ImportOptions, import};
use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Actor, Command, Sale};
use fairseat_engine::{BatchIds, Engine, EngineOptions, Input, Output, Published, SaleLoop, SystemClock};
use fairseat_journal::{Journal, MemoryJournal, Position, SqliteJournal};
use std::sync::Arc;
use std::time::{Duration, Instant};

const EVENT: EventNumber = EventNumber(1);
/// The first is few enough that each batch waits for the disk, the second keeps batches full.
const SUBMITTERS: [u32; 2] = [256, 4_096];

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|argument| argument.parse().ok()).unwrap_or(3);
    let run = Duration::from_secs(seconds);
    let folder = tempfile::tempdir_in("target").unwrap_or_else(|error| panic!("{error}"));
    let sqlite = SqliteJournal::open(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    loop_alone(run);
    measure("memory", Arc::new(MemoryJournal::new()), run).await;
    measure("sqlite", Arc::new(sqlite), run).await;
}

async fn measure(name: &str, journal: Arc<dyn Journal>, run: Duration) {
    let options = EngineOptions { writer: 1, ..EngineOptions::default() };
    let engine = Engine::new(journal, Arc::new(SystemClock), options);
    let began = Instant::now();
    let opened = engine.submit(EVENT, request(open())).await.unwrap_or_else(|error| panic!("{error}"));
    opened.answer.unwrap_or_else(|refusal| panic!("{refusal}"));
    print(&format!("{name}: opened 100,000 seats in {} ms", began.elapsed().as_millis()));
    for submitters in SUBMITTERS {
        let yes = format!("{name}, {submitters:>5} submitters, all yes");
        let end = Instant::now() + run;
        report(&yes, &engine, submitters, run, |engine, n| buy(engine, n, end)).await;
        let half = format!("{name}, {submitters:>5} submitters, many no");
        let end = Instant::now() + run;
        report(&half, &engine, submitters, run, |engine, n| fight(engine, n, end)).await;
    }
    engine.stop().await;
}

async fn report<F: Future<Output = u64> + Send + 'static>(
    what: &str,
    engine: &Engine,
    submitters: u32,
    run: Duration,
    submitter: impl Fn(Engine, u32) -> F,
) {
    let (before, cpu) = (position(engine).await, cpu_seconds());
    let all = (0..submitters).map(|n| tokio::spawn(submitter(engine.clone(), n)));
    let mut commands = 0;
    for one in futures::future::join_all(all).await {
        commands += one.unwrap_or_else(|error| panic!("{error}"));
    }
    let batches = (position(engine).await - before).max(1);
    let cost = cost(commands, run, cpu);
    print(&format!("{what}: {cost}, {batches} batches of {}", commands / batches));
}

/// Decides, encodes, applies and answers, in batches of 1,024, on one core.
fn loop_alone(run: Duration) {
    let nothing = Published { position: Position::START, sale: Sale::unopened(EVENT) };
    let mut sale_loop: SaleLoop<()> = SaleLoop::new(nothing, BatchIds::new(1));
    let now = Timestamp::from_millis(1_000_000_000);
    drop(sale_loop.handle(Input::Request((), Box::new(request(open()))), now));
    drop(sale_loop.handle(Input::Appended(Ok(Position(1))), now));
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let (mut position, mut commands, mut reservation) = (Position(2), 0_u64, 0);
    while began.elapsed() < run {
        for n in 0..512 {
            // Far apart, as buyers' seats are.
            let seat = (reservation + n) * 7_918 % 50_000 * 2;
            sale_loop.take(Input::Request((), Box::new(request(place(AccountId(u128::from(n)), seat)))));
        }
        for n in 0..512 {
            let (buyer, reservation) = (AccountId(u128::from(n)), ReservationNumber(reservation + n));
            let cancel = Command::CancelReservation { reservation, buyer };
            sale_loop.take(Input::Request((), Box::new(request(cancel))));
        }
        reservation += 512;
        while sale_loop.is_busy() {
            let outputs = sale_loop.run(now);
            let yes = outputs.iter().filter(|output| matches!(output, Output::Answer((), Ok(_), _))).count();
            commands += u64::try_from(yes).unwrap_or(0);
            sale_loop.take(Input::Appended(Ok(position)));
            position = position.next();
        }
    }
    print(&format!("loop alone, one core: {}", cost(commands, began.elapsed(), cpu)));
}

fn cost(commands: u64, run: Duration, cpu_before: f64) -> String {
    let rate = commands as f64 / run.as_secs_f64();
    let each = (cpu_seconds() - cpu_before) * 1e6 / commands as f64;
    format!("{rate:>9.0} commands/s, {each:>4.1} us of processor each")
}

/// Processor time of this process so far; to a hundredth of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 =
        after_name.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}

async fn position(engine: &Engine) -> u64 {
    engine.sale(EVENT).await.map_or(0, |sale| sale.published().position.0)
}

/// Reserves two seats nobody else wants and gives them back, again and again.
async fn buy(engine: Engine, n: u32, end: Instant) -> u64 {
    let (buyer, mut commands, mut round) = (AccountId(u128::from(n)), 0, 0);
    while Instant::now() < end {
        let seat = n * 24 + round % 12 * 2;
        round += 1;
        let Some(reservation) = reserve(&engine, buyer, seat).await else { panic!("seat {seat} was free") };
        let cancel = Command::CancelReservation { reservation, buyer };
        engine.submit(EVENT, request(cancel)).await.unwrap_or_else(|error| panic!("{error}"));
        commands += 2;
    }
    commands
}

/// As above, but two submitters want the same seats.
async fn fight(engine: Engine, n: u32, end: Instant) -> u64 {
    let (buyer, mut commands, mut round) = (AccountId(u128::from(n)), 0, 0);
    while Instant::now() < end {
        let seat = n / 2 * 24 + round % 12 * 2;
        round += 1;
        commands += 1;
        if let Some(reservation) = reserve(&engine, buyer, seat).await {
            let cancel = Command::CancelReservation { reservation, buyer };
            engine.submit(EVENT, request(cancel)).await.unwrap_or_else(|error| panic!("{error}"));
            commands += 1;
        }
    }
    commands
}

async fn reserve(engine: &Engine, buyer: AccountId, seat: u32) -> Option<ReservationNumber> {
    let answered =
        engine.submit(EVENT, request(place(buyer, seat))).await.unwrap_or_else(|error| panic!("{error}"));
    match answered.answer.ok()?.subject {
        Subject::Reservation(number) => Some(number),
        Subject::Sale | Subject::Payment(..) | Subject::Cancellation(..) => None,
    }
}

fn place(buyer: AccountId, seat: u32) -> Command {
    let selection = Selection::Seats(vec![SeatIndex(seat), SeatIndex(seat + 1)]);
    Command::PlaceReservation { buyer, selection, hold: DEFAULT_HOLD }
}

fn request(command: Command) -> fairseat_domain::sale::Request {
    fairseat_domain::sale::Request { command, actor: Actor::System, request: 0, idempotency: None }
}

fn open() -> Command {
    let section = |n: u32| format!(r#"{{"name":"Block {n}","rows":50,"seats_per_row":100}}"#);
    let sections: Vec<String> = (0..20).map(section).collect();
    let json = format!(r#"{{"name":"Stadium","sections":[{}]}}"#, sections.join(","));
    let plan = import(&json, ImportOptions::default()).unwrap_or_else(|error| panic!("{error}")).plan;
    let terms = Terms {
        currency: Currency::USD,
        on_sale_at: Timestamp::EPOCH,
        sales_end_at: Timestamp::MAX,
        starts_at: Timestamp::MAX,
        max_tickets_per_buyer: 8,
        fees: Fees::default(),
        refund_policy: RefundPolicy::default(),
        published: true,
    };
    let tiers = (0..20).map(|n| PriceTier { name: format!("Block {n}"), price: Amount(5_000) }).collect();
    Command::OpenSale { terms, tiers, plan }
}

#[expect(clippy::print_stdout, reason = "printing is what this program is for")]
fn print(line: &str) {
    println!("{line}");
}
