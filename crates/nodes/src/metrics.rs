//! Measurements of the nodes.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Measurements of the nodes.
#[derive(Clone, Debug)]
pub struct NodeMetrics {
    alive: Gauge,
    forwards: Family<Outcome, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl NodeMetrics {
    /// Registers them.
    pub fn new(registry: &mut Registry) -> Self {
        let (alive, forwards) = (Gauge::default(), Family::default());
        registry.register("nodes_alive", "Nodes that run, this one included", alive.clone());
        registry.register(
            "forwards",
            "Requests passed on to the node that serves their sale: answered there, or carried out here because they could not be sent \
             or got no answer",
            forwards.clone(),
        );
        Self { alive, forwards }
    }

    pub(crate) fn alive(&self, count: usize) {
        self.alive.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    pub(crate) fn forwarded(&self, outcome: &'static str) {
        self.forwards.get_or_create(&Outcome { outcome }).inc();
    }
}
