//! The comparison: the reference server, our server, and the baselines behind the same HTTP front.

use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::Design;
use crate::cluster::Sharing;
use crate::dataset::DatasetSize;
use crate::load::{Seats, Work};
use crate::measure::{Measured, Row, interleaved};
use crate::report::{Figure, Section};
use crate::workspace::{Databases, Load, Running, Workspace};
use anyhow::{Context, Result};
use std::path::Path;

/// Sizes of the connection pool that are tried for each design with PostgreSQL; the best one is measured.
const POOLS: [usize; 4] = [6, 12, 24, 48];
const DESIGNS: [Design; 5] = [
    Design::RowLocks,
    Design::ConditionalUpdate,
    Design::RedisLocks,
    Design::RedisLua,
    Design::SqliteTransaction,
];
const ACCOUNTS: u32 = 100_000;

/// Versions of PostgreSQL and Redis, where they are installed.
pub(super) type Versions = (Option<String>, Option<String>);

/// Every row at 256 connections, in interleaved rounds.
pub(super) fn against_others(options: &RunOptions) -> Result<(Section, Versions)> {
    let workspace = Workspace::new(&options.dir)?;
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 16, accounts: ACCOUNTS })?;
    let databases = Databases::start(&workspace)?;
    let event = crate::dataset::hot_event_id(&dataset)?;
    // Moved before a server uses the folder.
    let venue =
        databases.postgres.as_ref().map(|server| workspace.venue(&dataset, server, "venue")).transpose()?;
    let mut servers = vec![workspace.stack(false)?, workspace.stack(true)?, workspace.fairseat(&dataset)?];
    let row = |key, label: String, server, work| Row {
        key,
        label,
        server,
        load: closed(options, work, CONNECTIONS),
    };
    let name = |text: &str| text.to_owned();
    let availability = format!("/api/v1/events/{event}/availability?format=binary");
    let mut rows = vec![
        row("empty_post", name("empty POST"), 0, Work::Empty(name("/empty"))),
        row("reserve_spread", name("reserve, spread over 100,000 seats"), 2, Work::reserve(Seats::Spread)),
        row("reserve_contended", name("reserve, all want the same 100"), 2, Work::reserve(Seats::Contended)),
    ];
    if let Some(venue) = &venue {
        let on = |text: &str| format!("{text}, journal and store on PostgreSQL");
        let at = servers.len();
        let spread = row("postgres_spread", on("reserve, spread"), at, Work::reserve(Seats::Spread));
        // Beside the row that it is compared with.
        rows.insert(2, spread);
        let contended = on("reserve, all want the same 100");
        rows.push(row("postgres_contended", contended, at, Work::reserve(Seats::Contended)));
        servers.push(venue.serve(1, Sharing::Racing)?);
    }
    let mut section = Section::new("Reservations, ours and others'", INTRO);
    for design in DESIGNS.into_iter().filter(|design| options.wants(design.key())) {
        match best(&workspace, &dataset, design, &databases, options)? {
            Some((running, pool)) => {
                let label =
                    pool.map_or(name(design.label()), |pool| format!("{}, pool of {pool}", design.label()));
                rows.push(row(design.key(), label, servers.len(), Work::reserve(Seats::Spread)));
                servers.push(running);
            }
            None => section.missing.push(format!("{}: not installed.", design.label())),
        }
    }
    rows.push(row("hello", name("hello"), 0, Work::Hello(name("/hello"))));
    rows.push(row("availability", name("availability of 100,000 seats, 25 kB"), 2, Work::Read(availability)));
    rows.push(row("event_page", name("an event's page, gzip"), 2, Work::Page(format!("/events/{event}"))));
    rows.push(row("hello_axum", name("hello, axum's own server"), 1, Work::Hello(name("/hello"))));
    section.rows = options.measure(rows, &mut servers, options.rounds)?;
    section.figures = on_postgres(&section.rows);
    let versions = (
        databases.postgres.as_ref().map(|server| server.version.clone()),
        databases.redis.as_ref().map(|server| server.version.clone()),
    );
    drop(servers);
    Ok((section, versions))
}

/// What PostgreSQL took of the rows that use it, and how ours compare with others.
fn on_postgres(rows: &[Measured]) -> Vec<Figure> {
    let with_database = rows.iter().filter(|row| row.helper_cpu_us() > 0.0);
    let mut figures: Vec<Figure> = with_database.map(database_share).collect();
    let row = |key: &str| rows.iter().find(|row| row.key == key);
    if let Some(ours) = row("postgres_spread") {
        let others = ["empty_post", "reserve_spread", "row_locks"].map(row);
        let ratio =
            |other: &Measured| Figure::new(format!("{} ÷ {}", ours.label, other.label), ours.over(other), "");
        figures.extend(others.into_iter().flatten().map(ratio));
    }
    figures
}

