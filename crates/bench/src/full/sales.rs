//! Whether a command costs the same with one sale and with ten thousand, and what a sale costs that is awake and does nothing.

use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::PostgresServer;
use crate::cluster::Sharing;
use crate::dataset::DatasetSize;
use crate::load::{Seats, Work};
use crate::measure::{Measured, Row, interleaved};
use crate::procfs::{cpu_seconds, resident_bytes};
use crate::report::{Figure, Section};
use crate::scrape::wait_until_read;
use crate::workspace::{Load, Running, Workspace};
use anyhow::{Context, Result};
use std::time::{Duration, Instant};

/// Numbers of sales that are awake at once, and the seats of each. A node refuses to have more than 10,000 awake.
const SALES: [(u32, u32, &str); 3] =
    [(1, 100_000, "1 sale"), (100, 4_000, "100 sales"), (9_900, 100, "9,900 sales")];
/// Commands offered a second: so few that nearly each has an append of its own, with one sale as with many.
const RATE: f64 = 400.0;
const SECONDS: f64 = 5.0;
/// How long the processor time of an idle node is measured.
const IDLE: Duration = Duration::from_secs(10);

/// One number of sales after the other, because what consumers still have to read would disturb the next row.
pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("From one sale to ten thousand", INTRO);
    let mut costs = Vec::new();
    for (sales, seats, name) in SALES {
        let workspace = Workspace::new(&options.dir)?;
        let Some(server) = PostgresServer::start(&workspace.path("postgres"))? else {
            section.missing.push("Not measured: PostgreSQL is not installed.".to_owned());
            return Ok(section);
        };
        let wanted = DatasetSize { seats, events: sales as usize, accounts: 20_000 };
        let venue = workspace.venue(&workspace.dataset("fairseat", wanted)?, &server, "venue")?;
        let mut node = venue.serve(1, Sharing::Forwarding)?;
        let database: f64 = venue.sql("SELECT pg_database_size(current_database())")?.parse()?;
        let label = format!("database of {name} of {seats} seats, nothing sold");
        section.figures.push(Figure::new(label, database / 1e6, "MB"));
        section.figures.push(wake_all(options, &mut node, sales, seats)?);
        let idle = idle(&node)?;
        let (row, cost) = steady(options, &mut node, name, idle)?;
        for (who, place) in [("node", 0), ("database", 1)] {
            let about = |what: &str| format!("{name} awake: processor of the {who}, {what}");
            section.figures.push(Figure::new(about("idle"), idle[place] * 1e3, "ms/s"));
            let what = "each command until its views are written, without what idleness costs";
            section.figures.push(Figure::new(about(what), cost[place] * 1e6, "µs"));
        }
        section.rows.push(row);
        costs.push((name, cost.iter().sum::<f64>()));
    }
    if let Some(((first, least), others)) = costs.split_first() {
        let ratio = |(name, cost): &(&str, f64)| {
            Figure::new(format!("processor of a command, {name} ÷ {first}"), cost / least, "")
        };
        section.figures.extend(others.iter().map(ratio));
    }
    Ok(section)
}

/// Processor seconds of the node and of the database.
fn used(node: &Running) -> [f64; 2] {
    [cpu_seconds(&node.nodes()), cpu_seconds(&node.helpers)]
}

/// Processor seconds a second of node and database, while nobody asks for anything and consumers have read everything.
fn idle(node: &Running) -> Result<[f64; 2]> {
    wait_until_read(&node.address)?;
    let ([before_node, before_database], begun) = (used(node), Instant::now());
    std::thread::sleep(IDLE);
    let ([after_node, after_database], took) = (used(node), begun.elapsed().as_secs_f64());
    Ok([(after_node - before_node) / took, (after_database - before_database) / took])
}

/// A steady load, and the processor seconds of node and database for each of its commands, to the end.
fn steady(
    options: &RunOptions,
    node: &mut Running,
    name: &str,
    idle: [f64; 2],
) -> Result<(Measured, [f64; 2])> {
    let work = Work::Reserve { seats: Seats::Everywhere, turn: 10 };
    let load =
        Load { rate: Some(RATE), warm_up: 0.0, seconds: SECONDS, ..closed(options, work, CONNECTIONS) };
    let row = Row { key: "sales_steady", label: format!("reserve, {name} awake"), server: 0, load };
    let (from, before, begun) = (node.used.seat, used(node), Instant::now());
    let measured =
        interleaved(&[row], std::slice::from_mut(node), 1)?.pop().context("nothing was measured")?;
    wait_until_read(&node.address)?;
    let (after, took) = (used(node), begun.elapsed().as_secs_f64());
    let commands = (node.used.seat - from).max(1) as f64;
    let each = |place: usize| (after[place] - before[place] - idle[place] * took) / commands;
    Ok((measured, [each(0), each(1)]))
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

const INTRO: &str = "Each request is for the next sale; 400 a second in open loop for five seconds, 256 connections, so that nearly every command is an append of its own, \
    with one sale as with many. One node with `--nodes-listen`. *server* is the processor of node and database together while the load runs, with what consumers \
    write meanwhile; below it is counted to the end. Idle: what everything costs that a node asks the database by itself, after the consumers have read everything. \
    Processor times are counted in steps of 10 ms.";
