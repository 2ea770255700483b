//! Journal and store on PostgreSQL: more and fewer connections, orders, open loop, and what the database writes to its log.

use super::comparison::database_share;
use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::PostgresServer;
use crate::cluster::{Sharing, Venue};
use crate::dataset::DatasetSize;
use crate::load::{Seats, Work};
use crate::measure::{Row, interleaved};
use crate::procfs::cpu_seconds;
use crate::report::{Figure, Section};
use crate::scrape::wait_until_read;
use crate::workspace::{Load, Running, Workspace};
use anyhow::{Context, Result};

/// Key, label, operation, connections of the rows in closed loop.
const ROWS: [(&str, &str, Work, usize); 6] = [
    ("postgres_spread_1", "reserve, spread", Work::reserve(Seats::Spread), 1),
    ("postgres_spread_32", "reserve, spread", Work::reserve(Seats::Spread), 32),
    ("postgres_spread_256", "reserve, spread", Work::reserve(Seats::Spread), CONNECTIONS),
    (
        "postgres_contended_256",
        "reserve, all want the same 100",
        Work::reserve(Seats::Contended),
        CONNECTIONS,
    ),
    ("postgres_order_1", "an order of a seat, paid (two requests)", Work::Buy { tickets: 1 }, CONNECTIONS),
    (
        "postgres_order_4",
        "an order of four seats, paid (two requests)",
        Work::Buy { tickets: 4 },
        CONNECTIONS,
    ),
];
/// Operations whose costs are followed to the end: what, which, connections, and the seats of each.
const WHOLE: [(&str, Work, usize, u32); 4] = [
    ("a reservation", Work::reserve(Seats::Spread), 1, 1),
    ("a reservation", Work::reserve(Seats::Spread), CONNECTIONS, 1),
    ("an order of a seat", Work::Buy { tickets: 1 }, CONNECTIONS, 1),
    ("an order of four seats", Work::Buy { tickets: 4 }, CONNECTIONS, 4),
];
/// Offered rates as shares of the rate in closed loop.
const SHARES: [f64; 3] = [0.25, 0.5, 0.75];

pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("On PostgreSQL", INTRO);
    let workspace = Workspace::new(&options.dir)?;
    let Some(server) = PostgresServer::start(&workspace.path("postgres"))? else {
        section.missing.push("Not measured: PostgreSQL is not installed.".to_owned());
        return Ok(section);
    };
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 16, accounts: 100_000 })?;
    let venue = workspace.venue(&dataset, &server, "venue")?;
    let mut servers = [venue.serve(1, Sharing::Forwarding)?];
    let rows = ROWS.map(|(key, label, work, connections)| Row {
        key,
        label: label.to_owned(),
        server: 0,
        load: closed(options, work, connections),
    });
    section.rows = options.measure(rows.to_vec(), &mut servers, options.rounds.min(3))?;
    section.figures = section.rows.iter().map(database_share).collect();
    let closed_loop = section.rows.iter().find(|row| row.key == "postgres_spread_256");
    if let Some(most) = closed_loop.map(crate::measure::Measured::rate) {
        let rows = SHARES.map(|share| open_loop(options, share, most));
        section.rows.extend(interleaved(&rows, &mut servers, options.rounds.min(3))?);
    }
    for (what, work, connections, seats) in WHOLE {
        let load = closed(options, work, connections);
        let about = format!("{what}, {connections} connections, until its views are written");
        section.figures.extend(whole(&venue, &mut servers[0], &load, seats, &about)?);
    }
    Ok(section)
}

fn open_loop(options: &RunOptions, share: f64, most: f64) -> Row {
    let spread = closed(options, Work::reserve(Seats::Spread), 512);
    Row {
        key: "postgres_open_loop",
        label: format!("reserve, spread, {:.0} % of the closed loop's rate", share * 100.0),
        server: 0,
        load: Load { rate: Some(most * share), ..spread },
    }
}

/// What an operation costs until views, letters and audit trail are written: processor time, and bytes of the database's log.
fn whole(venue: &Venue<'_>, node: &mut Running, load: &Load, seats: u32, about: &str) -> Result<[Figure; 3]> {
    wait_until_read(&node.address)?;
    venue.settle()?;
    let used = |node: &Running| [cpu_seconds(&node.nodes()), cpu_seconds(&node.helpers)];
    let (log, from, [nodes, databases]) = (venue.log_bytes()?, node.used.seat, used(node));
    node.load(load).context("a load whose costs are measured to the end")?;
    wait_until_read(&node.address)?;
    let [nodes_after, databases_after] = used(node);
    let operations = ((node.used.seat - from) / u64::from(seats)).max(1) as f64;
    let figure =
        |what: &str, value: f64, unit| Figure::new(format!("{about}: {what}"), value / operations, unit);
    Ok([
        figure("processor of the node", (nodes_after - nodes) * 1e6, "µs"),
        figure("processor of the database", (databases_after - databases) * 1e6, "µs"),
        figure("log (WAL)", venue.log_bytes()? - log, "B"),
    ])
}

const INTRO: &str = "One node with `--nodes-listen`; journal and store in a PostgreSQL on a Unix socket of the same machine, without a standby. \
    *server* is the processor of node and database together. Open loop: 512 connections, latency counts from when a request was due. Rows \
    count what is used while the load runs; *until its views are written* counts to the end, with some polls of the bench. The log's bytes \
    include pages written in full after a checkpoint.";
