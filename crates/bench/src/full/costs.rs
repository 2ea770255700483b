//! What capacity is planned with (docs/capacity.md): the processor time of a viewer, and the bytes that an order leaves behind.

use super::viewers::{Watched, dataset, warm, watch};
use super::{RunOptions, storage};
use crate::report::{Figure, Section};
use crate::workspace::Workspace;
use anyhow::{Context, Result};

/// Two crowds that watch the same number of sales a second. What the larger one costs more, its viewers cost.
const CROWDS: [u64; 2] = [100, 5_000];
/// Seats sold a second while they watch.
const SALES: f64 = 500.0;

pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("Costs for planning", INTRO);
    section.figures = viewers(options)?;
    section.figures.extend(storage::figures(options, &mut section.missing)?);
    Ok(section)
}

fn viewers(options: &RunOptions) -> Result<Vec<Figure>> {
    let workspace = Workspace::new(&options.dir)?;
    let mut watched = Vec::new();
    for viewers in CROWDS {
        let dataset = dataset(&workspace, &format!("fairseat-{viewers}"))?;
        watched.push(watch(&warm(&workspace, &dataset, options)?, &dataset, viewers, SALES)?);
    }
    let [few, many]: [Watched; 2] = watched.try_into().ok().context("two crowds")?;
    let [frames, seconds, bytes] = [
        (many.seen.frames - few.seen.frames) as f64,
        many.cpu_seconds - few.cpu_seconds,
        (many.seen.bytes - few.seen.bytes) as f64,
    ];
    let about = format!("a viewer of a live map, {} seats sold a second", SALES);
    let note = format!(
        "{} and {} viewers compared; {:.1} frames a second to each of the latter",
        CROWDS[0],
        CROWDS[1],
        many.seen.frames as f64 / many.seen.seconds / CROWDS[1] as f64
    );
    Ok(vec![
        Figure::new(format!("{about}: processor for each frame"), seconds * 1e6 / frames, "µs")
            .with_note(&note),
        Figure::new(format!("{about}: bytes of a frame"), bytes / frames, "B")
            .with_note("without the headers of WebSocket, TCP and TLS"),
        Figure::new(
            format!("{about}: bytes a second to each viewer"),
            many.seen.bytes as f64 / many.seen.seconds / CROWDS[1] as f64,
            "B",
        ),
    ])
}

const INTRO: &str = "The processor time of viewers is that of the server, without PostgreSQL. Bytes of orders are what journal and store have grown by \
    after views, letters and audit trail were written, divided by the number of orders, each with its reservation and its payment at the sandbox. On SQLite: pages in use. On \
    PostgreSQL: tables with their indexes after `VACUUM`. *later deleted*: letters that were not sent yet, idempotency keys, and the sandbox's records, which a real \
    provider keeps itself.";
