//! One Redis server, as a node uses it.

use crate::counters::{Counters, count_script};
use crate::doorbell::RedisDoorbell;
use crate::link::{Check, Link};
use crate::metrics::RedisMetrics;
use crate::names::Names;
use crate::url::{RedisError, RedisUrl, Trouble};
use fairseat_edge::limits::SharedCounters;
use fairseat_engine::{Doorbell, Engine, Machine};
use std::sync::Arc;
use std::time::Duration;

/// How Redis is used.
#[derive(Clone)]
pub struct RedisOptions {
    /// Where it is.
    pub url: RedisUrl,
    /// The fingerprint of the keys that the nodes over one database share, so that nodes over other databases can use the same server.
    pub fingerprint: [u8; 32],
    /// A secret of these nodes: the names of counters are hashed with it.
    pub secret: [u8; 32],
    /// How long an answer may take.
    pub patience: Duration,
}

impl RedisOptions {
    /// How long an answer usually may take: on a network of one's own it takes less than a millisecond.
    pub const PATIENCE: Duration = Duration::from_millis(50);
}

impl std::fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisOptions").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// A Redis or Valkey server.
#[derive(Debug)]
pub struct Redis {
    link: Arc<Link>,
    check: Check,
    doorbell: Arc<RedisDoorbell>,
    counters: Arc<Counters>,
}

impl Redis {
    /// Connects. If the server is away that is logged, and [`Self::run`] connects later.
    ///
    /// # Errors
    /// What the operator must change: the address cannot be read, or the server refuses what a node asks of it.
    pub async fn open(options: RedisOptions, metrics: RedisMetrics) -> Result<Arc<Self>, RedisError> {
        let RedisOptions { url, fingerprint, secret, patience } = options;
        let (client, address) = url.client()?;
        let mut me = [0; 8];
        getrandom::fill(&mut me).map_err(|_error| RedisError::NoRandomNumbers)?;
        let names = Names::new(&fingerprint, &secret);
        let link = Link::new(client, address, patience, metrics);
        let check = Check::new(count_script(), names.check());
        let doorbell = RedisDoorbell::new(link.clone(), names.doorbell(), u64::from_be_bytes(me));
        let counters = Arc::new(Counters::new(link.clone(), names));
        let redis = Self { link, check, doorbell: Arc::new(doorbell), counters };
        redis.reach().await.map_err(|trouble| {
            let (address, reason) = (redis.link.address.clone(), trouble.reason().to_owned());
            RedisError::Unusable { address, reason }
        })?;
        Ok(Arc::new(redis))
    }

    async fn reach(&self) -> Result<(), Trouble> {
        self.link.reach(&self.check).await?;
        if self.link.is_there() {
            self.doorbell.try_out().await?;
            tracing::info!(redis = self.link.address, "limits and news are shared with other nodes by Redis");
        }
        Ok(())
    }

    /// Tells other nodes what this one appended.
    #[must_use]
    pub fn doorbell(&self) -> Arc<dyn Doorbell> {
        self.doorbell.clone()
    }

    /// The counters that nodes share.
    #[must_use]
    pub fn counters(&self) -> Arc<dyn SharedCounters> {
        self.counters.clone()
    }

    /// Keeps the connection, says what this node appended, and has the engine read what others did; until the engine stops.
    pub async fn run<M: Machine>(self: Arc<Self>, engine: Engine<M>) {
        let work = async {
            tokio::join!(self.link.keep(&self.check), self.doorbell.send(), self.doorbell.listen(&engine))
        };
        tokio::select! {
            biased;
            () = engine.stopped() => {}
            _ = work => {}
        }
    }
}
