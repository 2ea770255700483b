//! Measurements without HTTP: the sale, the journal, waking, memory. Each runs in its own process, so that the memory of one measurement is
//! not counted in another.

mod generated_history;
mod journal;
mod sale;
mod waking;

use crate::report::Figure;
use anyhow::Result;
use clap::ValueEnum;
use std::io::Write as _;
use std::path::PathBuf;

/// The measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Commands of one sale, answered durably
    Sale,
    /// Appends alone
    Journal,
    /// A sale with a long history is woken
    Waking,
    /// Commands of a sale with more and more facts behind it
    History,
    /// Sales of 100,000 seats are held in memory
    Memory,
}

/// The options of a measurement.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Start {
    /// The measurement
    #[arg(value_enum)]
    pub(crate) part: Part,
    /// An empty folder on the disk that is measured
    pub(crate) folder: PathBuf,
    /// The duration of each figure that is a rate
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f64,
}

/// Measures, and prints the figures as one JSON line.
///
/// # Errors
/// When a part fails.
pub(crate) fn role(start: &Start) -> Result<()> {
    let figures: Vec<Figure> = match start.part {
        Part::Sale => {
            crate::reference_server::runtime()?.block_on(sale::figures(&start.folder, start.seconds))?
        }
        Part::Journal => {
            crate::reference_server::runtime()?.block_on(journal::figures(&start.folder, start.seconds))?
        }
        Part::Waking => crate::reference_server::runtime()?.block_on(waking::figures(&start.folder))?,
        Part::History => {
            crate::reference_server::runtime()?.block_on(waking::growing(&start.folder, start.seconds))?
        }
        Part::Memory => crate::reference_server::runtime()?.block_on(sale::memory())?,
    };
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer(&mut stdout, &figures)?;
    Ok(writeln!(stdout)?)
}
