//! Public reads: seats, maps, an event's data.

use super::{CONNECTIONS, RunOptions, closed};
use crate::dataset::DatasetSize;
use crate::load::Work;
use crate::measure::Row;
use crate::report::Section;
use crate::workspace::Workspace;
use anyhow::Result;

/// Public GETs of an event of 100,000 seats.
pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let workspace = Workspace::new(&options.dir)?;
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 1, accounts: 10_000 })?;
    let event = crate::dataset::hot_event_id(&dataset)?;
    let mut servers = [workspace.fairseat(&dataset)?];
    let rows = [
        ("availability_json", "availability, JSON, 33 kB", "/availability"),
        ("availability_changes", "availability since the current version", "/availability?since=1"),
        ("section_seats", "one section's 5,000 seats as JSON", "/seats?section=Block%200"),
        ("seat_map", "the map of 100,000 seats", "/seatmap"),
        ("event", "an event's data", ""),
    ];
    let row = |(key, label, rest): (&'static str, &str, &str)| Row {
        key,
        label: label.to_owned(),
        server: 0,
        load: closed(options, Work::Read(format!("/api/v1/events/{event}{rest}")), CONNECTIONS),
    };
    let rows = rows.map(row);
    let mut section =
        Section::new("Reads", "256 connections, closed loop, 10,000 addresses, no `Accept-Encoding`.");
    section.rows = options.measure(rows.to_vec(), &mut servers, options.rounds.min(3))?;
    Ok(section)
}
