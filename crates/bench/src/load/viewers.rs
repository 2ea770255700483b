//! Viewers of a sale: thousands of open seat maps, or thousands of idle connections.
//!
//! Prints one line when all viewers are connected, so that the server's memory can be read, and one line at the end with the result. Each
//! viewer keeps a real map, as the browser does. A load on another thread of this process sells the seats, so that the delay between a
//! reservation request and its change on a map can be measured.

use super::connection::Connection;
use super::crowd::{Crowd, address_of};
use super::feed::Feed;
use super::map::SeatMap;
use super::{Histogram, Outcome, Spec};
use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::LocalSet;

/// What the viewers do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ViewersSpec {
    pub(crate) address: String,
    pub(crate) viewers: u64,
    /// The sale they watch; without it, each connection sends one small request and then stays idle.
    pub(crate) watching: Option<Watching>,
}

/// A busy sale that is watched.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Watching {
    /// The event's path: `/api/v1/events/…`
    pub(crate) event: String,
    /// How its seats are sold.
    pub(crate) selling: Spec,
}

/// The first line: all viewers are connected.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) connected: u64,
}

/// The second line: the result.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ViewersSeen {
    /// Frames that all viewers received together, and their bytes.
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// Frames that told a viewer to load its map again, because it had missed a change.
    pub(crate) reloads: u64,
    /// For each seat on each map: the time from the reservation request to the change on the map.
    pub(crate) delays: Histogram,
    /// Viewers whose map equals the server's at the end.
    pub(crate) true_maps: u64,
    /// Seats that were sold.
    pub(crate) sold: u64,
    /// Seconds during which seats were sold.
    pub(crate) seconds: f64,
}

/// The pause after the last connection, in which the server's memory is read.
const PAUSE: Duration = Duration::from_secs(2);
/// Changes that have not arrived this long after the last sale count as lost.
const END_TIMEOUT: Duration = Duration::from_secs(20);
/// Connections opened at once.
const AT_ONCE: u64 = 64;

pub(super) fn run(spec: &ViewersSpec) -> Result<()> {
    let _files = fairseat_edge::listener::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        match &spec.watching {
            Some(watching) => watch(spec, watching).await,
            None => wait(spec).await,
        }
    })
}

/// Opens idle connections.
async fn wait(spec: &ViewersSpec) -> Result<()> {
    for _ in 0..spec.viewers {
        let mut waiting = Connection::open(&spec.address).await?;
        waiting.exchange(b"GET /healthz HTTP/1.1\r\nhost: bench\r\n\r\n").await?;
        tokio::task::spawn_local(async move {
            let _open = waiting;
            pending::<()>().await;
        });
    }
    super::print_line(&Arrived { connected: spec.viewers })?;
    tokio::time::sleep(PAUSE / 2).await;
    super::print_line(&ViewersSeen::default())
}

async fn watch(spec: &ViewersSpec, watching: &Watching) -> Result<()> {
    let crowd =
        Arc::new(Crowd::open(watching.selling.dataset.as_deref(), watching.selling.from)?.recording());
    let shared = Rc::new(Viewers {
        address: spec.address.clone(),
        event: watching.event.clone(),
        crowd: crowd.clone(),
        seen: RefCell::default(),
    });
    let first = shared.map().await?;
    let mut viewers = Vec::new();
    for begin in (0..spec.viewers).step_by(usize::try_from(AT_ONCE)?) {
        let open = (begin..spec.viewers.min(begin + AT_ONCE)).map(|number| {
            let path = format!("{}/live?format=binary", watching.event);
            async move { Feed::open(&spec.address, &path, address_of(number)).await }
        });
        for feed in futures::future::try_join_all(open).await? {
            viewers.push(Rc::new(RefCell::new(first.clone())));
            let (shared, map) = (shared.clone(), viewers.last().context("just made")?.clone());
            tokio::task::spawn_local(async move {
                // A viewer that is disconnected keeps an outdated map, which shows in the result.
                drop(shared.look(feed, &map).await);
            });
        }
    }
    super::print_line(&Arrived { connected: spec.viewers })?;
    tokio::time::sleep(PAUSE).await;

    let (sold, begun) = (sell(watching.selling.clone(), crowd).await?, tokio::time::Instant::now());
    let truth = shared.map().await?;
    let all_current = async {
        while viewers.iter().any(|map| map.borrow().version() < truth.version()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // After the time-out, outdated maps show in the result.
    drop(tokio::time::timeout_at(begun + END_TIMEOUT, all_current).await);
    let mut seen = shared.seen.take();
    seen.true_maps = viewers.iter().filter(|map| map.borrow().shows_the_same_as(&truth)).count() as u64;
    seen.sold = sold.operations;
    seen.seconds = watching.selling.warm_up + watching.selling.seconds;
    super::print_line(&seen)
}

/// Sells seats on another thread.
async fn sell(spec: Spec, crowd: Arc<Crowd>) -> Result<Outcome> {
    let selling = tokio::task::spawn_blocking(move || super::drive(&spec, crowd));
    selling.await.map_err(|_panic| anyhow!("the load panicked"))?
}

/// The state that all viewers share.
struct Viewers {
    address: String,
    event: String,
    crowd: Arc<Crowd>,
    seen: RefCell<ViewersSeen>,
}

impl Viewers {
    /// The server's current map.
    async fn map(&self) -> Result<SeatMap> {
        let path = format!("{}/availability?format=binary", self.event);
        let mut connection = Connection::open(&self.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        let answer = connection.exchange(request.as_bytes()).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        SeatMap::read(answer.body).context("no map")
    }

    /// One viewer, until its connection ends.
    async fn look(&self, mut feed: Feed, map: &RefCell<SeatMap>) -> Result<()> {
        loop {
            let frame = feed.next().await?;
            let reload = {
                let mut seen = self.seen.borrow_mut();
                seen.frames += 1;
                seen.bytes += frame.payload.len() as u64;
                let reload = !frame.is_binary && frame.payload.ends_with(b"\"reload\":true}");
                seen.reloads += u64::from(reload);
                reload
            };
            if reload {
                *map.borrow_mut() = self.map().await?;
            } else if frame.is_binary {
                self.take(map, &frame.payload)?;
            }
        }
    }

    fn take(&self, map: &RefCell<SeatMap>, payload: &[u8]) -> Result<()> {
        let mut seen = self.seen.borrow_mut();
        let taken = map.borrow_mut().take(payload, |seat| {
            if let Some(delay) = self.crowd.since_asked(seat) {
                seen.delays.record(delay);
            }
        });
        if !taken {
            bail!("a frame that cannot be read");
        }
        Ok(())
    }
}
