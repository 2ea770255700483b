//! Whether the cost of an operation stays the same with more sales, more seats and more facts.

use super::{CONNECTIONS, RunOptions, closed};
use crate::dataset::DatasetSize;
use crate::inprocess::Part;
use crate::load::{Seats, Work};
use crate::measure::{Row, interleaved};
use crate::report::Section;
use crate::workspace::{Load, Workspace};
use anyhow::Result;

/// The number of seats of all events of a data set together.
const SEATS: u32 = 400_000;

/// Rows with more sales at once, more seats in a sale, and more facts in its journal.
pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("Growth", INTRO);
    for (sales, name) in [(10_u32, "10"), (100, "100"), (1_000, "1,000"), (9_900, "9,900")] {
        let wanted = DatasetSize {
            seats: (SEATS / sales / 100 * 100).max(100),
            events: sales as usize,
            accounts: 20_000,
        };
        let work = Work::Reserve { seats: Seats::Everywhere, turn: 10 };
        section.rows.push(one(options, format!("reserve, {name} sales at once"), wanted, work)?);
    }
    for (seats, name) in [(100_u32, "100"), (1_000, "1,000"), (10_000, "10,000"), (100_000, "100,000")] {
        let wanted = DatasetSize { seats, events: (SEATS / seats).min(2_000) as usize, accounts: 20_000 };
        let work = Work::reserve(Seats::Spread);
        section.rows.push(one(
            options,
            format!("reserve, one sale of {name} seats after the other"),
            wanted,
            work,
        )?);
    }
    section.figures = super::in_process(options, Part::History, &[])?;
    Ok(section)
}

fn one(
    options: &RunOptions,
    label: String,
    wanted: DatasetSize,
    work: Work,
) -> Result<crate::measure::Measured> {
    let workspace = Workspace::new(&options.dir)?;
    let dataset = workspace.dataset("fairseat", wanted)?;
    let mut servers = [workspace.fairseat(&dataset)?];
    // Long enough to wake all sales, and short enough not to sell out.
    let warm_up = if matches!(work, Work::Reserve { seats: Seats::Everywhere, .. }) { 3.0 } else { 0.8 };
    let load = Load { warm_up, seconds: options.seconds.min(1.0), ..closed(options, work, CONNECTIONS) };
    let rows = [Row { key: "growth", label, server: 0, load }];
    let mut measured = interleaved(&rows, &mut servers, 1)?;
    measured.pop().ok_or_else(|| anyhow::anyhow!("nothing was measured"))
}

const INTRO: &str = "256 connections, closed loop, one round each. With many sales at once each request is for another sale, and every \
    sale commits by itself; with one sale after the other buyers turn to the next when one is sold out. Below: commands a second on one \
    sale in the engine with so many facts behind it.";
