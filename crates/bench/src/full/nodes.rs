//! One, two and four nodes that get commands for the same sale, with and without passing them on.

use super::comparison::database_share;
use super::{CONNECTIONS, RunOptions, closed};
use crate::baselines::PostgresServer;
use crate::cluster::Sharing::{self, Forwarding, Racing};
use crate::dataset::DatasetSize;
use crate::load::{Cursor, Seats, Work};
use crate::measure::{Measured, Row, interleaved};
use crate::report::{Figure, Section};
use crate::workspace::{Load, Workspace};
use anyhow::{Context, Result};

/// Key, number of nodes, how they share the sale.
const ROWS: [(&str, usize, Sharing); 6] = [
    ("racing_1", 1, Racing),
    ("racing_2", 2, Racing),
    ("racing_4", 4, Racing),
    ("forwarding_1", 1, Forwarding),
    ("forwarding_2", 2, Forwarding),
    ("forwarding_4", 4, Forwarding),
];

/// Every row has a database of its own. Its nodes run only while it is measured, because idle nodes ask the database too.
pub(super) fn section(options: &RunOptions) -> Result<Section> {
    let mut section = Section::new("Nodes that share one sale", INTRO);
    let workspace = Workspace::new(&options.dir)?;
    let Some(server) = PostgresServer::start(&workspace.path("postgres"))? else {
        section.missing.push("Not measured: PostgreSQL is not installed.".to_owned());
        return Ok(section);
    };
    let dataset =
        workspace.dataset("fairseat", DatasetSize { seats: 100_000, events: 4, accounts: 20_000 })?;
    let venue = workspace.venue(&dataset, &server, "venue")?;
    let mut rows = Vec::new();
    for (key, count, sharing) in ROWS {
        rows.push((key, count, sharing, venue.copy(key)?, Cursor::default()));
    }
    for _ in 0..options.rounds.min(3) {
        for (place, (key, count, sharing, venue, used)) in rows.iter_mut().enumerate() {
            let mut nodes = venue.serve(*count, *sharing)?;
            nodes.used = *used;
            let load = Load { warm_up: 1.0, ..closed(options, Work::reserve(Seats::Spread), CONNECTIONS) };
            let row = Row { key, label: label(*count, *sharing), server: 0, load };
            let mut servers = [nodes];
            let measured = interleaved(&[row], &mut servers, 1)?.pop().context("nothing was measured")?;
            *used = servers[0].used;
            match section.rows.get_mut(place) {
                Some(earlier) => earlier.rounds.extend(measured.rounds),
                None => section.rows.push(measured),
            }
        }
    }
    section.figures = section.rows.iter().map(database_share).collect();
    if let Some((first, others)) = section.rows.split_first() {
        let ratio =
            |row: &Measured| Figure::new(format!("{} ÷ {}", row.label, first.label), row.over(first), "");
        section.figures.extend(others.iter().map(ratio));
    }
    Ok(section)
}

fn label(count: usize, sharing: Sharing) -> String {
    let nodes = if count == 1 { "one node".to_owned() } else { format!("{count} nodes") };
    let how = match sharing {
        Racing if count == 1 => "alone",
        Racing => "all write the sale",
        Forwarding if count == 1 => "with --nodes-listen",
        Forwarding => "commands are passed on to its home",
    };
    format!("reserve, one sale, {nodes}: {how}")
}

const INTRO: &str = "256 connections, closed loop, spread evenly over the nodes, as a load balancer would that knows nothing of events. All buyers \
    reserve seats of the same sale. Nodes, PostgreSQL and load share two cores, so that more nodes have no more processors.";
