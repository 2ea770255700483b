//! Which nodes run, and which of them serves a sale.
//!
//! Each node says four times a second in the database that it runs. One that was not heard of for a second does not run for the others, and
//! they take over its sales as requests for them arrive. The database's clock alone decides.

use crate::metrics::NodeMetrics;
use crate::schema::{self, NodesError};
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Clock as _, Homes, SystemClock};
use fairseat_journal::StreamId;
use fairseat_postgres::{Connector, Demands, Pool};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// How often a node says that it runs.
const BEAT_EVERY: Duration = Duration::from_millis(250);
/// A node that was not heard of for so long does not run.
const LIVE_SECONDS: f64 = 1.0;
/// A node whose own message was not heard for so long asks again for every home.
const LIVE: Duration = Duration::from_secs(1);
/// How long an answer about a home is used.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// The most homes in memory; beyond it all are asked for again.
const MAX_KNOWN: usize = 100_000;
/// Streams whose homes are asked for in one statement.
const ASKED_AT_ONCE: usize = 500;
/// Connections of one node for questions about homes.
const CONNECTIONS: usize = 4;
/// A lost line costs nothing, so no commit waits for the disk. No statement may wait for long.
const SETUP: &str = "SET synchronous_commit = off; SET statement_timeout = '5s'";

const BEAT: &str = "SELECT id, address FROM fairseat_nodes.beat_1($1, $2, $3, $4)";
const HOMES: &str = "SELECT stream, fairseat_nodes.home_1(stream, $2, $3), fairseat_nodes.retires_1($3) FROM unnest($1::bigint[]) AS stream";
const RELEASE: &str = "SELECT fairseat_nodes.release_1($1, $2)";
const RETIRE: &str = "SELECT fairseat_nodes.retire_1($1)";
const LEAVE: &str = "SELECT fairseat_nodes.leave_1($1)";

/// How a node joins the others.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// Where other nodes reach this one, as `host:port`.
    pub address: String,
    /// Streams that this node keeps for itself: it serves no others, and no other node serves them. If there are none, it serves every stream that
    /// no node keeps for itself.
    pub only: Vec<StreamId>,
}

/// A node that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Another one for each process.
    pub id: String,
    /// Where other nodes reach it, as `host:port`.
    pub address: String,
}

/// Where a sale is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// On this node.
    Here,
    /// On another node, which runs.
    At(Node),
}

/// What a node knows about a stream.
#[derive(Clone, Debug)]
struct Known {
    home: Home,
    asked_at: Instant,
    /// Since when the home is the same; `None` if a node that retires may still be at work for it.
    since: Option<Timestamp>,
}

/// The nodes that share a database, as one of them sees them.
#[derive(Debug)]
pub struct Nodes {
    me: Node,
    only: Vec<i64>,
    pool: Pool,
    /// Saying that this node runs never waits behind questions.
    beats: Pool,
    alive: watch::Sender<Arc<BTreeMap<String, Node>>>,
    homes: Mutex<HashMap<StreamId, Known>>,
    /// Streams that fell asleep here and still have this node as their home in the database.
    asleep: Mutex<BTreeSet<i64>>,
    metrics: NodeMetrics,
}

impl Nodes {
    /// Connects to the table of nodes in the database of a connection string.
    ///
    /// # Errors
    /// [`NodesError`].
    pub async fn join(
        url: &str,
        demands: Demands,
        options: NodeOptions,
        metrics: NodeMetrics,
    ) -> Result<Arc<Self>, NodesError> {
        let connector = Arc::new(Connector::new(url, demands)?);
        let pool = Pool::new(connector.clone(), SETUP, CONNECTIONS);
        let beats = Pool::new(connector, SETUP, 1);
        let connection = pool.get().await?;
        schema::check(&connection.client).await?;
        pool.put_back(connection);
        Ok(Arc::new(Self {
            me: Node { id: Uuid::new_v4().to_string(), address: options.address },
            only: options.only.into_iter().map(signed).collect(),
            pool,
            beats,
            alive: watch::Sender::new(Arc::default()),
            homes: Mutex::default(),
            asleep: Mutex::default(),
            metrics,
        }))
    }

