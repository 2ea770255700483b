//! One awake sale of 100,000 seats: commands decided on one core alone, and commands answered durably by the engine.

use crate::dataset::{plan_json, tiers};
use crate::procfs;
use crate::report::Figure;
use anyhow::{Context, Result, anyhow};
use fairseat_domain::command::Selection;
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber, SeatIndex};
use fairseat_domain::limits::DEFAULT_HOLD;
use fairseat_domain::money::Currency;
use fairseat_domain::sale::{Request, Subject};
use fairseat_domain::seating_plan::{ImportOptions, import};
use fairseat_domain::terms::{Fees, RefundPolicy, Terms};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Actor, Command, Sale};
use fairseat_engine::{BatchIds, Engine, EngineOptions, Input, MachineLoop, Output, Published, SystemClock};
use fairseat_journal::{Head, Journal, MemoryJournal, Position, SqliteJournal};
use futures::future::try_join_all;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EVENT: EventNumber = EventNumber(1);
const SEATS: u32 = 100_000;
/// Numbers of concurrent submitters. With the first number batches wait for the disk; with the second they are always full.
const SUBMITTERS: [u32; 2] = [256, 4_096];
/// Sales held in memory at once, to compute the memory of one.
const HELD: u64 = 40;
/// How many of those sales are then reserved: enough to make the memory that the allocator freed while opening them negligible.
const FILLED: u64 = 8;

pub(super) async fn figures(folder: &Path, seconds: f64) -> Result<Vec<Figure>> {
    let run = Duration::from_secs_f64(seconds);
    let mut figures = vec![loop_alone(run)?];
    let dir = tempfile::tempdir_in(folder)?;
    let journals: [(&str, Arc<dyn Journal>); 2] =
        [("memory", Arc::new(MemoryJournal::new())), ("SQLite", Arc::new(SqliteJournal::open(dir.path())?))];
    for (name, journal) in journals {
        let options = EngineOptions { writer: 1, ..EngineOptions::default() };
        let engine = Engine::new(journal, Arc::new(SystemClock), options);
        submit(&engine, EVENT, open(SEATS)?).await?;
        for submitters in SUBMITTERS {
            figures.push(buying(name, &engine, submitters, run).await?);
        }
        engine.stop().await;
    }
    Ok(figures)
}

/// Commands a second of a sale with an existing journal.
pub(super) async fn after(journal: Arc<dyn Journal>, label: String, run: Duration) -> Result<Figure> {
    let options = EngineOptions { writer: 1, ..EngineOptions::default() };
    let engine = Engine::new(journal, Arc::new(SystemClock), options);
    engine.sale(EVENT).await.map_err(|fault| anyhow!("{fault:?}"))?;
    let figure = buying("SQLite", &engine, SUBMITTERS[0], run).await?;
    engine.stop().await;
    Ok(Figure { label, ..figure })
}

/// The memory of a sale with nothing sold, and with every seat reserved.
pub(super) async fn memory() -> Result<Vec<Figure>> {
    let resident = || procfs::resident_bytes(std::process::id()) as f64;
    let engine = Engine::new(Arc::new(MemoryJournal::new()), Arc::new(SystemClock), EngineOptions::default());
    submit(&engine, EventNumber(HELD + 1), open(SEATS)?).await?;
    let before = resident();
    for event in 1..=HELD {
        submit(&engine, EventNumber(event), open(SEATS)?).await?;
    }
    let empty = (resident() - before) / HELD as f64;
    let full = resident();
    for event in 1..=FILLED {
        for seat in (0..SEATS).step_by(2) {
            submit(&engine, EventNumber(event), place(AccountId(u128::from(seat)), seat)).await?;
        }
    }
    let reserved = (resident() - full) / FILLED as f64;
    engine.stop().await;
    Ok(vec![
        Figure::new("a sale of 100,000 seats in memory, nothing sold".to_owned(), empty / 1e6, "MB"),
        Figure::new("the same with 50,000 reservations, on top".to_owned(), reserved / 1e6, "MB")
            .with_note("the journal of this measurement is in memory too, and counted"),
    ])
}

