//! The bytes that an order leaves in journal and store, on SQLite and on PostgreSQL.

use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::PostgresServer;
use crate::cluster::{Sharing, Venue};
use crate::dataset::DatasetSize;
use crate::load::Work;
use crate::process::output;
use crate::report::Figure;
use crate::scrape::wait_until_read;
use crate::workspace::{Load, Running, Workspace};
use anyhow::{Context, Result};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Bytes by table or by file.
type Sizes = BTreeMap<String, f64>;

/// Seats of an order. From two sizes follow the bytes of an order and those of each of its tickets.
const TICKETS: [u32; 2] = [1, 4];
/// The files of a data folder that grow with orders.
const FILES: [&str; 4] = ["journal.db", "store.db", "snapshots.db", "sandbox.db"];
/// Tables whose rows are deleted when they are no longer needed, and those of the sandbox.
const DELETED: [&str; 5] = ["outbox", "idempotency", "payments", "refunds", "mailbox"];
/// All tables with their indexes, without the schema's name for the store's.
const TABLES: &str = "SELECT CASE schemaname WHEN 'fairseat_journal' THEN 'journal.' ELSE '' END || relname, \
                      pg_total_relation_size(relid) FROM pg_stat_user_tables";
/// A table that grew by fewer bytes an order is not named.
const NAMED_FROM: f64 = 20.0;

/// Figures for orders of each size on both. Without PostgreSQL, `missing` says so.
pub(super) fn figures(options: &RunOptions, missing: &mut Vec<String>) -> Result<Vec<Figure>> {
    let workspace = Workspace::new(&options.dir)?;
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 3, accounts: 20_000 })?;
    let mut figures = Vec::new();
    for tickets in TICKETS {
        figures.extend(on_sqlite(&workspace, &dataset, options, tickets)?);
    }
    let Some(server) = PostgresServer::start(&workspace.path("postgres"))? else {
        missing.push("Not measured on PostgreSQL: it is not installed.".to_owned());
        return Ok(figures);
    };
    let venue = workspace.venue(&dataset, &server, "venue")?;
    for tickets in TICKETS {
        figures.extend(on_postgres(&venue.copy(&format!("orders_{tickets}"))?, options, tickets)?);
    }
    Ok(figures)
}

fn on_sqlite(
    workspace: &Workspace,
    dataset: &Path,
    options: &RunOptions,
    tickets: u32,
) -> Result<Vec<Figure>> {
    let folder = workspace.path(&format!("orders-{tickets}"));
    output(Command::new("cp").arg("-r").arg(dataset).arg(&folder))?;
    let before = files(&folder)?;
    let mut server = workspace.fairseat(&folder)?;
    let orders = buy(&mut server, options, tickets)?;
    // Files are measured once no server uses them.
    drop(server);
    let grown = grown(&files(&folder)?, &before, orders);
    let figure = |(file, bytes): (&String, &f64)| {
        Figure::new(format!("{}: {file}", about("SQLite", tickets)), *bytes, "B")
    };
    Ok(grown.iter().map(figure).collect())
}

fn on_postgres(venue: &Venue<'_>, options: &RunOptions, tickets: u32) -> Result<Vec<Figure>> {
    venue.settle()?;
    let (before, log) = (tables(venue)?, venue.log_bytes()?);
    let mut node = venue.serve(1, Sharing::Forwarding)?;
    let orders = buy(&mut node, options, tickets)?;
    let logged = (venue.log_bytes()? - log) / orders;
    drop(node);
    venue.settle()?;
    let grown = grown(&tables(venue)?, &before, orders);
    let sum =
        |of: &dyn Fn(&str) -> bool| grown.iter().filter(|(name, _)| of(name)).map(|(_, bytes)| bytes).sum();
    let is_snapshot = |name: &str| name == "journal.snapshot";
    let is_journal = |name: &str| name.starts_with("journal.") && !is_snapshot(name);
    let is_deleted = |name: &str| DELETED.contains(&name);
    let is_kept = |name: &str| !name.starts_with("journal.") && !is_deleted(name);
    let figure =
        |what: &str, bytes| Figure::new(format!("{}: {what}", about("PostgreSQL", tickets)), bytes, "B");
    let part = |what: &str, of: &dyn Fn(&str) -> bool| figure(what, sum(of)).with_note(&names(&grown, of));
    Ok(vec![
        part("journal", &is_journal),
        part("snapshots", &is_snapshot),
        part("store, kept", &is_kept),
        part("store, later deleted", &is_deleted),
        figure("log (WAL)", logged),
    ])
}

fn about(place: &str, tickets: u32) -> String {
    format!("bytes of an order of {tickets} on {place}")
}

/// Sells for a while. Returns the number of orders.
fn buy(server: &mut Running, options: &RunOptions, tickets: u32) -> Result<f64> {
    let load = Load { warm_up: 0.0, ..closed(options, Work::Buy { tickets }, CONNECTIONS) };
    let from = server.used.seat;
    server.load(&load).context("a load whose bytes are measured")?;
    wait_until_read(&server.address)?;
    Ok((server.used.seat - from) as f64 / f64::from(tickets))
}

/// Bytes of pages in use, by file, with what is still in the files' logs.
fn files(folder: &Path) -> Result<Sizes> {
    let mut sizes = Sizes::new();
    for file in FILES {
        let path = folder.join(file);
        if !path.exists() {
            continue;
        }
        let database = Connection::open(path)?;
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let number =
            |name: &str| database.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        let bytes = (number("page_count")? - number("freelist_count")?) * number("page_size")?;
        sizes.insert(file.to_owned(), bytes as f64);
    }
    Ok(sizes)
}

/// Bytes of tables with their indexes.
fn tables(venue: &Venue<'_>) -> Result<Sizes> {
    let rows = venue.sql(TABLES)?;
    let size = |line: &str| {
        let (name, bytes) = line.split_once('|').context("a table without a size")?;
        Ok((name.to_owned(), bytes.parse()?))
    };
    rows.lines().map(size).collect()
}

fn grown(after: &Sizes, before: &Sizes, orders: f64) -> Sizes {
    let more = |(name, bytes): (&String, &f64)| {
        (name.clone(), (bytes - before.get(name).copied().unwrap_or(0.0)) / orders.max(1.0))
    };
    after.iter().map(more).collect()
}

/// The largest of some tables, with their bytes for each order.
fn names(grown: &Sizes, of: &dyn Fn(&str) -> bool) -> String {
    let mut large: Vec<_> = grown.iter().filter(|(name, bytes)| of(name) && **bytes >= NAMED_FROM).collect();
    large.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let named: Vec<_> = large.iter().map(|(name, bytes)| format!("{name} {bytes:.0}")).collect();
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_divided_by_orders_and_large_tables_come_first() {
        let sizes =
            |rows: &[(&str, f64)]| rows.iter().map(|(name, bytes)| ((*name).to_owned(), *bytes)).collect();
        let before: Sizes = sizes(&[("journal.batch", 100.0), ("order_views", 0.0)]);
        let after: Sizes = sizes(&[("journal.batch", 500.0), ("order_views", 800.0), ("events", 10.0)]);
        let grown = grown(&after, &before, 10.0);
        assert_eq!(grown, sizes(&[("journal.batch", 40.0), ("order_views", 80.0), ("events", 1.0)]));
        assert_eq!(names(&grown, &|_| true), "order_views 80, journal.batch 40");
    }
}