    /// Says for the first time that this node runs. From now on it may be the home of sales, so its listener must answer.
    ///
    /// # Errors
    /// [`NodesError`].
    pub async fn enter(&self) -> Result<(), NodesError> {
        self.beat(&BTreeMap::new()).await
    }

    /// This node.
    #[must_use]
    pub fn me(&self) -> &Node {
        &self.me
    }

    /// Says again and again that this node runs. It ends when the future is dropped.
    pub async fn run(self: Arc<Self>) {
        let (mut last, mut is_failing) = (Instant::now(), false);
        let (mut kept, mut kept_until) = (Arc::new(BTreeMap::new()), Instant::now());
        loop {
            tokio::time::sleep(BEAT_EVERY).await;
            if last.elapsed() > LIVE {
                // The database was away or this process stood still: the others have perhaps not been able to say that they run.
                (kept, kept_until) = (self.alive.borrow().clone(), Instant::now() + LIVE);
            } else if Instant::now() > kept_until {
                kept = Arc::default();
            }
            match self.beat(&kept).await {
                Ok(()) => {
                    if last.elapsed() > LIVE {
                        // Others may have taken over.
                        self.homes.lock().clear();
                    }
                    last = Instant::now();
                    if std::mem::take(&mut is_failing) {
                        tracing::info!("this node tells the others again that it runs");
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!(%error, "this node cannot tell the others that it runs, so each serves what it is asked for");
                    }
                }
            }
        }
    }

    /// Lets the others serve all sales from now on. What they have passed on to this node must still be answered.
    pub async fn retire(&self) {
        if let Err(error) = query(&self.beats, RETIRE, &[&self.me.id]).await {
            tracing::debug!(%error, "the other nodes pass requests on to this one until it stops");
        }
        self.homes.lock().clear();
    }

    /// Tells the others that this node stops.
    pub async fn leave(&self) {
        if let Err(error) = query(&self.beats, LEAVE, &[&self.me.id]).await {
            tracing::debug!(%error, "the other nodes learn a second later that this one has stopped");
        }
    }

    /// Says that this node runs, and learns which others do. Those in `kept` count as running too.
    async fn beat(&self, kept: &BTreeMap<String, Node>) -> Result<(), NodesError> {
        let known = &[&self.me.id as &(dyn ToSql + Sync), &self.me.address, &self.only, &LIVE_SECONDS];
        let rows = query(&self.beats, BEAT, known).await?;
        let alive: BTreeMap<String, Node> = rows
            .iter()
            .map(|row| Node { id: row.get(0), address: row.get(1) })
            .map(|node| (node.id.clone(), node))
            .chain(kept.clone())
            .collect();
        self.metrics.alive(alive.len());
        if **self.alive.borrow() != alive {
            self.alive.send_replace(Arc::new(alive));
        }
        self.release_asleep().await;
        Ok(())
    }

    /// Lets other nodes serve the sales that fell asleep here.
    async fn release_asleep(&self) {
        let asleep: Vec<i64> = std::mem::take(&mut *self.asleep.lock()).into_iter().collect();
        if !asleep.is_empty() && query(&self.beats, RELEASE, &[&asleep, &self.me.id]).await.is_err() {
            self.asleep.lock().extend(asleep);
        }
    }

    /// Where a stream is served from now on. It is this node if no other does, and also if that cannot be found out.
    pub async fn home_of(&self, stream: StreamId) -> Home {
        if let Some(known) = self.known(stream) {
            return known;
        }
        self.ask(vec![stream]).await.remove(&stream).unwrap_or(Home::Here)
    }

