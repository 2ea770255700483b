//! Metrics of HTTP: requests by route, connections, refusals. A label has few values, which are fixed in the program (route templates,
//! status classes); an event, a buyer or an address is never a label.

use crate::per_thread::PerThread;
use axum::extract::MatchedPath;
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

/// Bucket bounds in seconds; the bounds 0.5, 2, 5 and 10 s are the goals for response times.
pub const LATENCY_SECONDS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 5.0, 10.0];

/// Requests that a thread gathers before it adds them to the shared histogram. A counter that all threads write to on each request costs
/// cache-line contention (docs/adr/0012-per-thread.md has the measurement).
const GATHERED_REQUESTS: usize = 64;

/// The labels of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RouteLabels {
    pub(crate) method: &'static str,
    pub(crate) route: Route,
    pub(crate) status_class: &'static str,
}

/// Hashes the route alone, which is fast: every request is hashed, and nearly all label sets differ in their route.
impl Hash for RouteLabels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.route.hash(state);
    }
}

/// The template of the matched route, such as `/api/v1/events/{event_id}`. Cloning one copies no text.
#[derive(Clone, Debug)]
pub(crate) enum Route {
    /// The router matched it.
    Matched(MatchedPath),
    /// The request was answered without the router.
    Template(&'static str),
    /// No route has this address.
    None,
}

impl Route {
    /// The template, or `none` when no route matched.
    pub(crate) fn template(&self) -> &str {
        match self {
            Self::Matched(path) => path.as_str(),
            Self::Template(template) => template,
            Self::None => "none",
        }
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.template() == other.template()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.template().hash(state);
    }
}

impl EncodeLabelSet for RouteLabels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("method", self.method).encode(encoder.encode_label())?;
        ("route", self.route.template()).encode(encoder.encode_label())?;
        ("status", self.status_class).encode(encoder.encode_label())
    }
}

/// The class of a limit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct LimitLabel(&'static str);

impl EncodeLabelSet for LimitLabel {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("class", self.0).encode(encoder.encode_label())
    }
}

#[derive(Clone, Copy, Debug)]
struct Latency;

impl MetricConstructor<Histogram> for Latency {
    fn new_metric(&self) -> Histogram {
        Histogram::new(LATENCY_SECONDS)
    }
}

/// Counts requests and connections.
#[derive(Debug)]
pub struct HttpMetrics {
    requests: Family<RouteLabels, Histogram, Latency>,
    /// Answered requests, by thread, that are not yet in [`Self::requests`].
    answered: PerThread<Vec<(RouteLabels, Duration)>>,
    in_flight: Gauge,
    bodies_arriving: Gauge,
    connections: Gauge,
    connections_refused: Counter,
    panics: Counter,
    rate_limited: Family<LimitLabel, Counter>,
}

impl HttpMetrics {
    /// All at zero, listed in `registry`.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::new_with_constructor(Latency),
            answered: PerThread::default(),
            in_flight: Gauge::default(),
            bodies_arriving: Gauge::default(),
            connections: Gauge::default(),
            connections_refused: Counter::default(),
            panics: Counter::default(),
            rate_limited: Family::default(),
        };
        registry.register("http_request_duration_seconds", "Requests by route", metrics.requests.clone());
        registry.register("http_requests_in_flight", "Requests being answered", metrics.in_flight.clone());
        let arriving = metrics.bodies_arriving.clone();
        registry.register("http_bodies_arriving", "Requests whose body is still arriving", arriving);
        registry.register("http_connections", "Open connections", metrics.connections.clone());
        let refused = metrics.connections_refused.clone();
        registry.register("http_connections_refused", "Connections refused because of a limit", refused);
        registry.register("panics", "Handlers that panicked; each one is a bug", metrics.panics.clone());
        let limited = metrics.rate_limited.clone();
        registry.register("rate_limited", "Requests answered 429, by class of limit", limited);
        metrics
    }

    /// Adds what every thread has gathered to the shared histogram, and notes how many requests are in flight and
    /// how many bodies are arriving.
    pub(crate) fn flush(&self, in_flight: i64, arriving: i64) {
        self.in_flight.set(in_flight);
        self.bodies_arriving.set(arriving);
        self.answered.lock_each().for_each(|mut answered| self.add(&mut answered));
    }

    pub(crate) fn request_answered(&self, labels: RouteLabels, took: Duration) {
        let mut answered = self.answered.current();
        answered.push((labels, took));
        if answered.len() >= GATHERED_REQUESTS {
            self.add(&mut answered);
        }
    }

    fn add(&self, answered: &mut Vec<(RouteLabels, Duration)>) {
        for (labels, took) in answered.drain(..) {
            self.requests.get_or_create(&labels).observe(took.as_secs_f64());
        }
    }

    pub(crate) fn connection_opened(&self) {
        self.connections.inc();
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.dec();
    }

    pub(crate) fn connection_refused(&self) {
        self.connections_refused.inc();
    }

    /// Counts a handler that panicked.
    pub fn panicked(&self) {
        self.panics.inc();
    }

    /// Counts a request refused by a limit of this name.
    pub fn rate_limited(&self, class: &'static str) {
        self.rate_limited.get_or_create(&LimitLabel(class)).inc();
    }
}
