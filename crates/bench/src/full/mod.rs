//! The full run: one part after the other, each with its own servers and folders; then the document is written.

mod comparison;
mod costs;
mod growth;
mod map;
mod nodes;
mod postgres;
mod reads;
mod sales;
mod storage;
mod viewers;

use crate::inprocess::Part as InProcess;
use crate::load::Work;
use crate::measure::{Measured, Row, interleaved};
use crate::options::Options;
use crate::process::Process;
use crate::report::{self, Before, Figure, Goals, Machine, Section};
use crate::summary::{self, Ratios};
use crate::workspace::{Load, Running, Workspace};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The number of connections, unless a row sets another.
pub(crate) const CONNECTIONS: usize = 256;

/// Every part, in the order of the run.
const PARTS: [&str; 15] = [
    "main",
    "connections",
    "open",
    "reads",
    "viewers",
    "map",
    "sale",
    "journal",
    "waking",
    "memory",
    "growth",
    "postgres",
    "nodes",
    "sales",
    "costs",
];

/// How long and how often each row is measured.
#[derive(Clone, Debug)]
pub(crate) struct RunOptions {
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    pub(crate) dir: PathBuf,
    /// The keys of the rows to measure; empty for all.
    rows: Vec<String>,
}

impl RunOptions {
    /// Whether a row was requested.
    fn wants(&self, key: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| row == key)
    }

    /// Measures the rows that were requested.
    fn measure(&self, mut rows: Vec<Row>, servers: &mut [Running], rounds: usize) -> Result<Vec<Measured>> {
        rows.retain(|row| self.wants(row.key));
        interleaved(&rows, servers, rounds)
    }
}

/// The results of all parts.
#[derive(Debug, Default)]
struct Results {
    sections: Vec<Section>,
    ratios: Ratios,
    versions: (Option<String>, Option<String>),
    viewer_kilobytes: Option<f64>,
    sale: Vec<Figure>,
}

/// Measures the chosen parts and writes the results.
///
/// # Errors
/// When a part fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let unknown = options.only.iter().find(|part| !PARTS.contains(&part.as_str()));
    ensure!(unknown.is_none(), "no part {unknown:?}; there are {PARTS:?}");
    let before = options.before.as_deref().map(Before::read).transpose()?.unwrap_or_default();
    let machine = Machine::here(&options.dir);
    let run_options = RunOptions {
        rounds: options.rounds.unwrap_or(5),
        seconds: options.seconds.unwrap_or(2.0),
        dir: options.dir.clone(),
        rows: options.rows.clone(),
    };
    let mut results = Results::default();
    let chosen = |part: &&&str| options.only.is_empty() || options.only.iter().any(|only| only == **part);
    for part in PARTS.iter().filter(|part| chosen(part)) {
        let begun = Instant::now();
        results.add(part, &run_options).with_context(|| format!("part {part}"))?;
        progress(&format!("{part}: {:.0} s", begun.elapsed().as_secs_f64()));
    }
    results.write(options, machine, &before)
}

