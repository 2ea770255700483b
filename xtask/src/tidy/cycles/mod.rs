//! No cycle of files may cross a folder, in any crate: files that need each other belong in one folder.
//!
//! A file depends on the files that define the names it uses, in `use` or in a path; re-exports are followed. A folder `x/` and its
//! `x/mod.rs` or `x.rs` count as one folder. Declaring a child by `mod` and re-exporting its names by `pub use` are not dependencies. Not
//! detected: methods and fields used through a value whose type is never named, and paths inside attribute strings.

mod graph;
mod modules;
mod syntax;

use super::files::Source;
use anyhow::Result;
use modules::{Dependencies, Files, Modules};
use std::collections::BTreeSet;

/// Lists each cycle that crosses a folder, with the dependencies that form it.
///
/// # Errors
/// When a file is not Rust.
pub(super) fn offences(sources: &[Source]) -> Result<Vec<String>> {
    let files: Files<'_> =
        sources.iter().map(|source| (source.path.as_str(), source.text.as_str())).collect();
    offences_in(&files)
}

fn offences_in(files: &Files<'_>) -> Result<Vec<String>> {
    let mut offences = BTreeSet::new();
    for root in files.keys().filter(|path| is_root(path)) {
        offences.extend(cycles_of(root, files)?);
    }
    Ok(offences.into_iter().collect())
}

/// Whether cargo compiles this file as the root of a crate.
fn is_root(path: &str) -> bool {
    let parts: Vec<_> = path.rsplit('/').collect();
    matches!(
        parts.as_slice(),
        ["lib.rs" | "main.rs", "src", ..]
            | [_, "tests" | "examples" | "benches", ..]
            | ["main.rs", _, "tests" | "examples" | "benches", ..]
    )
}

fn cycles_of(root: &str, files: &Files<'_>) -> Result<Vec<String>> {
    let graph = Modules::read(root, files)?.dependencies();
    let cycles = graph::cycles(&graph).into_iter();
    Ok(cycles.filter_map(|cycle| crossing(&cycle, &graph, files)).collect())
}

/// Describes the cycle by its dependencies between folders, if it has any.
fn crossing(cycle: &BTreeSet<&str>, graph: &Dependencies, files: &Files<'_>) -> Option<String> {
    let mut ties = Vec::new();
    for file in cycle {
        for (other, name) in graph.get(*file)?.iter().filter(|(other, _)| cycle.contains(other.as_str())) {
            if folder_of(file, files) != folder_of(other, files) {
                ties.push(format!("\n    {file} uses {name} of {other}"));
            }
        }
    }
    let first = cycle.first()?;
    let size = cycle.len();
    (!ties.is_empty())
        .then(|| format!("{first}: in a cycle of {size} files that crosses folders:{}", ties.concat()))
}

/// The folder a file belongs to: its own for `x.rs` where there is a folder `x/` of modules.
fn folder_of<'a>(path: &'a str, files: &Files<'_>) -> &'a str {
    let stem = path.trim_end_matches(".rs");
    let below = format!("{stem}/");
    let has_folder = files.range(below.as_str()..).next().is_some_and(|(other, _)| other.starts_with(&below));
    if has_folder { stem } else { path.rsplit_once('/').map_or("", |(folder, _)| folder) }
}

#[cfg(test)]
mod tests;
