//! The connection to Redis: kept by one task, used by many, and given up at once when Redis does not answer.
//!
//! What must always hold: nobody but the keeper waits for a connection or tries whether Redis is back, so that no request of a buyer is slowed by
//! that. A call has [`Link::patience`].

use crate::metrics::{Purpose, RedisMetrics};
use crate::url::Trouble;
use fairseat_breaker::{Breaker, BreakerOptions, BreakerState, Outcome, Permit};
use parking_lot::RwLock;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, Client, RedisResult, Script};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How long connecting may take.
const CONNECT_TIME: Duration = Duration::from_secs(1);
/// How often the keeper asks whether Redis still counts.
const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Requests that wait for the connection's task before callers wait for their turn.
const PIPELINE: usize = 1_024;
/// One call that took too long is no outage: the machine may have been busy. The pauses are short, because a check costs little.
const BREAKER: BreakerOptions = BreakerOptions {
    failures: 3,
    first_pause: Duration::from_millis(500),
    longest_pause: Duration::from_secs(5),
};

/// Redis could not be asked, or did not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Away;

/// The connection to Redis.
pub(crate) struct Link {
    client: Client,
    /// Where Redis is, without a password.
    pub(crate) address: String,
    /// How long an answer may take.
    patience: Duration,
    connection: RwLock<Option<MultiplexedConnection>>,
    breaker: Breaker,
    /// A call failed: the keeper looks at once.
    failed: Notify,
    pub(crate) metrics: RedisMetrics,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Link {
    /// A link that is not connected yet.
    pub(crate) fn new(
        client: Client,
        address: String,
        patience: Duration,
        metrics: RedisMetrics,
    ) -> Arc<Self> {
        let breaker = Breaker::new(BREAKER);
        metrics.watch(breaker.clone());
        let (connection, failed) = (RwLock::new(None), Notify::new());
        Arc::new(Self { client, address, patience, connection, breaker, failed, metrics })
    }

    /// Whether Redis is there, as far as is known.
    pub(crate) fn is_there(&self) -> bool {
        self.breaker.state() == BreakerState::Closed
    }

    /// Connects for the first time. `check` finds out whether Redis does what it must.
    ///
    /// # Errors
    /// When Redis refuses. If it is merely away, the keeper goes on trying.
    pub(crate) async fn reach(&self, check: &Check) -> Result<(), Trouble> {
        match self.check(check).await {
            Ok(()) => Ok(()),
            Err(refused @ Trouble::Refused(_)) => Err(refused),
            Err(away @ Trouble::Away(_)) => {
                while let Some(permit) = self.breaker.permit() {
                    self.note_failure(permit, away.reason());
                }
                Ok(())
            }
        }
    }

    /// Keeps the connection: checks it now and then and after each failure, and makes a new one when it is broken.
    pub(crate) async fn keep(&self, check: &Check) {
        loop {
            let permit = self.breaker.permitted().await;
            match self.check(check).await {
                Ok(()) => {
                    self.note_success(permit);
                    tokio::select! {
                        () = sleep(CHECK_EVERY) => {}
                        () = self.failed.notified() => {}
                    }
                }
                Err(trouble) => self.note_failure(permit, trouble.reason()),
            }
        }
    }

    /// Makes a call if Redis is there.
    ///
    /// # Errors
    /// When it is away, refuses, or does not answer in time.
    pub(crate) async fn call<T, F>(
        &self,
        purpose: Purpose,
        ask: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, Away>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let (permit, connection) = self.permitted().ok_or(Away)?;
        let answered = timeout(self.patience, ask(connection)).await;
        self.metrics.called(purpose, matches!(answered, Ok(Ok(_))));
        let trouble = match answered {
            Ok(Ok(answer)) => {
                self.note_success(permit);
                return Ok(answer);
            }
            Ok(Err(failure)) => Trouble::from(failure),
            Err(_elapsed) => Trouble::slow(),
        };
        self.note_failure(permit, trouble.reason());
        self.failed.notify_one();
        Err(Away)
    }

    /// A permit that is not the trial, which is the keeper's, and the connection.
    fn permitted(&self) -> Option<(Permit, MultiplexedConnection)> {
        if !self.is_there() {
            return None;
        }
        let permit = self.breaker.permit().filter(|permit| !permit.is_trial())?;
        Some((permit, self.connection.read().clone()?))
    }

    /// A connection for messages of the doorbell.
    pub(crate) async fn subscribe(&self, channel: &str) -> Result<PubSub, Trouble> {
        let subscribe = async {
            let mut messages = self.client.get_async_pubsub().await?;
            messages.subscribe(channel).await?;
            Ok(messages)
        };
        timeout(CONNECT_TIME, subscribe).await.map_err(|_elapsed| Trouble::slow())?
    }

    /// Sends one command at the start, for its errors.
    pub(crate) async fn try_out(&self, command: &redis::Cmd) -> Result<(), Trouble> {
        let connection = self.connection.read().clone();
        let Some(mut connection) = connection else { return Ok(()) };
        let asked = timeout(CONNECT_TIME, command.query_async::<redis::Value>(&mut connection)).await;
        asked.map_err(|_elapsed| Trouble::slow())?.map(drop).map_err(Trouble::from)
    }

    /// Whether Redis does what it must. Keeps the connection if it does, and gives it up otherwise.
    async fn check(&self, check: &Check) -> Result<(), Trouble> {
        let checked = self.checked(check).await;
        self.metrics.called(Purpose::Check, checked.is_ok());
        let (connection, outcome) = match checked {
            Ok(connection) => (Some(connection), Ok(())),
            Err(trouble) => (None, Err(trouble)),
        };
        *self.connection.write() = connection;
        outcome
    }

    /// The connection, or a new one, over which Redis has just done what it must.
    async fn checked(&self, check: &Check) -> Result<MultiplexedConnection, Trouble> {
        let known = self.connection.read().clone();
        let mut connection = match known {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let asked = timeout(self.patience, check.ask(&mut connection)).await;
        asked.map_err(|_elapsed| Trouble::slow())??;
        Ok(connection)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, Trouble> {
        // Callers bound the time of each call themselves, also where it takes several commands.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIME))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(PIPELINE);
        Ok(self.client.get_multiplexed_async_connection_with_config(&config).await?)
    }

    fn note_success(&self, permit: Permit) {
        if let Outcome::Closed { away_for } = permit.succeed() {
            let (redis, away_s) = (&self.address, away_for.as_secs());
            tracing::info!(
                redis,
                away_s,
                "Redis is back: limits are counted for all nodes together again, and the doorbell rings"
            );
        }
    }

    fn note_failure(&self, permit: Permit, reason: &str) {
        if permit.fail() == Outcome::Opened {
            tracing::warn!(
                redis = self.address,
                reason,
                "Redis is away: each node counts limits alone, and maps of other nodes' events are up to a second old"
            );
        } else {
            tracing::debug!(redis = self.address, reason, "Redis does not do what it was asked");
        }
    }
}

/// Finds out whether Redis does what it must: it counts by the script that counts requests, which needs a server that accepts writes.
#[derive(Debug)]
pub(crate) struct Check {
    script: Script,
    key: String,
}

impl Check {
    pub(crate) fn new(script: Script, key: String) -> Self {
        Self { script, key }
    }

    async fn ask(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let mut call = self.script.key(&self.key);
        // A bucket with room for everybody.
        let _counted: (i64, i64) =
            call.arg(1_000).arg(1_000_000_000_i64).arg(0).invoke_async(connection).await?;
        Ok(())
    }
}
