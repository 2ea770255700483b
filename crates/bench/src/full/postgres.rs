//! Journal and store on PostgreSQL: more and fewer connections, orders, open loop, and what the database writes to its log.

use super::comparison::database_share;
use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::PostgresServer;
use crate::cluster::{Sharing, Venue};
use crate::dataset::DatasetSize;
use crate::load::{Seats, Work};
use crate::measure::{Row, interleaved};
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
    for connections in [1, CONNECTIONS] {
        let load = closed(options, Work::reserve(Seats::Spread), connections);
        let bytes = logged(&venue, &mut servers[0], &load)?;
        let label = format!("log (WAL) of a reservation, {connections} connections, with its views");
        section.figures.push(Figure::new(label, bytes, "B"));
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

/// Bytes of the database's log for each operation, until views and letters are written too.
fn logged(venue: &Venue<'_>, node: &mut Running, load: &Load) -> Result<f64> {
    wait_until_read(&node.address)?;
    venue.settle()?;
    let (before, from) = (venue.log_bytes()?, node.used.seat);
    node.load(load).context("a load whose log is measured")?;
    wait_until_read(&node.address)?;
    Ok((venue.log_bytes()? - before) / (node.used.seat - from).max(1) as f64)
}

const INTRO: &str = "One node with `--nodes-listen`; journal and store in a PostgreSQL on a Unix socket of the same machine, without a standby. \
    *server* is the processor of node and database together. Open loop: 512 connections, latency counts from when a request was due. The \
    log's bytes include pages written in full after a checkpoint.";