    /// Asks the database which node serves each of these streams from now on. The answer is empty if the database cannot be asked.
    async fn ask(&self, streams: Vec<StreamId>) -> BTreeMap<StreamId, Home> {
        let numbers: Vec<i64> = streams.iter().map(|stream| signed(*stream)).collect();
        self.asleep.lock().retain(|asleep| !numbers.contains(asleep));
        match query(&self.pool, HOMES, &[&numbers, &self.me.id, &LIVE_SECONDS]).await {
            Ok(rows) => rows
                .iter()
                .map(|row| {
                    let (stream, home) =
                        (StreamId(row.get::<_, i64>(0).unsigned_abs()), self.home_named(row.get(1)));
                    self.remember(stream, home.clone(), row.get(2));
                    (stream, home)
                })
                .collect(),
            Err(error) => {
                tracing::debug!(%error, "the nodes that serve sales cannot be found out");
                BTreeMap::new()
            }
        }
    }

    fn home_named(&self, id: Option<String>) -> Home {
        let other = id.filter(|id| *id != self.me.id).and_then(|id| self.alive.borrow().get(&id).cloned());
        other.map_or(Home::Here, Home::At)
    }

    fn known(&self, stream: StreamId) -> Option<Home> {
        let Known { home, asked_at, .. } = self.homes.lock().get(&stream)?.clone();
        let runs = match &home {
            Home::Here => true,
            Home::At(node) => self.alive.borrow().contains_key(&node.id),
        };
        (runs && asked_at.elapsed() < KNOWN_FOR).then_some(home)
    }

    fn remember(&self, stream: StreamId, home: Home, somebody_retires: bool) {
        let mut homes = self.homes.lock();
        if homes.len() >= MAX_KNOWN {
            homes.clear();
        }
        let before = homes.get(&stream).filter(|known| known.home == home).map(|known| known.since);
        let since = before.unwrap_or_else(|| (!somebody_retires).then(|| SystemClock.now()));
        homes.insert(stream, Known { home, asked_at: Instant::now(), since });
    }

    /// Asks again for the home of a stream when it is needed next.
    pub(crate) fn forget(&self, stream: StreamId) {
        self.homes.lock().remove(&stream);
    }

    /// Resolves when a node does not run any more.
    pub(crate) async fn gone(&self, node: &str) {
        let mut alive = self.alive.subscribe();
        // It cannot fail: `self` keeps the sender.
        drop(alive.wait_for(|alive| !alive.contains_key(node)).await);
    }

    pub(crate) fn metrics(&self) -> &NodeMetrics {
        &self.metrics
    }
}

async fn query(
    pool: &Pool,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<tokio_postgres::Row>, NodesError> {
    let connection = pool.get().await?;
    let statement = connection.prepare(sql).await?;
    let rows = connection.client.query(&statement, parameters).await?;
    pool.put_back(connection);
    Ok(rows)
}

impl Homes for Nodes {
    fn claim(&self, streams: Vec<StreamId>) -> BoxFuture<'_, Vec<StreamId>> {
        async move {
            let (mut ours, mut unknown) = (Vec::new(), Vec::new());
            for stream in streams {
                match self.known(stream) {
                    Some(Home::Here) => ours.push(stream),
                    Some(Home::At(_)) => {}
                    None => unknown.push(stream),
                }
            }
            for asked in unknown.chunks(ASKED_AT_ONCE) {
                let homes = self.ask(asked.to_vec()).await;
                let is_ours = |stream: &&StreamId| homes.get(stream).is_none_or(|home| *home == Home::Here);
                ours.extend(asked.iter().filter(is_ours));
            }
            ours
        }
        .boxed()
    }

    fn since(&self, stream: StreamId) -> Option<Timestamp> {
        self.homes.lock().get(&stream).filter(|known| known.home == Home::Here).and_then(|known| known.since)
    }

    fn release(&self, stream: StreamId) {
        self.forget(stream);
        self.asleep.lock().insert(signed(stream));
    }
}

/// SQL integers are signed; streams are below 2^63.
fn signed(stream: StreamId) -> i64 {
    i64::try_from(stream.0).unwrap_or(i64::MAX)
}
