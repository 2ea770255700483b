//! Viewers of a busy sale: the memory of each, and the delay until a change is on their map.

use super::{RunOptions, closed};
use crate::dataset::DatasetSize;
use crate::load::{Arrived, Seats, Spec, ViewersSeen, ViewersSpec, Watching, Work};
use crate::process::Process;
use crate::procfs::{cpu_seconds, resident_bytes};
use crate::report::{Figure, Section};
use crate::workspace::{Running, Workspace};
use anyhow::{Context, Result};
use std::path::Path;

/// Idle connections whose memory is measured.
const IDLE: u64 = 5_000;
/// How long seats are sold while viewers watch.
const BUSY_SECONDS: f64 = 10.0;

/// Numbers of viewers, and the seats sold per second. The memory of the last one is compared with the goal.
const CROWDS: [(u64, f64); 2] = [(5_000, 2_000.0), (10_000, 500.0)];

/// Returns the section, and the kilobytes of one viewer.
pub(super) fn section(options: &RunOptions) -> Result<(Section, f64)> {
    let workspace = Workspace::new(&options.dir)?;
    let mut section = Section::new("Viewers", INTRO);
    let mut kilobytes = 0.0;
    for (viewers, sales) in CROWDS {
        let dataset = dataset(&workspace, &format!("fairseat-{viewers}"))?;
        let figures = crowd(&warm(&workspace, &dataset, options)?, &dataset, viewers, sales)?;
        kilobytes = figures.first().map_or(0.0, |memory| memory.value);
        section.figures.extend(figures);
    }
    // Each measurement has its own server: memory freed in one would be reused in the next.
    let idle = idle_connections(&warm(&workspace, &dataset(&workspace, "fairseat-idle")?, options)?)?;
    section.figures.push(Figure::new("memory an idle keep-alive connection".to_owned(), idle / 1e3, "kB"));
    Ok((section, kilobytes))
}

pub(super) fn dataset(workspace: &Workspace, name: &str) -> Result<std::path::PathBuf> {
    workspace.dataset(name, DatasetSize { seats: 100_000, events: 2, accounts: 20_000 })
}

/// A sale that was watched.
pub(super) struct Watched {
    /// Bytes of the server's memory for each viewer, before and after the sale.
    each: f64,
    busy: f64,
    pub(super) seen: ViewersSeen,
    /// Processor seconds of the server while seats were sold.
    pub(super) cpu_seconds: f64,
}

/// Measures memory first, then delays and maps during a sale.
pub(super) fn watch(server: &Running, dataset: &Path, viewers: u64, sales: f64) -> Result<Watched> {
    let event = format!("/api/v1/events/{}", crate::dataset::first_event_id(dataset)?);
    let selling = Spec {
        address: server.address.clone(),
        others: Vec::new(),
        servers: vec![server.process.id()],
        helpers: Vec::new(),
        connections: 64,
        rate: Some(sales),
        warm_up: 0.0,
        seconds: BUSY_SECONDS,
        work: Work::reserve(Seats::Spread),
        dataset: Some(dataset.to_owned()),
        from: server.used,
    };
    let watching = Some(Watching { event, selling });
    let before = resident(server);
    let mut process = Process::role(["viewers"])?;
    process.send(&ViewersSpec { address: server.address.clone(), viewers, watching })?;
    let arrived: Arrived = process.receive()?;
    let each = (resident(server) - before) / arrived.connected as f64;
    let cpu = cpu_seconds(&server.nodes());
    let seen: ViewersSeen = process.receive()?;
    let busy = (resident(server) - before) / arrived.connected as f64;
    Ok(Watched { each, busy, seen, cpu_seconds: cpu_seconds(&server.nodes()) - cpu })
}

fn crowd(server: &Running, dataset: &Path, viewers: u64, sales: f64) -> Result<Vec<Figure>> {
    let Watched { each, busy, seen, .. } = watch(server, dataset, viewers, sales)?;
    let frames = seen.frames as f64;
    let about = format!("{viewers} viewers, {sales} seats a second");
    let figure = |what: &str, value: f64, unit: &str| Figure::new(format!("{about}: {what}"), value, unit);
    let bytes = format!(
        "{:.0} B each; {} reloads after missed changes",
        seen.bytes as f64 / frames.max(1.0),
        seen.reloads
    );
    Ok(vec![
        figure("memory per viewer", each / 1e3, "kB"),
        figure("memory per viewer after the sale, its orders included", busy / 1e3, "kB"),
        figure("sold", seen.sold as f64 / seen.seconds, "/s"),
        figure("frames", frames / seen.seconds, "/s").with_note(&bytes),
        figure("maps equal to the server's at the end", seen.true_maps as f64, &format!("of {viewers}")),
        figure("delay from a buyer's request to the change on a map", seen.delays.quantile_ms(0.5), "ms")
            .with_latency(&seen.delays),
    ])
}

/// A server that has already answered requests, so that one-time allocations are not counted.
pub(super) fn warm(workspace: &Workspace, dataset: &Path, options: &RunOptions) -> Result<Running> {
    let event = crate::dataset::first_event_id(dataset)?;
    let mut server = workspace.fairseat(dataset)?;
    server.load(&closed(options, Work::Read(format!("/api/v1/events/{event}/availability")), 32))?;
    Ok(server)
}

/// Bytes of an idle connection.
fn idle_connections(server: &Running) -> Result<f64> {
    let before = resident(server);
    let spec = ViewersSpec { address: server.address.clone(), viewers: IDLE, watching: None };
    let mut connections = Process::role(["viewers"])?;
    connections.send(&spec)?;
    let arrived: Arrived = connections.receive()?;
    let each = (resident(server) - before) / arrived.connected as f64;
    let _left: ViewersSeen = connections.receive().context("the viewers ended early")?;
    Ok(each)
}

fn resident(server: &Running) -> f64 {
    resident_bytes(server.process.id()) as f64
}

const INTRO: &str = "Live WebSockets of one sale, compact frames, all in one process that keeps each viewer's map of 100,000 seats; resident \
    memory of the server. Changes are collected for 0.1 s before they are sent, with 10,000 viewers for 1 s. A delay is measured for each \
    seat on each map, from the buyer's request. Afterwards each map is compared with the server's.";
