//! The quick run: the most important rows, within a minute.

use crate::baselines::{Design, PostgresServer};
use crate::dataset::DatasetSize;
use crate::load::{Seats, Work};
use crate::measure::{Row, interleaved};
use crate::options::Options;
use crate::summary;
use crate::workspace::{Databases, Load, Workspace};
use anyhow::Result;
use std::io::Write as _;

/// Connections to PostgreSQL; the full run tries several sizes.
const POOL: usize = 12;

/// Measures and prints.
///
/// # Errors
/// When a process cannot be started, or an answer is not as expected.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::new(&options.dir)?;
    let seconds = options.seconds.unwrap_or(1.5);
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 6, accounts: 20_000 })?;
    let event = crate::dataset::hot_event_id(&dataset)?;
    let databases = Databases { postgres: PostgresServer::start(&workspace.path("postgres"))?, redis: None };
    let row_locks = workspace.baseline(&dataset, Design::RowLocks, POOL, &databases)?;
    let mut servers = vec![workspace.stack(false)?, workspace.fairseat(&dataset)?];
    let load = |work| Load { work, connections: 256, rate: None, warm_up: 0.4, seconds };
    let row = |key, label: &str, server, work| Row { key, label: label.to_owned(), server, load: load(work) };
    let availability = format!("/api/v1/events/{event}/availability?format=binary");
    let mut rows = vec![
        row("empty_post", "empty POST", 0, Work::Empty("/empty".to_owned())),
        row("reserve_spread", "reserve, spread", 1, Work::reserve(Seats::Spread)),
        row("reserve_contended", "reserve, contended", 1, Work::reserve(Seats::Contended)),
        row("hello", "hello", 0, Work::Hello("/hello".to_owned())),
        row("availability", "availability", 1, Work::Read(availability)),
        row("event_page", "an event's page, gzip", 1, Work::Page(format!("/events/{event}"))),
    ];
    if let Some(row_locks) = row_locks {
        rows.push(row("row_locks", Design::RowLocks.label(), servers.len(), Work::reserve(Seats::Spread)));
        servers.push(row_locks);
    }
    let measured = interleaved(&rows, &mut servers, options.rounds.unwrap_or(3))?;
    let ratios = summary::ratios(&measured);
    let object = summary::object(&measured, &ratios);
    let mut stdout = std::io::stdout().lock();
    Ok(writeln!(stdout, "{object}")?)
}
