//! Whether a command costs the same with one sale and with ten thousand, and what a sale costs that is awake and does nothing.

use super::comparison::database_share;
use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::PostgresServer;
use crate::cluster::Sharing;
use crate::dataset::DatasetSize;
use crate::load::{Seats, Work};
use crate::measure::{Row, interleaved};
use crate::procfs::{cpu_seconds, resident_bytes};
use crate::report::{Figure, Section};
use crate::workspace::{Load, Running, Workspace};
use anyhow::Result;
use std::time::Duration;

/// Numbers of sales that are awake at once, and the seats of each. A node refuses to have more than 10,000 awake.
const SALES: [(u32, u32, &str); 4] =
    [(1, 100_000, "1"), (100, 4_000, "100"), (1_000, 400, "1,000"), (9_900, 100, "9,900")];
/// Commands offered a second in open loop: so few that each has an append of its own, with one sale as with many.
const RATE: f64 = 400.0;
/// How long the processor time of idle nodes is measured.
const IDLE: Duration = Duration::from_secs(8);

/// Each number of sales has a node and a database server of its own. All run at the same time, so that rounds can be interleaved.
pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("From one sale to ten thousand", INTRO);
    let workspace = Workspace::new(&options.dir)?;
    let mut postgres = Vec::new();
    for (_, _, name) in SALES {
        let folder = workspace.path(&format!("postgres-{}", name.replace(',', "")));
        let Some(server) = PostgresServer::start(&folder)? else {
            section.missing.push("Not measured: PostgreSQL is not installed.".to_owned());
            return Ok(section);
        };
        postgres.push(server);
    }
    let (mut servers, mut rows) = (Vec::new(), Vec::new());
    for ((sales, seats, name), server) in SALES.into_iter().zip(&postgres) {
        let wanted = DatasetSize { seats, events: sales as usize, accounts: 20_000 };
        let dataset = workspace.dataset(&format!("fairseat-{sales}"), wanted)?;
        let venue = workspace.venue(&dataset, server, &format!("sales_{sales}"))?;
        let mut node = venue.serve(1, Sharing::Forwarding)?;
        let database: f64 = venue.sql("SELECT pg_database_size(current_database())")?.parse()?;
        let label = format!("database of {name} events of {seats} seats, nothing sold");
        section.figures.push(Figure::new(label, database / 1e6, "MB"));
        section.figures.push(wake_all(options, &mut node, sales, seats)?);
        rows.extend(rows_of(options, servers.len(), name));
        servers.push(node);
    }
    let measured = interleaved(&rows, &mut servers, options.rounds.min(3))?;
    section.figures.extend(measured.iter().map(database_share));
    for (row, first) in measured.iter().skip(2).zip(measured.iter().take(2).cycle()) {
        let label = format!("processor of a command: {} ÷ {}", row.label, first.label);
        section.figures.push(Figure::new(label, row.cpu_over(first), ""));
    }
    section.rows = measured;
    section.figures.extend(idle(&servers));
    Ok(section)
}

fn rows_of(options: &RunOptions, server: usize, name: &str) -> [Row; 2] {
    let work = Work::Reserve { seats: Seats::Everywhere, turn: 10 };
    let full = Load { seconds: options.seconds.min(1.0), ..closed(options, work, CONNECTIONS) };
    let steady = Load { rate: Some(RATE), seconds: options.seconds.max(3.0), ..full.clone() };
    let label = |how: &str| format!("reserve, {name} sales awake, {how}");
    [
        Row { key: "sales_steady", label: label("400 a second"), server, load: steady },
        Row { key: "sales_closed", label: label("closed loop"), server, load: full },
    ]
}

/// Sells a seat of every sale, and returns the memory that each then takes.
fn wake_all(options: &RunOptions, node: &mut Running, sales: u32, seats: u32) -> Result<Figure> {
    let resident = |node: &Running| resident_bytes(node.process.id()) as f64;
    // A request that reads no sale, so that one-time allocations are not counted.
    node.load(&closed(options, Work::Read("/api/v1/events".to_owned()), 32))?;
    let before = resident(node);
    let work = Work::Reserve { seats: Seats::Everywhere, turn: 10 };
    while node.used.seat < u64::from(sales) {
        node.load(&Load { warm_up: 0.0, seconds: 0.5, ..closed(options, work.clone(), 64) })?;
    }
    let each = (resident(node) - before) / f64::from(sales);
    let reserved = node.used.seat / u64::from(sales);
    Ok(Figure::new(format!("memory of an awake sale of {seats} seats, {sales} awake"), each / 1e3, "kB")
        .with_note(&format!("{reserved} reservations in each; what the requests left behind is counted")))
}

/// Processor time of nodes and databases while nobody asks for anything.
fn idle(servers: &[Running]) -> Vec<Figure> {
    // The consumers read what the load left.
    std::thread::sleep(IDLE);
    let used = || servers.iter().map(|node| (cpu_seconds(&node.nodes()), cpu_seconds(&node.helpers)));
    let before: Vec<_> = used().collect();
    std::thread::sleep(IDLE);
    let spent = used().zip(before).map(|((node, database), (was_node, was_database))| {
        let a_second = |now: f64, was: f64| (now - was) * 1e3 / IDLE.as_secs_f64();
        (a_second(node, was_node), a_second(database, was_database))
    });
    let figures = spent.zip(SALES).flat_map(|((node, database), (_, _, name))| {
        let figure = |who: &str, value| {
            Figure::new(format!("idle with {name} sales awake: processor of the {who}"), value, "ms/s")
        };
        [figure("node", node), figure("database", database)]
    });
    figures.collect()
}

const INTRO: &str = "Each request is for the next sale. At 400 a second (open loop, 256 connections) nearly every command is an append of its own, with \
    one sale as with many, so that these rows can be compared with each other. In closed loop, the requests of one sale share appends and those of many sales \
    cannot, so that a command costs more. *server* is the processor of node and database together; below is the database's part. Idle: what \
    everything costs that a node asks the database by itself. Processor times are counted in steps of 10 ms.";
