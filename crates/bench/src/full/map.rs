//! The seat map in a browser that is slowed down to the speed of a cheap phone.

use super::RunOptions;
use crate::dataset::DatasetSize;
use crate::process::output;
use crate::report::{Figure, Section};
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The script that drives the browser; the bench is run in the repository's root.
const SCRIPT: &str = "crates/web/tests/map/measure.mjs";
/// The folder in which `./test.sh` installs playwright-core.
const PLAYWRIGHT: &str = "target/pages/node_modules/playwright-core";
const CHROMIUM: &str = "/usr/bin/chromium";
/// By how much the page's processor is slowed down.
const THROTTLE: &str = "4";

/// Loads and drags a map of 100,000 seats.
pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("The seat map", INTRO);
    let found = |variable: &str, usual: &str| {
        std::env::var_os(variable).map_or_else(|| PathBuf::from(usual), PathBuf::from)
    };
    let (playwright, chromium) = (found("PLAYWRIGHT_CORE", PLAYWRIGHT), found("CHROMIUM", CHROMIUM));
    if ![&playwright, &chromium, &PathBuf::from(SCRIPT)].into_iter().all(|path| path.exists()) {
        section.missing.push(
            "Not measured: it takes the repository, node, Chromium and playwright-core, which `./test.sh` installs.".to_owned(),
        );
        return Ok(section);
    }
    let workspace = Workspace::new(&options.dir)?;
    let dataset = workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 1, accounts: 1 })?;
    let server = workspace.fairseat(&dataset)?;
    let page = format!("http://{}/events/{}/seats", server.address, crate::dataset::hot_event_id(&dataset)?);
    let mut node = Command::new("node");
    node.args([SCRIPT, &page, "--throttle", THROTTLE, "--json"]);
    node.env("PLAYWRIGHT_CORE", absolute(&playwright)?).env("CHROMIUM", chromium);
    let measured: Value = serde_json::from_str(&output(&mut node)?).context("the measurement is no JSON")?;
    let figure =
        |label: &str, value: &Value| Figure::new(label.to_owned(), value.as_f64().unwrap_or(f64::NAN), "ms");
    section.figures.push(figure("time from navigation to a usable map", &measured["readyMs"]));
    section.figures.push(figure("longest task while loading", &measured["longestTaskLoadingMs"]));
    for level in ["sections", "dots", "seats"] {
        let seen = &measured["levels"][level];
        let text = |name: &str| format!("{level}: {name}");
        let spread =
            |kind: &str| format!("95 % within {} ms, {} frames", seen[kind]["p95"], seen[kind]["frames"]);
        for (name, kind) in [
            ("a frame, with repainted tiles", "frame"),
            ("part of a frame: copying tiles", "blit"),
            ("part of a frame: painting changed seats", "patch"),
        ] {
            section.figures.push(figure(&text(name), &seen[kind]["median"]).with_note(&spread(kind)));
        }
        section.figures.push(figure(&text("longest task while dragging"), &seen["longestTaskMs"]));
    }
    Ok(section)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("no {}", path.display()))
}

const INTRO: &str = "Headless Chromium, 390 × 844 points at two pixels each, its processor throttled to a quarter, on the same cores as the \
    server. The map of 100,000 seats is dragged at each of its levels for six seconds while 5,000 seats a second change. Tasks are those \
    of the page's main thread in the browser's trace; the goal is none above 100 ms while dragging, and under 4 ms for copying tiles, in 95 of 100 frames.";
