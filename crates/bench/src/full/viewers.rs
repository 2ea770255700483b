//! Five thousand people who watch a busy sale, and what each of them costs the server.

use super::{Pace, closed};
use crate::load::{Seats, ViewersSeen, ViewersSpec, Work};
use crate::proc::resident_bytes;
use crate::process::Process;
use crate::report::{Figure, Section};
use crate::scene::Wanted;
use crate::stage::{Load, Running, Stage};
use anyhow::{Context, Result};
use std::path::Path;

const VIEWERS: u64 = 5_000;
/// How long the sale is busy under their eyes.
const BUSY_SECONDS: f64 = 8.0;
const SALES_A_SECOND: f64 = 2_000.0;

/// Answers the section and the kilobytes a viewer.
pub(super) fn section(pace: &Pace) -> Result<(Section, f64)> {
    let stage = Stage::new(&pace.dir)?;
    let scene = stage.scene("fairseat", Wanted { seats: 100_000, events: 2, accounts: 20_000 })?;
    let event = crate::scene::first_event_id(&scene)?;
    // A server for each: what the one leaves behind would be room for the other.
    let idle = idle_connections(&warm(&stage, &scene, pace)?)?;
    let mut server = warm(&stage, &scene, pace)?;

    let before = resident(&server);
    let live = Some(format!("/api/v1/events/{event}/live"));
    let spec =
        ViewersSpec { address: server.address.clone(), viewers: VIEWERS, live, seconds: BUSY_SECONDS + 4.0 };
    let mut viewers = Process::role(["viewers"])?;
    viewers.send(&spec)?;
    let arrived: ViewersSeen = viewers.receive()?;
    let each = (resident(&server) - before) / arrived.connected as f64;
    let selling = Load {
        rate: Some(SALES_A_SECOND),
        seconds: BUSY_SECONDS,
        ..closed(pace, Work::reserve(Seats::Spread), 64)
    };
    let sold = server.load(&selling)?;
    let busy = (resident(&server) - before) / arrived.connected as f64;
    let seen: ViewersSeen = viewers.receive()?;
    let messages = seen.messages as f64;
    let mut section =
        Section::new("Viewers", "Live WebSockets of one sale, JSON frames; resident memory of the server.");
    section.figures = vec![
        Figure::new(format!("memory a viewer, {VIEWERS} of them"), each / 1e3, "kB"),
        Figure::new("memory an idle keep-alive connection".to_owned(), idle / 1e3, "kB"),
        Figure::new(
            "memory a viewer after the busy time, with what was sold in it".to_owned(),
            busy / 1e3,
            "kB",
        ),
        Figure::new("reservations meanwhile".to_owned(), sold.operations as f64 / sold.seconds, "/s")
            .with_latency(&sold.latencies),
        Figure::new("frames sent to viewers".to_owned(), messages / (BUSY_SECONDS + 4.0), "/s").with_note(
            &format!("{:.0} B each; {} viewers lost", seen.bytes as f64 / messages.max(1.0), seen.lost),
        ),
    ];
    Ok((section, each / 1e3))
}

/// A server that has answered before: what a first request leaves behind is there before memory is read.
fn warm(stage: &Stage, scene: &Path, pace: &Pace) -> Result<Running> {
    let event = crate::scene::first_event_id(scene)?;
    let mut server = stage.fairseat(scene)?;
    server.load(&closed(pace, Work::Read(format!("/api/v1/events/{event}/availability")), 32))?;
    Ok(server)
}

/// Bytes of an idle connection.
fn idle_connections(server: &Running) -> Result<f64> {
    let before = resident(server);
    let spec = ViewersSpec { address: server.address.clone(), viewers: VIEWERS, live: None, seconds: 0.5 };
    let mut connections = Process::role(["viewers"])?;
    connections.send(&spec)?;
    let arrived: ViewersSeen = connections.receive()?;
    let each = (resident(server) - before) / arrived.connected as f64;
    let _left: ViewersSeen = connections.receive().context("they left early")?;
    Ok(each)
}

fn resident(server: &Running) -> f64 {
    resident_bytes(server.process.id()) as f64
}
