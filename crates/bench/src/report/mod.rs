//! The results as a document: tables of rows and of single figures, the goals, and a chart.

mod before;
mod chart;
mod goals;
mod machine;
mod markdown;

pub(crate) use before::Before;
pub(crate) use goals::Goals;
pub(crate) use machine::Machine;

use crate::load::Histogram;
use crate::measure::Measured;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

/// The start of the section about pages, which is the last.
const PAGES: &str = "\n## Pages in the browser\n";

/// A single figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    pub(crate) cpu_us: Option<f64>,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) note: Option<String>,
}

impl Figure {
    pub(crate) fn new(label: String, value: f64, unit: &str) -> Self {
        Self { label, value, unit: unit.to_owned(), cpu_us: None, p50_ms: None, p99_ms: None, note: None }
    }

    pub(crate) fn with_cpu(self, cpu_us: f64) -> Self {
        Self { cpu_us: Some(cpu_us), ..self }
    }

    pub(crate) fn with_latency(self, latencies: &Histogram) -> Self {
        Self { p50_ms: Some(latencies.quantile_ms(0.5)), p99_ms: Some(latencies.quantile_ms(0.99)), ..self }
    }

    pub(crate) fn with_note(self, note: &str) -> Self {
        Self { note: Some(note.to_owned()), ..self }
    }
}

/// A part of the document.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) intro: &'static str,
    pub(crate) rows: Vec<Measured>,
    pub(crate) figures: Vec<Figure>,
    /// Measurements that could not be made, with the reason.
    pub(crate) missing: Vec<String>,
}

impl Section {
    pub(crate) fn new(title: &'static str, intro: &'static str) -> Self {
        Self { title, intro, rows: Vec::new(), figures: Vec::new(), missing: Vec::new() }
    }
}

/// The document as text.
pub(crate) fn plain(machine: &Machine, sections: &[Section], goals: &Goals, before: &Before) -> String {
    markdown::document(machine, sections, goals, before)
}

/// Writes `benchmarks.md` and `benchmarks.svg` into a folder.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write(
    folder: &Path,
    machine: &Machine,
    sections: &[Section],
    goals: &Goals,
    before: &Before,
) -> Result<()> {
    fs::create_dir_all(folder)?;
    let file = |name: &str, text: String| {
        fs::write(folder.join(name), text)
            .with_context(|| format!("cannot write {name} in {}", folder.display()))
    };
    let pages = pages(&folder.join("benchmarks.md"));
    file("benchmarks.svg", chart::svg(sections))?;
    file("benchmarks.md", markdown::document(machine, sections, goals, before) + &pages)
}

/// The section that `checks/web/lighthouse.mjs` wrote into an earlier document; empty if there is none.
fn pages(document: &Path) -> String {
    let text = fs::read_to_string(document).unwrap_or_default();
    text.split_once(PAGES).map(|(_, section)| format!("{PAGES}{section}")).unwrap_or_default()
}
