//! People who look at a sale: thousands of open maps, or of connections that only wait.
//!
//! Prints one line when all are there, so that the server's memory can be read, and one at the end with what they saw. The maps are real
//! ones, kept as the browser keeps them; seats are sold by a load in the same process, on a thread of its own, so that what a viewer sees
//! can be told from when it was asked for.

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

/// Who comes to look.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ViewersSpec {
    pub(crate) address: String,
    pub(crate) viewers: u64,
    /// What they look at; without it their connections ask for something small once and then wait.
    pub(crate) watching: Option<Watching>,
}

/// A sale that is busy under many eyes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Watching {
    /// The event's path: `/api/v1/events/…`
    pub(crate) event: String,
    /// How its seats are sold.
    pub(crate) selling: Spec,
}

/// How many came.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) connected: u64,
}

/// What they saw.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ViewersSeen {
    /// Frames all of them were sent, and their bytes.
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// Frames that told of something missed, so that the map was asked for anew.
    pub(crate) reloads: u64,
    /// From when somebody asked for a seat until it was taken on somebody's map, for each seat on each map.
    pub(crate) delays: Histogram,
    /// Viewers whose map is the server's at the end.
    pub(crate) true_maps: u64,
    /// Seats that were sold.
    pub(crate) sold: u64,
    /// Seconds it took.
    pub(crate) seconds: f64,
}

/// Between the last arrival and the first sale: the server's memory is read then.
const PAUSE: Duration = Duration::from_secs(2);
/// What is on its way when the last seat was sold arrives within this time, or counts as lost.
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

/// Connections that are open and nothing else.
async fn wait(spec: &ViewersSpec) -> Result<()> {
    for _ in 0..spec.viewers {
        let mut waiting = Connection::open(&spec.address).await?;
        waiting.exchange(b"GET /healthz HTTP/1.1\r\nhost: bench\r\n\r\n").await?;
        tokio::task::spawn_local(async move {
            let _open = waiting;
            pending::<()>().await;
        });
    }
    super::tell(&Arrived { connected: spec.viewers })?;
    tokio::time::sleep(PAUSE / 2).await;
    super::tell(&ViewersSeen::default())
}

async fn watch(spec: &ViewersSpec, watching: &Watching) -> Result<()> {
    let crowd = Arc::new(Crowd::open(watching.selling.dataset.as_deref(), watching.selling.from)?.noting());
    let house = Rc::new(House {
        address: spec.address.clone(),
        event: watching.event.clone(),
        crowd: crowd.clone(),
        seen: RefCell::default(),
    });
    let first = house.map().await?;
    let mut viewers = Vec::new();
    for begin in (0..spec.viewers).step_by(usize::try_from(AT_ONCE)?) {
        let open = (begin..spec.viewers.min(begin + AT_ONCE)).map(|number| {
            let path = format!("{}/live?format=binary", watching.event);
            async move { Feed::open(&spec.address, &path, address_of(number)).await }
        });
        for feed in futures::future::try_join_all(open).await? {
            viewers.push(Rc::new(RefCell::new(first.clone())));
            let (house, map) = (house.clone(), viewers.last().context("just made")?.clone());
            tokio::task::spawn_local(async move {
                // Whoever is cut off keeps an old map, and is counted by it.
                drop(house.look(feed, &map).await);
            });
        }
    }
    super::tell(&Arrived { connected: spec.viewers })?;
    tokio::time::sleep(PAUSE).await;

    let (sold, begun) = (sell(watching.selling.clone(), crowd).await?, tokio::time::Instant::now());
    let truth = house.map().await?;
    let all_know = async {
        while viewers.iter().any(|map| map.borrow().version() < truth.version()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    // Whoever does not know it then is counted by their map.
    drop(tokio::time::timeout_at(begun + END_TIMEOUT, all_know).await);
    let mut seen = house.seen.take();
    seen.true_maps = viewers.iter().filter(|map| map.borrow().shows_the_same_as(&truth)).count() as u64;
    seen.sold = sold.operations;
    seen.seconds = watching.selling.warm_up + watching.selling.seconds;
    super::tell(&seen)
}

/// Sells on a thread of its own.
async fn sell(spec: Spec, crowd: Arc<Crowd>) -> Result<Outcome> {
    let selling = tokio::task::spawn_blocking(move || super::drive(&spec, crowd));
    selling.await.map_err(|_panic| anyhow!("the load panicked"))?
}

/// What all viewers share.
struct House {
    address: String,
    event: String,
    crowd: Arc<Crowd>,
    seen: RefCell<ViewersSeen>,
}

impl House {
    /// The server's map as it is now.
    async fn map(&self) -> Result<SeatMap> {
        let path = format!("{}/availability?format=binary", self.event);
        let mut connection = Connection::open(&self.address).await?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        let answer = connection.exchange(request.as_bytes()).await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        SeatMap::read(answer.body).context("no map")
    }

    /// One viewer, for as long as the server talks to them.
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
