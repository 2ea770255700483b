//! Moves a venue from its data folder into an empty PostgreSQL database: journal, store and the payment provider's records. The keys stay in
//! the folder.
//!
//! What must always hold:
//! - The folder is marked ([`mark`]) before anything is read from it, and the database before anything is written to it. With these marks neither
//!   serves. The database loses its mark last, after everything was compared. So one of the two serves at any time, or none.
//! - What is there says how far a move has come, so a second run goes on after any interruption.
//! - Nothing is written into a database that has anything of another venue.
//!
//! What deliberately does not live here: the folder's lock and the keys (`fairseat-server`).

mod journal;
pub mod mark;
mod proof;
mod step;

use anyhow::{Context as _, Result};
use fairseat_journal::{PostgresJournal, PostgresOptions, SqliteJournal, crash_point};
use fairseat_payments::ProviderKind;
use fairseat_store::transfer::{CopyProgress, Destination, Source};
use fairseat_store::{Demands, STORE_FILE, Store};
use mark::Mark;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use step::Step;

/// A move.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// The data folder, which the caller has locked.
    pub folder: &'a Path,
    /// The connection string of the database, which may contain a password.
    pub to: &'a str,
    /// What is demanded of its server.
    pub demands: Demands,
    /// The fingerprint of the folder's keys.
    pub keys: [u8; 32],
}

/// What a move does now, for the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'p> {
    /// A new part begins.
    Begins(&'p str),
    /// So much of a part is done, in batches or rows.
    Done {
        /// The part.
        part: &'p str,
        /// Batches or rows that are there.
        done: u64,
        /// All of them.
        of: u64,
    },
}

/// What was moved and found equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Streams of the journal.
    pub streams: u64,
    /// Their batches.
    pub batches: u64,
    /// Tables of the store.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Violations that `fairseat verify` finds on both sides, so that they are older than the move.
    pub violations: u64,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was moved, now.
    Moved(Moved),
    /// An earlier run had moved everything.
    MovedBefore,
}

/// Moves everything, or goes on with a move that was interrupted. Calls `report` with what is done.
///
/// # Errors
/// One sentence that says what is wrong and what to do. What was moved stays, but neither side serves before a later run has finished.
pub async fn run(job: Move<'_>, report: &mut dyn FnMut(Progress<'_>)) -> Result<Outcome> {
    let destination = Destination::open(job.to, job.demands).await?;
    let journal = PostgresJournal::open(job.to, options(job.demands)).await?;
    let is_empty = journal.moved_streams().await? == Default::default();
    let step = step::next(mark::read(job.folder)?, destination.state().await?, is_empty, job.keys);
    let id = match step.with_context(|| format!("{} cannot be moved", job.folder.display()))? {
        Step::Nothing => return Ok(Outcome::MovedBefore),
        Step::Begin(id) => {
            mark::write(job.folder, &Mark::Begun(id.clone()))?;
            crash_point!("migrate.folder_marked");
            destination.begin(&id, job.keys).await.context("the database cannot be marked")?;
            id
        }
        Step::GoOn(id) => id,
    };
    crash_point!("migrate.begun");
    let moved = copy_and_compare(job, &destination, &journal, report).await?;
    mark::write(job.folder, &Mark::Moved(id))?;
    crash_point!("migrate.folder_moved");
    destination.finish().await.context("the database cannot be released: run the same command again")?;
    Ok(Outcome::Moved(moved))
}

async fn copy_and_compare(
    job: Move<'_>,
    destination: &Destination,
    target: &PostgresJournal,
    report: &mut dyn FnMut(Progress<'_>),
) -> Result<Moved> {
    let mut moved = Moved::default();
    if SqliteJournal::exists(job.folder) {
        report(Progress::Begins("the journal is being checked"));
        let source = open_journal(job.folder).await?;
        report(Progress::Begins("the journal is being copied"));
        journal::copy(&source, target, report).await?;
        report(Progress::Begins("the journals are being compared"));
        (moved.streams, moved.batches) = journal::compare(&source, target, report).await?;
    }
    crash_point!("migrate.journal_copied");
    // Brings the file to this release's tables.
    let store = Store::open(job.folder.join(STORE_FILE)).await.context("the store cannot be opened")?;
    drop(store);
    let records = ProviderKind::ALL.into_iter().filter_map(ProviderKind::books);
    let records: Vec<PathBuf> =
        records.map(|name| job.folder.join(name)).filter(|file| file.exists()).collect();
    let source = Source::lock(&job.folder.join(STORE_FILE), records.first().map(PathBuf::as_path))?;
    report(Progress::Begins("the tables are being copied"));
    let mut report_rows = |copied: CopyProgress<'_>| {
        crash_point!("migrate.rows_copied");
        report(Progress::Done { part: copied.table, done: copied.rows, of: copied.of });
    };
    destination.copy(&source, &mut report_rows).await?;
    report(Progress::Begins("the search index is being built"));
    destination.build_search().await.context("the search index cannot be built")?;
    crash_point!("migrate.search_built");
    report(Progress::Begins("the tables are being compared"));
    let tables = destination.compare(&source).await?.map_err(|differences| proof::differ(&differences))?;
    drop(source);
    moved.tables = u64::try_from(tables.len()).unwrap_or(u64::MAX);
    moved.rows = tables.iter().fold(0, |rows: u64, table| rows.saturating_add(table.rows));
    report(Progress::Begins("every sale is being replayed on both sides"));
    moved.violations = proof::replays_are_equal(job).await?;
    Ok(moved)
}

fn options(demands: Demands) -> PostgresOptions {
    let Demands { require_standby, allow_unsafe_server } = demands;
    PostgresOptions { require_standby, allow_unsafe_server, ..PostgresOptions::default() }
}

/// Opens the folder's journal for reading, and verifies all of it.
async fn open_journal(folder: &Path) -> Result<SqliteJournal> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || SqliteJournal::open_read_only(&folder)).await?;
    opened.context("the journal cannot be opened")
}

/// The store in the database, although it is not finished.
async fn open_target(job: Move<'_>) -> Result<Store> {
    let opened = Store::open_unfinished_postgres(job.to, job.demands, Arc::new(|_, _| {})).await;
    opened.context("the store cannot be opened")
}