/// How much of a row's processor time the databases used.
pub(super) fn database_share(row: &Measured) -> Figure {
    let (all, databases) = (row.server_cpu_us(), row.helper_cpu_us());
    let note = format!("{} µs on the nodes", (all - databases).round());
    let about = format!("{}, {} connections", row.label, row.connections);
    Figure::new(format!("{about}: processor of the database"), databases, "µs").with_note(&note)
}

/// The design with the pool size that was fastest in a short trial.
fn best(
    workspace: &Workspace,
    dataset: &Path,
    design: Design,
    databases: &Databases,
    options: &RunOptions,
) -> Result<Option<(Running, Option<usize>)>> {
    if !design.needs().postgres {
        return Ok(workspace.baseline(dataset, design, 1, databases)?.map(|running| (running, None)));
    }
    let trial = Load {
        seconds: options.seconds.min(1.0),
        ..closed(options, Work::reserve(Seats::Spread), CONNECTIONS)
    };
    let mut best: Option<(u64, Running, usize)> = None;
    for pool in POOLS {
        let Some(mut running) = workspace.baseline(dataset, design, pool, databases)? else {
            return Ok(None);
        };
        let reached = running.load(&trial)?.operations;
        if best.as_ref().is_none_or(|(most, ..)| reached > *most) {
            best = Some((reached, running, pool));
        }
    }
    Ok(best.map(|(_, running, pool)| (running, Some(pool))))
}

/// The same operations with few and with many connections.
pub(super) fn connections(options: &RunOptions) -> Result<Section> {
    let workspace = Workspace::new(&options.dir)?;
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 16, accounts: ACCOUNTS })?;
    let mut servers = [workspace.fairseat(&dataset)?];
    let mut rows = Vec::new();
    for connections in [1, 32, CONNECTIONS, 1_024] {
        for (key, label, work) in [
            ("reserve_spread_at", "reserve, spread", Work::reserve(Seats::Spread)),
            ("reserve_contended_at", "reserve, contended", Work::reserve(Seats::Contended)),
        ] {
            rows.push(Row {
                key,
                label: label.to_owned(),
                server: 0,
                load: closed(options, work, connections),
            });
        }
    }
    let strangers = Work::Reserve { seats: Seats::Spread, turn: 1 };
    rows.push(Row {
        key: "reserve_strangers",
        label: "reserve, spread, every request from another account".to_owned(),
        server: 0,
        load: closed(options, strangers, CONNECTIONS),
    });
    rows.push(Row {
        key: "order_to_ticket",
        label: "a seat reserved, paid and its ticket in hand (two requests)".to_owned(),
        server: 0,
        load: closed(options, Work::Buy { tickets: 1 }, CONNECTIONS),
    });
    let mut section = Section::new("Reservations by number of connections, and orders", CONNECTIONS_INTRO);
    section.rows = options.measure(rows, &mut servers, options.rounds.min(3))?;
    Ok(section)
}

/// Open loop: operations become due at a fixed rate.
pub(super) fn open_loop(options: &RunOptions) -> Result<Section> {
    let workspace = Workspace::new(&options.dir)?;
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 12, accounts: ACCOUNTS })?;
    let mut servers = vec![workspace.fairseat(&dataset)?];
    let spread = closed(options, Work::reserve(Seats::Spread), CONNECTIONS);
    let most = {
        let probe = servers.first_mut().context("no server")?.load(&spread)?;
        probe.operations as f64 / probe.seconds
    };
    let row = |share: f64| Row {
        key: "reserve_open_loop",
        label: format!("reserve, spread, {:.0} % of the closed loop's rate", share * 100.0),
        server: 0,
        load: Load { rate: Some(most * share), connections: 512, ..spread.clone() },
    };
    let rows: Vec<Row> = [0.25, 0.5, 0.75].into_iter().map(row).collect();
    let mut section = Section::new("Reservations in open loop", OPEN_INTRO);
    let measured: Result<Vec<Measured>> = interleaved(&rows, &mut servers, options.rounds.min(3));
    section.rows = measured?;
    Ok(section)
}

const INTRO: &str = "256 connections, closed loop. *empty POST* and *hello* are handlers that do nothing on our listener with axum's \
    router, without our edge. *reserve* is the real server with validation, token check, idempotency keys, limits, log lines and \
    metrics on; each reservation is durable before it is answered. The crowd that wants the same 100 seats moves on to the next 100 \
    after 10,000 requests. The others stand behind the same edge, token check, limits and JSON; they are tuned, durable, and have no \
    idempotency, ticket limits, exact expiry, history or live maps. PostgreSQL and Redis are reached over Unix sockets.";

const CONNECTIONS_INTRO: &str = "Closed loop. Elsewhere an account makes ten requests in a row; with *every request from another \
    account* nothing about the account is remembered when it asks. Orders are paid at the sandbox provider, and an operation ends with \
    the tickets in the answer.";

const OPEN_INTRO: &str =
    "512 connections; latency counts from when a request was due, whether or not a connection was free.";
