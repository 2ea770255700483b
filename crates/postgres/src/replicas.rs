//! Read replicas: standbys that answer queries which may be a little late, so that the primary has less to do.
//!
//! How late a replica is, is measured by its content and not by positions of its log, which differ between services and after a promotion. Once a
//! second we count a row up on the primary, the beat, and look which number each replica shows. A replica that shows a number has
//! everything that was committed before we wrote that number.
//!
//! What must always hold: a replica that is chosen has everything that was committed [`MAX_DELAY`] ago.

use crate::connect::{Connector, failed};
use crate::error::ServerError;
use crate::pool::Pool;
use fairseat_breaker::{Breaker, BreakerOptions, Outcome, Permit};
use futures::future::join_all;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// The oldest state that a replica which is asked may have.
pub const MAX_DELAY: Duration = Duration::from_secs(5);

/// The time from one beat to the next.
const BEAT: Duration = Duration::from_secs(1);
/// A server that does not answer a beat for this long is asked again at the next.
const PATIENCE: Duration = Duration::from_secs(2);

/// The statements of a beat. Both return the beat's number as a `bigint`, and as `bytea` what tells one installation's database from another's.
#[derive(Clone, Copy, Debug)]
pub struct BeatStatements {
    /// Counts up, on the primary.
    pub write: &'static str,
    /// Looks, on a replica.
    pub read: &'static str,
}

/// A read replica.
#[derive(Debug)]
pub struct Replica {
    name: String,
    pool: Arc<Pool>,
    breaker: Breaker,
    /// Everything that was committed until then is here; `None` if that is not known.
    shows: Mutex<Option<Instant>>,
}

/// The state of a replica, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Its host and port.
    pub name: String,
    /// How late it is; `None` while it cannot be used or that is not known.
    pub delay: Option<Duration>,
}

impl Replica {
    /// Its connections.
    #[must_use]
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Notes that it failed to answer: it is not asked until it shows a beat again.
    pub fn fail(&self, reason: &str) {
        *self.shows() = None;
        if let Some(permit) = self.breaker.permit() {
            self.failed(permit, reason);
        }
    }

    fn failed(&self, permit: Permit, reason: &str) {
        if permit.fail() == Outcome::Opened {
            tracing::warn!(replica = self.name, reason, "a database replica is away: the primary answers");
        }
    }

    fn delay(&self) -> Option<Duration> {
        self.shows().map(|at| at.elapsed()).filter(|delay| *delay <= MAX_DELAY)
    }

    fn shows(&self) -> MutexGuard<'_, Option<Instant>> {
        self.shows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The read replicas of one database.
#[derive(Debug)]
pub struct Replicas {
    replicas: Arc<[Replica]>,
    next: AtomicUsize,
    beats: AbortHandle,
}

impl Drop for Replicas {
    fn drop(&mut self) {
        self.beats.abort();
    }
}

impl Replicas {
    /// Connects to the replicas at these addresses, each with so many connections, on which `setup` is run. A replica that is away is used when it is
    /// there.
    ///
    /// # Errors
    /// [`ServerError::BadReplicaUrl`]; [`ServerError::OtherDatabase`] when a replica is one of another database. Whether one is, is also checked later: then
    /// it is not used.
    pub async fn open(
        primary: Arc<Connector>,
        urls: &[String],
        (setup, connections): (&'static str, usize),
        statements: BeatStatements,
    ) -> Result<Self, ServerError> {
        let replica = |url: &String| {
            let connector = Connector::for_replica(url).map_err(|error| {
                if let ServerError::BadUrl(reason) = error {
                    ServerError::BadReplicaUrl(reason)
                } else {
                    error
                }
            })?;
            let name = connector.name();
            let pool = Arc::new(Pool::new(Arc::new(connector), setup, connections));
            Ok(Replica {
                name,
                pool,
                breaker: Breaker::new(BreakerOptions::default()),
                shows: Mutex::default(),
            })
        };
        let replicas: Arc<[Replica]> = urls.iter().map(replica).collect::<Result<_, ServerError>>()?;
        let primary = Arc::new(Pool::new(primary, setup, 1));
        let mut beats =
            Beats { statements, primary, replicas: Arc::clone(&replicas), written: VecDeque::new() };
        beats.next().await?;
        let beats = tokio::spawn(beats.run()).abort_handle();
        Ok(Self { replicas, next: AtomicUsize::new(0), beats })
    }

    /// A replica that may be asked now, each in its turn; `None` if none may.
    pub fn choose(&self) -> Option<&Replica> {
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.replicas.len();
        let in_turn = (0..count).filter_map(|at| self.replicas.get(first.wrapping_add(at) % count));
        in_turn.into_iter().find(|replica| replica.delay().is_some())
    }

    /// The state of each.
    pub fn status(&self) -> Vec<ReplicaStatus> {
        let status = |replica: &Replica| ReplicaStatus { name: replica.name.clone(), delay: replica.delay() };
        self.replicas.iter().map(status).collect()
    }
}

/// Counts up on the primary, and looks what the replicas show.
struct Beats {
    statements: BeatStatements,
    primary: Arc<Pool>,
    replicas: Arc<[Replica]>,
    /// The numbers that we wrote, with the time at which we began to write them; the oldest first.
    written: VecDeque<(Instant, i64)>,
}

impl Beats {
    async fn run(mut self) {
        let mut ticks = interval(BEAT);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick is at once, and the first beat has been made.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            // The primary's failures are reported by all who use it. Replicas of other databases were reported as away.
            drop(self.next().await);
        }
    }

    /// One beat.
    async fn next(&mut self) -> Result<(), ServerError> {
        let begun = Instant::now();
        let (number, database) = answer(&self.primary, self.statements.write).await?;
        self.written.push_back((begun, number));
        while self.written.front().is_some_and(|(at, _)| at.elapsed() > MAX_DELAY) {
            self.written.pop_front();
        }
        let look = |replica| self.look(replica, &database);
        let looked = join_all(self.replicas.iter().map(look)).await;
        looked.into_iter().collect()
    }

    /// Looks which number a replica shows, unless it was away a moment ago.
    async fn look(&self, replica: &Replica, database: &[u8]) -> Result<(), ServerError> {
        let Some(permit) = replica.breaker.permit() else { return Ok(()) };
        match answer(&replica.pool, self.statements.read).await {
            Ok((number, shown)) if shown == database => {
                let shown = self.written.iter().rev().find(|(_, written)| *written <= number);
                *replica.shows() = shown.map(|(at, _)| *at);
                if let Outcome::Closed { away_for } = permit.succeed() {
                    tracing::info!(replica = replica.name, ?away_for, "a database replica is back");
                }
                Ok(())
            }
            Ok(_) => {
                let other = ServerError::OtherDatabase(replica.name.clone());
                *replica.shows() = None;
                replica.failed(permit, &other.to_string());
                Err(other)
            }
            Err(error) => {
                *replica.shows() = None;
                replica.failed(permit, &error.to_string());
                Ok(())
            }
        }
    }
}

/// The row of a beat's statement.
async fn answer(pool: &Pool, statement: &str) -> Result<(i64, Vec<u8>), ServerError> {
    let ask = async {
        let connection = pool.get().await?;
        let row = connection.client.query_one(statement, &[]).await.map_err(|error| failed(&error))?;
        let answer = (row.get(0), row.get(1));
        pool.put_back(connection);
        Ok(answer)
    };
    let silent = || ServerError::Unreachable("the server did not answer in time".to_owned());
    timeout(PATIENCE, ask).await.unwrap_or_else(|_elapsed| Err(silent()))
}
