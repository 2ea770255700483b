//! The state that all requests share: limits, permits, metrics.

use crate::answers;
use crate::context::Network;
use crate::gate::Gates;
use crate::limits::{LimitedCaller, RateLimit, RateLimiting, RateLimits, SharedCounters, WrongPasswords};
use crate::metrics::HttpMetrics;
use crate::metrics_token::MetricsToken;
use crate::problem::Problem;
use crate::shares::Shares;
use crate::shutdown::Shutdown;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// The operator's settings for the edge.
#[derive(Clone, Debug)]
pub struct EdgeOptions {
    /// Whether callers are limited.
    pub limits: RateLimiting,
    /// Counters that all servers share; `None` when each counts alone.
    pub shared_counters: Option<Arc<dyn SharedCounters>>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether visitors reach the server by https. Then their browsers are told never to use plain http.
    pub https: bool,
    /// Whether lists may be read from database replicas, so that browsers must remember that they have changed something.
    pub late_lists: bool,
    /// With it, programs on other machines may read the measurements.
    pub metrics_token: Option<MetricsToken>,
}

/// The state of the edge of one server.
#[derive(Debug)]
pub struct Edge {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether visitors reach the server by https.
    pub(crate) https: bool,
    /// Whether lists may be read from database replicas.
    pub(crate) late_lists: bool,
    /// With it, programs on other machines may read the measurements.
    pub metrics_token: Option<MetricsToken>,
    /// Counts requests by caller.
    pub limits: RateLimits,
    /// Counts failed sign-ins.
    pub logins: WrongPasswords,
    /// Counts requests and connections.
    pub metrics: HttpMetrics,
    /// Places for requests and their bodies.
    pub(crate) gates: Arc<Gates>,
    /// Memory for large answers.
    pub(crate) answers: Arc<Shares>,
    /// Tells connections that the server is about to stop.
    pub shutdown: Shutdown,
}

/// A handle to the [`Edge`]; handlers' states provide it through `FromRef`.
#[derive(Clone, Debug)]
pub struct EdgeState(Arc<Edge>);

impl EdgeState {
    /// The edge of a server that has not answered anything yet.
    #[must_use]
    pub fn new(options: EdgeOptions, metrics: HttpMetrics) -> Self {
        // Without limits nothing is asked of the counters.
        let guesses = options.shared_counters.clone().filter(|_| options.limits == RateLimiting::On);
        Self(Arc::new(Edge {
            trusted_proxies: options.trusted_proxies,
            https: options.https,
            late_lists: options.late_lists,
            metrics_token: options.metrics_token,
            limits: RateLimits::new(options.limits, options.shared_counters),
            logins: WrongPasswords::new(guesses),
            metrics,
            gates: Arc::default(),
            answers: answers::budget(),
            shutdown: Shutdown::default(),
        }))
    }
}

impl Deref for EdgeState {
    type Target = Edge;

    fn deref(&self) -> &Edge {
        &self.0
    }
}

impl Edge {
    /// The caller whose share of places a request from this address takes; `None` when callers are not limited.
    pub(crate) fn sharer(&self, client: IpAddr) -> Option<LimitedCaller> {
        self.limits.are_on().then(|| LimitedCaller::site(client))
    }

    /// Brings the metrics up to date; call it before encoding them.
    pub fn flush_metrics(&self) {
        let places = |shares: &Shares| i64::try_from(shares.taken()).unwrap_or(i64::MAX);
        self.metrics.flush(places(&self.gates.in_flight), places(&self.gates.arriving));
    }

    /// Counts one request of `caller` under `limit`.
    ///
    /// # Errors
    /// `rate_limited` with `Retry-After` when the caller has reached it.
    pub async fn check_limit(&self, limit: RateLimit, caller: LimitedCaller) -> Result<(), Problem> {
        let checked = self.limits.check(limit, caller).await;
        checked.map_err(|retry_after| self.rate_limited(limit, retry_after))
    }

    /// As [`Self::check_limit`], on this server alone: for limits by address where nothing can be waited for.
    ///
    /// # Errors
    /// `rate_limited` with `Retry-After` when the caller has reached it.
    pub fn check_limit_here(&self, limit: RateLimit, caller: LimitedCaller) -> Result<(), Problem> {
        let checked = self.limits.check_here(limit, caller);
        checked.map_err(|retry_after| self.rate_limited(limit, retry_after))
    }

    fn rate_limited(&self, limit: RateLimit, retry_after: Duration) -> Problem {
        self.metrics.rate_limited(limit.name());
        Problem::rate_limited(retry_after)
    }
}