impl Results {
    fn add(&mut self, part: &str, options: &RunOptions) -> Result<()> {
        match part {
            "main" => {
                let (section, versions) = comparison::against_others(options)?;
                self.ratios.extend(summary::ratios(&section.rows));
                self.versions = versions;
                self.sections.push(section);
            }
            "connections" => self.sections.push(comparison::connections(options)?),
            "open" => self.sections.push(comparison::open_loop(options)?),
            "reads" => self.sections.push(reads::section(options)?),
            "viewers" => {
                let (section, kilobytes) = viewers::section(options)?;
                self.viewer_kilobytes = Some(kilobytes);
                self.sections.push(section);
            }
            "map" => self.sections.push(map::section(options)?),
            "growth" => self.sections.push(growth::section(options)?),
            "postgres" => self.sections.push(postgres::section(options)?),
            "nodes" => {
                let section = nodes::section(options)?;
                self.ratios.extend(summary::ratios(&section.rows));
                self.sections.push(section);
            }
            "sales" => self.sections.push(sales::section(options)?),
            "costs" => self.sections.push(costs::section(options)?),
            "sale" => {
                self.sale = in_process(options, InProcess::Sale, &[])?;
                let intro = "Two seats are reserved and given back, again and again: no HTTP, no accounts.";
                self.figures("The sale in process", intro, self.sale.clone());
            }
            "journal" => {
                let intro =
                    "One append is one batch of one sale; what arrives together is committed together.";
                self.figures("The journal alone", intro, in_process(options, InProcess::Journal, &[])?);
            }
            "waking" => {
                let intro =
                    "A sale of 100,000 seats with a history of reservations, orders, refunds and expiries.";
                self.figures("Waking a sale", intro, in_process(options, InProcess::Waking, &[])?);
            }
            _ => {
                let intro = "Resident memory of the process that holds 40 such sales, divided by 40.";
                self.figures("Memory", intro, in_process(options, InProcess::Memory, &[])?);
            }
        }
        Ok(())
    }

    fn figures(&mut self, title: &'static str, intro: &'static str, figures: Vec<Figure>) {
        self.sections.push(Section { figures, ..Section::new(title, intro) });
    }

    fn write(self, options: &Options, machine: Machine, before: &Before) -> Result<()> {
        let (postgres, redis) = (self.versions.0.as_deref(), self.versions.1.as_deref());
        let machine = machine.with(postgres, redis);
        let rows: Vec<Measured> = self.sections.iter().flat_map(|section| section.rows.clone()).collect();
        let orders = rows.iter().find(|row| row.key == "order_to_ticket").map(Measured::rate);
        let goals = Goals::of(&self.ratios, orders, self.viewer_kilobytes, &self.sale);
        let folder = match (&options.out, options.only.is_empty()) {
            (Some(folder), _) => Some(folder.clone()),
            (None, true) => Some(Path::new("docs").to_owned()),
            (None, false) => None,
        };
        if let Some(folder) = &folder {
            report::write(folder, &machine, &self.sections, &goals, before)?;
            progress(&format!("written: {}", folder.join("benchmarks.md").display()));
        }
        let mut object = summary::object(&rows, &self.ratios);
        let figures: Vec<&Figure> = self.sections.iter().flat_map(|section| &section.figures).collect();
        if let Some(object) = object.as_object_mut() {
            object.insert("figures".to_owned(), json!(figures));
        }
        let mut stdout = std::io::stdout().lock();
        if options.json {
            writeln!(stdout, "{object}")?;
        } else {
            writeln!(stdout, "{}", report::plain(&machine, &self.sections, &goals, before))?;
        }
        Ok(())
    }
}

/// Runs a part in a separate process and returns its figures.
pub(crate) fn in_process(options: &RunOptions, part: InProcess, more: &[&str]) -> Result<Vec<Figure>> {
    use clap::ValueEnum as _;
    let workspace = Workspace::new(&options.dir)?;
    let folder = workspace.path("work");
    std::fs::create_dir(&folder)?;
    let name = part.to_possible_value().context("the part has no name")?;
    let seconds = options.seconds.to_string();
    let folder = folder.to_str().context("the path is not UTF-8")?.to_owned();
    let arguments = ["in-process", name.get_name(), &folder, "--seconds", &seconds];
    Process::role(arguments.into_iter().chain(more.iter().copied()))?.receive()
}

/// The closed-loop load of most rows.
pub(crate) fn closed(options: &RunOptions, work: Work, connections: usize) -> Load {
    Load { work, connections, rate: None, warm_up: 0.5, seconds: options.seconds }
}

/// Prints the progress to stderr.
fn progress(text: &str) {
    // Printing fails only if nobody reads stderr.
    drop(writeln!(std::io::stderr(), "fairseat-bench: {text}"));
}