/// Runs the machine loop on one core, in batches of 1,024, with a journal that does nothing.
fn loop_alone(run: Duration) -> Result<Figure> {
    let nothing = Published::<Sale>::empty(EVENT);
    let mut sale_loop: MachineLoop<()> = MachineLoop::new(nothing, BatchIds::new(1));
    let now = Timestamp::from_millis(1_000_000_000);
    drop(sale_loop.handle(Input::Request((), Box::new(request(open(SEATS)?))), now));
    let head = |position| Head { position, ..Head::default() };
    drop(sale_loop.handle(Input::Appended(Ok(head(Position(1)))), now));
    let (began, cpu) = (Instant::now(), procfs::own_cpu_seconds());
    let (mut position, mut commands, mut reservation) = (Position(2), 0_u64, 0);
    while began.elapsed() < run {
        for n in 0..512 {
            // Seats far apart, as real buyers choose them.
            let seat = (reservation + n) % (SEATS / 2) * 7_918 % (SEATS / 2) * 2;
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
            sale_loop.take(Input::Appended(Ok(head(position))));
            position = position.next();
        }
    }
    let rate = commands as f64 / began.elapsed().as_secs_f64();
    Ok(Figure::new("a sale's loop alone, one core: commands".to_owned(), rate, "/s")
        .with_cpu((procfs::own_cpu_seconds() - cpu) * 1e6 / commands as f64))
}

async fn buying(name: &str, engine: &Engine, submitters: u32, run: Duration) -> Result<Figure> {
    let (before, cpu, end) = (position(engine).await, procfs::own_cpu_seconds(), Instant::now() + run);
    let all = (0..submitters).map(|n| tokio::spawn(buy(engine.clone(), n, end)));
    let mut commands = 0;
    for one in try_join_all(all).await? {
        commands += one?;
    }
    let batches = (position(engine).await - before).max(1);
    let label = format!("a sale in the engine, {name} journal, {submitters} buyers: commands");
    Ok(Figure::new(label, commands as f64 / run.as_secs_f64(), "/s")
        .with_cpu((procfs::own_cpu_seconds() - cpu) * 1e6 / commands as f64)
        .with_note(&format!("{} commands a batch; a fact each", commands / batches)))
}

async fn position(engine: &Engine) -> u64 {
    engine.sale(EVENT).await.map_or(0, |sale| sale.published().position.0)
}

/// Reserves and cancels the same two seats repeatedly, without competition.
async fn buy(engine: Engine, n: u32, end: Instant) -> Result<u64> {
    let (buyer, mut commands, mut round) = (AccountId(u128::from(n)), 0, 0);
    while Instant::now() < end {
        // In the back half, which generated histories do not use; twelve seats for each of 4,096 submitters fit there.
        let seat = SEATS / 2 + n * 12 + round % 6 * 2;
        round += 1;
        let Subject::Reservation(reservation) = submit(&engine, EVENT, place(buyer, seat)).await? else {
            return Err(anyhow!("unexpected subject in the decision on PlaceReservation"));
        };
        submit(&engine, EVENT, Command::CancelReservation { reservation, buyer }).await?;
        commands += 2;
    }
    Ok(commands)
}

async fn submit(engine: &Engine, event: EventNumber, command: Command) -> Result<Subject> {
    let answered = engine.submit(event, request(command)).await.map_err(|fault| anyhow!("{fault:?}"))?;
    Ok(answered.answer.map_err(|refusal| anyhow!("{refusal}"))?.subject)
}

fn place(buyer: AccountId, seat: u32) -> Command {
    let selection = Selection::Seats(vec![SeatIndex(seat), SeatIndex(seat + 1)]);
    Command::PlaceReservation { buyer, selection, hold: DEFAULT_HOLD }
}

fn request(command: Command) -> Request {
    Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None }
}

/// A command that opens a sale of this many seats.
pub(super) fn open(seats: u32) -> Result<Command> {
    let plan = import(&plan_json(seats), ImportOptions::default()).ok().context("a plan")?.plan;
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
    Ok(Command::OpenSale { terms, tiers: tiers(&plan), plan })
}
