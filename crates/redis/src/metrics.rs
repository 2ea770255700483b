//! Measurements of what is asked of Redis.

use fairseat_breaker::Breaker;
use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::fmt::Error;
use std::sync::Arc;

/// What is asked of Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Whether it is there.
    Check,
    /// To count a request or a guess.
    Limits,
    /// To tell other nodes of new facts.
    Doorbell,
}

/// Measurements of what is asked of Redis.
#[derive(Clone, Debug)]
pub struct RedisMetrics {
    /// Answered and failed calls, by purpose.
    calls: [[Counter; 2]; 3],
    heard: Counter,
    breaker: Arc<Mutex<Option<Breaker>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    purpose: &'static str,
    outcome: &'static str,
}

impl RedisMetrics {
    /// Registers them.
    pub fn new(registry: &mut Registry) -> Self {
        let (calls, heard): (Family<Call, Counter>, Counter) = (Family::default(), Counter::default());
        registry.register("redis_calls", "Calls to Redis, by purpose and outcome", calls.clone());
        registry.register(
            "doorbell_heard",
            "Streams of which other nodes said by Redis that they had appended to them",
            heard.clone(),
        );
        let counted = |purpose| {
            ["answered", "failed"].map(|outcome| calls.get_or_create_owned(&Call { purpose, outcome }))
        };
        let calls = ["check", "limits", "doorbell"].map(counted);
        let breaker: Arc<Mutex<Option<Breaker>>> = Arc::default();
        registry.register_collector(Box::new(Away(breaker.clone())));
        Self { calls, heard, breaker }
    }

    /// The breaker that knows how long Redis has been away.
    pub(crate) fn watch(&self, breaker: Breaker) {
        *self.breaker.lock() = Some(breaker);
    }

    pub(crate) fn called(&self, purpose: Purpose, is_answered: bool) {
        let [answered, failed] = match purpose {
            Purpose::Check => &self.calls[0],
            Purpose::Limits => &self.calls[1],
            Purpose::Doorbell => &self.calls[2],
        };
        if is_answered {
            answered.inc()
        } else {
            failed.inc()
        };
    }

    pub(crate) fn heard(&self, streams: usize) {
        self.heard.inc_by(u64::try_from(streams).unwrap_or(u64::MAX));
    }
}

/// How long Redis has been away, found out when measurements are read.
#[derive(Debug)]
struct Away(Arc<Mutex<Option<Breaker>>>);

impl Collector for Away {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let away_for = self.0.lock().as_ref().and_then(Breaker::away_for);
        // At least 1 while it is away, so that an alert above 0 sees it at once.
        let seconds = away_for.map_or(0, |away| away.as_secs().max(1));
        let gauge = ConstGauge::new(i64::try_from(seconds).unwrap_or(i64::MAX));
        let help = "How long Redis has been away; 0 while it is there";
        gauge.encode(encoder.encode_descriptor("redis_away_seconds", help, None, gauge.metric_type())?)
    }
}
