//! `fairseat migrate`: moves a venue from its data folder into a PostgreSQL database.

use anyhow::{Context as _, Result, bail};
use clap::Args;
use fairseat_app::data_dir::ServedDataDir;
use fairseat_app::database_server::DatabaseUrl;
use fairseat_app::keys::Keys;
use fairseat_maintenance::migrate::{Move, Moved, Outcome, Progress, run as migrate};
use fairseat_store::{Demands, STORE_FILE};
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Of many steps of one part, one is shown in this time.
const SHOW_EVERY: Duration = Duration::from_secs(1);

/// The options of `fairseat migrate`.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Folder of all of Fairseat's data; no server may be running. The keys stay in it
    #[arg(long, env = "FAIRSEAT_DATA_DIR", value_name = "DIR", default_value = "fairseat-data")]
    data_dir: PathBuf,
    /// The empty PostgreSQL database, `postgres://user:password@host/name`, prepared by `fairseat database prepare`, as the user who prepared it.
    /// Other users of this machine can see the command line: set the variable instead
    #[arg(long, env = "FAIRSEAT_TO", value_name = "URL", hide_env_values = true)]
    to: DatabaseUrl,
}

/// Moves, and prints the progress to stderr.
///
/// # Errors
/// One sentence that says what is wrong and what to do.
pub(super) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    if !options.data_dir.join(STORE_FILE).exists() {
        bail!(
            "{} is no data folder: name the one the server used with --data-dir",
            options.data_dir.display()
        );
    }
    let locked = ServedDataDir::take(&options.data_dir)?;
    let keys = Keys::load_or_create(locked.path())?;
    let job = Move {
        folder: locked.path(),
        to: options.to.expose(),
        demands: Demands::default(),
        keys: keys.fingerprint(),
    };
    let mut shown = Shown::default();
    let outcome = runtime.block_on(migrate(job, &mut |progress| shown.show(progress)))?;
    let text = match outcome {
        Outcome::Moved(moved) => summary(&moved),
        Outcome::MovedBefore => "everything was moved already\n".to_owned(),
    };
    let folder = options.data_dir.display();
    let next = format!(
        "serve it with: fairseat serve --data-dir {folder} --database URL\n\
         The folder is marked as moved and has the keys: keep a copy of {folder}/keys"
    );
    writeln!(std::io::stdout(), "{text}{next}").context("cannot write to stdout")
}

fn summary(moved: &Moved) -> String {
    let Moved { streams, batches, tables, rows, violations } = moved;
    let mut text = format!(
        "moved {batches} batches in {streams} streams of the journal, and {rows} rows in {tables} tables; everything was compared and is the same\n"
    );
    if *violations > 0 {
        text.push_str(&format!("{violations} violations were there before: fairseat verify lists them\n"));
    }
    text
}

/// What was shown last.
#[derive(Default)]
struct Shown {
    part: String,
    at: Option<Instant>,
}

impl Shown {
    /// Writes a line to stderr. A part's first and last lines are always written.
    fn show(&mut self, progress: Progress<'_>) {
        let line = match progress {
            Progress::Begins(text) => text.to_owned(),
            Progress::Done { part, done, of } => {
                let is_recent = self.at.is_some_and(|at| at.elapsed() < SHOW_EVERY);
                if part == self.part && done < of && is_recent {
                    return;
                }
                (self.part, self.at) = (part.to_owned(), Some(Instant::now()));
                format!("  {part}: {done} of {of}")
            }
        };
        // If stderr is closed, nobody watches.
        drop(writeln!(std::io::stderr(), "{line}"));
    }
}
