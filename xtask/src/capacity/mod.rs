//! What the brief's numbers need in machines, bandwidth, disk and money: `docs/capacity.md`, calculated from `docs/capacity.json`.
//!
//! The calculation knows no machine: costs are measured by `fairseat-bench` and entered into the file by hand, with date and command. It writes
//! blocks of Markdown into the document, between comments; the text around them is written by people. A test compares the document with
//! the calculation.

mod availability;
mod crowd;
mod input;
mod money;
mod peak;
mod storage;
mod table;

use anyhow::{Context, Result, ensure};
use crowd::Crowd;
use input::Input;
use money::Usual;
use peak::Peak;
use std::fs;
use std::path::{Path, PathBuf};
use storage::Storage;
use table::{Table, number};

/// A block of the document: its name, and its Markdown.
type Block = (&'static str, String);

/// Prints the blocks; with `write`, also puts them into the document.
///
/// # Errors
/// When a file cannot be read or written, or a value is missing.
pub(crate) fn run(write: bool) -> Result<String> {
    let blocks = blocks(&input()?)?;
    if write {
        let file = path("capacity.md");
        fs::write(&file, filled(&document()?, &blocks)?).with_context(|| file.display().to_string())?;
    }
    Ok(blocks.iter().map(|(name, text)| format!("<!-- {name} -->\n\n{text}\n")).collect())
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn input() -> Result<Input> {
    Input::parse(&fs::read_to_string(path("capacity.json")).context("docs/capacity.json")?)
}

fn document() -> Result<String> {
    fs::read_to_string(path("capacity.md")).context("docs/capacity.md")
}

/// Everything that is calculated.
fn blocks(input: &Input) -> Result<Vec<Block>> {
    let (peak, peak_text) = Peak::of(input)?;
    let (crowd, crowd_text) = Crowd::of(input)?;
    let (storage, storage_text) = Storage::of(input)?;
    let (usual, usual_text) = Usual::of(input, &peak)?;
    let blocks = vec![
        ("peak", peak_text),
        ("crowd", crowd_text),
        ("usual", usual_text),
        ("latencies", latencies(input)),
        ("storage", storage_text),
        ("availability", availability::text(input)?),
        ("money", money::text(input, (&peak, &crowd, &storage, &usual))?),
        ("measured", measured(input)),
        ("assumed", assumed(input)),
    ];
    input.is_all_used()?;
    Ok(blocks)
}

fn latencies(input: &Input) -> String {
    let mut table =
        Table::new(&["one node, its database beside it", "a second", "p50, ms", "p99, ms", "date, command"]);
    for row in &input.latencies {
        let values = [row.rate, row.p50_ms, row.p99_ms].map(number);
        let from = format!("{}, `{}`", row.date, row.command);
        table.row(&[vec![row.what.clone()], values.to_vec(), vec![from]].concat());
    }
    table.text()
}

fn measured(input: &Input) -> String {
    let mut table = Table::new(&["measured", "value", "date, command"]);
    for (name, cost) in &input.measured {
        let value = format!("{} {}", number(cost.value), cost.unit);
        table.row(&[format!("`{name}`: {}", cost.what), value, format!("{}, `{}`", cost.date, cost.command)]);
    }
    table.text()
}

fn assumed(input: &Input) -> String {
    let mut table = Table::new(&["demanded or assumed", "value"]);
    for (name, guess) in input.demands.iter().chain(&input.assumed) {
        table.row(&[format!("`{name}`: {}", guess.what), format!("{} {}", number(guess.value), guess.unit)]);
    }
    table.text()
}

/// The document with every block between its comments.
fn filled(document: &str, blocks: &[Block]) -> Result<String> {
    let mut text = document.to_owned();
    for (name, block) in blocks {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
        let (before, rest) =
            text.split_once(&begin).with_context(|| format!("docs/capacity.md has no {begin:?}"))?;
        let (_, after) = rest.split_once(&end).with_context(|| format!("docs/capacity.md has no {end:?}"))?;
        ensure!(!after.contains(&begin), "docs/capacity.md has {begin:?} twice");
        text = format!("{before}{begin}\n{block}\n{end}{after}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
